"""One table of a dbt target: staging against production, with the keys and masks of dbt and wap.toml."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from flows.contract import TableDiff
from flows.diff import Key
from flows.diff.settings import key_of
from flows.settings import Settings, load_settings
from flows.settings.diff_names import missed_masks, unknown_names
from flows.settings.diff_setup import diff_keys, diff_settings
from flows.settings.schemas import of_schema, one_schema
from flows.warehouse.opening import open_reader
from flows.warehouse.places import Place
from wap.diff.asked import Asked, NotCompared
from wap.diff.comparing import Both, Compared, compare
from wap.diff.places import find_both

NO_MANIFEST = "dbt has left no manifest.json, so only wap.toml names keys and masks; `dbt parse` makes one."


def compare_in_target(asked: Asked) -> Compared:
    """The table in both schemas of the target, or of that pair of its schemas which the name begins with.

    Raises NotCompared, SettingsError and WarehouseError.
    """
    from flows.dbt_project.profile import connect_info, read_profile, target_of

    assert asked.table is not None
    settings = load_settings(asked.config)
    connection = connect_info(settings, read_profile(settings))
    whole = target_of(connection, settings)
    target, home, typed = one_schema(whole, asked.table)
    settings = settings.model_copy(update={"diff": of_schema(settings.diff, whole, home)})
    manifest = _manifest(settings)
    with open_reader(connection, target) as reader:
        places = reader.places()
        both = Both(*find_both(reader, places, target, typed=typed))
        compared = compare(
            reader,
            both,
            asked,
            settings=diff_settings(settings.diff, manifest or {}),
            declared=_declared(settings, manifest or {}, both.name),
        )
        hidden = "" if both.production and both.staging else reader.unseen()
    _refuse_missed_masks(settings, manifest or {}, places, compared.table)
    return _noted(compared, hidden, NO_MANIFEST if manifest is None else "")


def _manifest(settings: Settings) -> Mapping[str, Any] | None:
    """What dbt has left of its last run or parse; None if it has left nothing."""
    path = (settings.dbt.output or settings.dbt.project) / "target" / "manifest.json"
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        message = f"Not compared. `{path}` cannot be read as JSON, and it may mask columns. Run `dbt parse`."
        raise NotCompared(message) from None
    return found


def _declared(settings: Settings, manifest: Mapping[str, Any], name: str) -> Key | None:
    return key_of(diff_keys(settings.diff, manifest), name)


def _refuse_missed_masks(
    settings: Settings, manifest: Mapping[str, Any], places: Iterable[Place], table: TableDiff
) -> None:
    """A name in wap.toml or dbt's manifest that masks nothing may be a slip of the pen, and a secret would be shown."""
    others = (
        TableDiff(name=place.name, kind=place.kind, status="failed") for place in places if place.name != table.name
    )
    for finding in (*unknown_names(settings, (*others, table)), *missed_masks(settings, manifest, (table,))):
        if finding.severity == "blocker":
            raise NotCompared(f"Not shown. `{finding.object}` {finding.consequence}. {finding.remedy}")


def _noted(compared: Compared, *notes: str) -> Compared:
    more = tuple(note for note in notes if note)
    table = compared.table.model_copy(update={"notes": (*compared.table.notes, *more)})
    return Compared(compared.production, compared.staging, table=table)
