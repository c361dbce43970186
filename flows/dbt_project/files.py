"""dbt's own YAML files as mappings, and the little Jinja in them that is needed before dbt runs."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import SandboxedEnvironment

from flows.settings import SettingsError


def read_mapping(path: Path, *, missing: str) -> dict[str, Any]:
    """What the YAML file says. `missing` tells what to do when there is no such file. Raises SettingsError.

    The text of the file is never quoted: a profile can hold a password.
    """
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SettingsError(f"Not started. There is no `{path}`. {missing}") from None
    except OSError as error:
        raise SettingsError(f"Not started. `{path}` cannot be read: {error.strerror}. Correct that.") from None
    except UnicodeDecodeError as error:
        message = f"Not started. `{path}` is not UTF-8 text (byte {error.start + 1}). Save it as UTF-8."
        raise SettingsError(message) from None
    except yaml.YAMLError as error:
        raise SettingsError(f"Not started. `{path}` is not valid YAML: {_problem(error)}. Correct it.") from None
    return as_mapping(found, f"`{path}`")


def as_mapping(found: object, what: str) -> dict[str, Any]:
    """The value, if it is a mapping. Raises SettingsError, which begins with `what` the value is."""
    if not isinstance(found, Mapping):
        kind = {type(None): "nothing", list: "a list", str: "a text"}.get(type(found), f"a {type(found).__name__}")
        message = f"Not started. {what} holds {kind}, where dbt needs a mapping of names to values. Correct it."
        raise SettingsError(message)
    return dict(found)


def rendered(text: str, what: str) -> str:
    """The text with its Jinja rendered as dbt renders names: `env_var` is all there is. Raises SettingsError.

    Documented at docs.getdbt.com/reference/dbt-jinja-functions/env_var: a variable that is not set takes the default,
    and is an error where there is none.
    """
    environment = SandboxedEnvironment(undefined=StrictUndefined)
    try:
        return environment.from_string(text).render(env_var=_env_var)
    except _Unset as error:
        message = f"Not started. {what} is `{text}`, and `{error}` is not set in the environment. Set it."
        raise SettingsError(message) from None
    except (TemplateError, TypeError) as error:
        message = f"Not started. {what} is `{text}`, which cannot be rendered: {error}. Accepted: text and env_var()."
        raise SettingsError(message) from None


class _Unset(Exception):
    """An environment variable without a value or a default."""


def _env_var(name: str, default: str | None = None) -> str:
    value = os.environ.get(name, default)
    if value is None:
        raise _Unset(name)
    return value


def _problem(error: yaml.YAMLError) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        return f"line {error.problem_mark.line + 1}: {error.problem}"
    return " ".join(str(error).split())
