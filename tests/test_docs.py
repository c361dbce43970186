"""What the documentation says is there, and what is there is documented."""

import ast
import re
import shlex
import textwrap
import tomllib
from pathlib import Path

import pytest
from click.exceptions import UsageError
from pydantic import BaseModel
from typer.main import get_command

from bot.commands import command_line
from bot.settings import Settings as BotSettings
from bot.thread import words as thread_words
from flows.contract import AskRule, AutoRule, BlockRule, Policy
from flows.contract.reminders import QuietHours, Reminders
from flows.settings import DbtSettings, GateSettings, load_settings
from flows.settings.diff_section import DiffSettingsSection, DiffTable
from flows.settings.warehouse_section import WarehouseSettings
from tests.wap.test_diff_result import DOCUMENT
from wap.cli import app

ROOT = Path(__file__).parents[1]
TOPS = ("bot", "flows", "sandbox", "wap")
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), *sorted((ROOT / "docs" / "adr").glob("*.md")))
SECTIONS: dict[str, tuple[type[BaseModel], ...]] = {
    "[dbt]": (DbtSettings,),
    "[gate]": (GateSettings,),
    "[policy]": (Policy, Reminders, QuietHours),
    "[[rules]]": (BlockRule, AskRule, AutoRule),
    "[diff]": (DiffSettingsSection, DiffTable),
    "[warehouse]": (WarehouseSettings,),
}
HEADERS = {"[diff]": {"tables"}, "[policy]": {"reminders"}}
"""Keys that are named by a header, such as `[diff.tables.NAME]`."""


def _page(name: str) -> str:
    return (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")


def _code(text: str) -> list[str]:
    """What stands between back-ticks."""
    return re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))


@pytest.mark.parametrize("section", SECTIONS)
def test_every_key_of_wap_toml_is_documented(section: str) -> None:
    """In its part of docs/settings.md, and in wap.toml itself."""
    part = _page("settings").partition(f"## `{section}`")[2].partition("\n## ")[0]
    fields = {name for model in SECTIONS[section] for name in model.model_fields} - HEADERS.get(section, set())
    sample = (ROOT / "wap.toml").read_text(encoding="utf-8")
    assert fields - set(_code(part)) == set()
    assert {field for field in fields if not re.search(rf"\b{field}\b", sample)} == set()


def test_examples_of_settings_are_accepted(tmp_path: Path) -> None:
    """All TOML of the page as one file, and all that wap.toml has behind a `#`."""
    (tmp_path / "dbt").mkdir()
    (tmp_path / "dbt" / "dbt_project.yml").touch()
    examples = "\n".join(re.findall(r"```toml\n(.*?)```", _page("settings"), flags=re.DOTALL))
    least = '[dbt]\nproject = "dbt"\n[policy]\napprovers = ["channel"]\n'
    sample = (ROOT / "wap.toml").read_text(encoding="utf-8")
    commented = re.sub(r"^# ?(?=\[|\w+ = )", "", sample, flags=re.MULTILINE)
    assert commented.count("\n[[rules]]\n") == 3
    for text in (least + examples, commented):
        (tmp_path / "wap.toml").write_text(text, encoding="utf-8")
        assert load_settings(tmp_path / "wap.toml").rules
        assert "diff" in tomllib.loads(text)


def test_smallest_settings_are_accepted(tmp_path: Path) -> None:
    """What the README calls enough is enough."""
    (tmp_path / "dbt_project.yml").touch()
    [example] = re.findall(r"```toml\n(.*?)```", _read(ROOT / "README.md"), flags=re.DOTALL)
    (tmp_path / "wap.toml").write_text(textwrap.dedent(example), encoding="utf-8")
    assert load_settings(tmp_path / "wap.toml").policy.approvers == ("channel",)


def test_every_variable_of_the_bot_is_documented() -> None:
    """And no other."""
    known = {str(info.alias) for info in BotSettings.model_fields.values()}
    table = _page("setup").partition("## The bot's environment")[2].partition("\n## ")[0]
    assert {name for name in _code(table) if re.fullmatch(r"[A-Z_]{6,}", name)} - {"DEBUG"} == known


def test_every_slack_command_is_documented() -> None:
    """Each that there is; each that is written anywhere is understood, or is a command's bare name."""
    typed = [code.removeprefix("/wap").strip() for page in PAGES for code in _code(_read(page)) if _is(code, "/wap ")]
    understood = [command_line.parse(text) for text in typed]
    assert set(command_line.USAGES) <= {text.split()[0] for text in typed if text}
    unknown = [text for text, found in zip(typed, understood, strict=True) if _is_not_understood(found)]
    assert [text for text in unknown if text not in command_line.USAGES] == []


def test_every_question_is_documented() -> None:
    """Each word to the bot; each that is documented anywhere is understood."""
    typed = [code.removeprefix("@wap ") for page in PAGES for code in _code(_read(page)) if _is(code, "@wap ")]
    assert set(thread_words.WORDS) <= {text.split()[0] for text in typed}
    found = [thread_words.parse(text) for text in typed]
    assert [one for one in found if isinstance(one, thread_words.Help) and one.unknown] == []


def test_every_option_of_diff_and_every_key_is_documented() -> None:
    """What scripts rely on is written down."""
    page = _page("diff")
    options = {name for option in get_command(app).commands["diff"].params for name in option.opts}  # type: ignore[attr-defined]
    assert options - {"table", "--help"} <= set(_code(page))
    assert {key for key in DOCUMENT if not re.search(rf"\b{key}\b", page.partition("## The JSON")[2])} == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_printed_commands_are_accepted(page: Path) -> None:
    """Every `wap ...` that can be copied has a command and options that exist."""
    group = get_command(app)
    for line in re.findall(r"^    (?:\.venv/bin/)?(wap .*)$", _read(page), flags=re.MULTILINE):
        name, *arguments = shlex.split(line, comments=True)[1:]
        try:
            group.commands[name].make_context(name, arguments)  # type: ignore[attr-defined]
        except UsageError as error:
            pytest.fail(f"{line}: {error.format_message()}")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    """Every link and picture inside the repository exists."""
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", _read(page))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_pictures_are_shown_and_small() -> None:
    """No picture lies about unused, and all of them together stay below three megabytes."""
    pictures = list((ROOT / "docs" / "images").iterdir())
    text = "".join(map(_read, PAGES))
    assert [picture.name for picture in pictures if f"images/{picture.name}" not in text] == []
    assert sum(picture.stat().st_size for picture in pictures) < 3_000_000


def test_page_of_the_code_names_every_room() -> None:
    """One line for each package, in the words of its docstring, and none for what is gone."""
    tree = _page("code").partition("## The rooms")[2]
    above: list[str] = []
    lines: dict[str, str] = {}
    for indent, name, says in re.findall(r"^ {4}( *)(\w+)/ +(.+)$", tree, flags=re.MULTILINE):
        above = [*above[: len(indent) // 2], name]
        lines["/".join(above)] = says
    inits = [init for top in TOPS for init in (ROOT / top).rglob("__init__.py")]
    assert lines == {init.parent.relative_to(ROOT).as_posix(): _first_line(init) for init in inits}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_paths_that_are_named_exist(page: Path) -> None:
    """Files and folders of the repository that a sentence names without a link."""
    named = re.findall(rf"(?<![\w./-])((?:{'|'.join(TOPS)}|tests|benchmarks|docs)/[\w./-]*[\w/])", _read(page))
    assert [path for path in named if not (ROOT / path).exists()] == []


def _first_line(module: Path) -> str:
    return (ast.get_docstring(ast.parse(_read(module))) or "").partition("\n")[0]


def _read(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def _is(code: str, start: str) -> bool:
    return code.startswith(start) or code == start.strip()


def _is_not_understood(found: command_line.Understood) -> bool:
    is_unknown = isinstance(found, command_line.Help) and bool(found.unknown)
    return is_unknown or isinstance(found, command_line.Incomplete)
