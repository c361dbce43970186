"""wap.toml: what is read, and the one sentence that people get for what cannot be."""

from datetime import timedelta
from pathlib import Path

import pytest

from flows.settings import SettingsError, load_settings, signing_keys

GOOD = '[dbt]\nproject = "shop"\n[policy]\napprovers = ["U1"]\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a dbt project in it."""
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "dbt_project.yml").write_text("profile: shop\n")
    return tmp_path


def sentence(folder: Path, text: str) -> str:
    """What people read when these settings are loaded."""
    (folder / "wap.toml").write_text(text)
    with pytest.raises(SettingsError) as caught:
        load_settings(folder / "wap.toml")
    return str(caught.value).replace(str(folder), "HERE")


def test_load_settings_anchors_paths_at_its_own_folder(folder: Path) -> None:
    """Where the command is typed does not matter."""
    (folder / "wap.toml").write_text(GOOD + '[gate]\ntimeout = "2d"\n')
    settings = load_settings(folder / "wap.toml")
    assert settings.dbt.project == folder / "shop"
    assert settings.profiles_dir == folder / "shop"
    assert settings.gate.timeout == timedelta(days=2)


def test_load_settings_of_this_project_are_valid() -> None:
    """The wap.toml that the project ships is one that works."""
    settings = load_settings(Path(__file__).parents[2] / "wap.toml")
    assert settings.dbt.staging_prefix == "develop_"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            GOOD + "[gat]\n",
            "Not started. `HERE/wap.toml` has a key `gat` that wap does not know. "
            "Known here: `dbt`, `policy`, `rules`, `gate`, `diff`, `warehouse`.",
        ),
        (
            GOOD.replace("[policy]", "[polcy]"),
            "Not started. `HERE/wap.toml` has a key `polcy` that wap does not know. "
            "Known here: `dbt`, `policy`, `rules`, `gate`, `diff`, `warehouse`.",
        ),
        (
            GOOD + "[gate]\npoll_seconds = 30\n",
            "Not started. `gate.poll_seconds` in `HERE/wap.toml` is `30`, which is not accepted. "
            "Accepted: less than or equal to 10.",
        ),
        (
            GOOD + '[gate]\ntimeuot = "8h"\n',
            "Not started. `HERE/wap.toml` has a key `gate.timeuot` that wap does not know. "
            "Known here: `timeout`, `poll_seconds`.",
        ),
        (
            GOOD + "[diff.tables.orders]\nkeys = []\n",
            "Not started. `HERE/wap.toml` has a key `diff.tables.orders.keys` that wap does not know. "
            "Known here: `key`, `ignore`, `mask`, `where`, `event_time`, `absolute_tolerance`, `relative_tolerance`, "
            "`sample_above_rows`.",
        ),
        (
            GOOD + '[gate]\ntimeout = "8 hours"\n',
            "Not started. `gate.timeout` in `HERE/wap.toml` is `8 hours`, which is not accepted. "
            "Accepted: a duration such as 30s, 15m, 8h or 2d.",
        ),
        (
            '[dbt]\nproject = "shop"\n[policy]\napprovers = []\n',
            "Not started. `policy.approvers` in `HERE/wap.toml` is `[]`, which is not accepted. "
            "Accepted: a list with at least one Slack user id, user group id or the word channel.",
        ),
        (
            GOOD.replace('["U1"]', '"channel"'),
            "Not started. `policy.approvers` in `HERE/wap.toml` is `channel`, which is not accepted. "
            "Accepted: a list with at least one Slack user id, user group id or the word channel.",
        ),
        *(
            (
                GOOD.replace('"U1"', f'"U1", "{entry}"'),
                f"Not started. `policy.approvers.1` in `HERE/wap.toml` is `{entry}`, which is not accepted. "
                "Accepted: a Slack user id (U... or W...), a user group id (S...) or the word channel.",
            )
            for entry in ("@mina", "mina@example.com", "u0mina", "U", "Channel", "C0RELEASES", "U1 ")
        ),
        (
            GOOD + "quorum = 2\n",
            "Not started. `policy.quorum` in `HERE/wap.toml` is 2, and `policy.approvers` names one person. "
            "Name more, or ask for fewer.",
        ),
        (
            GOOD + "quorum = 51\n",
            "Not started. `policy.quorum` in `HERE/wap.toml` is `51`, which is not accepted. "
            "Accepted: less than or equal to 50.",
        ),
        (
            '[policy]\napprovers = ["U1"]\n',
            "Not started. `HERE/wap.toml` lacks the key `dbt`, which is required. Add it.",
        ),
        (
            GOOD.replace("shop", "nowhere"),
            "Not started. There is no dbt project in `HERE/nowhere` (no dbt_project.yml). "
            "Set `dbt.project` to its folder.",
        ),
    ],
)
def test_load_settings_with_a_mistake_says_one_sentence(folder: Path, text: str, expected: str) -> None:
    """The sentence names the file, the key, the value seen, and what is accepted."""
    assert sentence(folder, text) == expected


def test_load_settings_takes_every_kind_of_approver(folder: Path) -> None:
    """A person, a person on Enterprise Grid, a user group, and the members of the channel."""
    (folder / "wap.toml").write_text(GOOD.replace('"U1"', '"U1", "W2", "S3", "channel"'))
    assert load_settings(folder / "wap.toml").policy.approvers == ("U1", "W2", "S3", "channel")


def test_load_settings_takes_a_quorum_that_can_be_reached(folder: Path) -> None:
    """So many people are named, or a group whose members only Slack knows."""
    for approvers in ('"U1", "U2"', '"S1"', '"channel"'):
        (folder / "wap.toml").write_text(GOOD.replace('"U1"', approvers) + "quorum = 2\n")
        assert load_settings(folder / "wap.toml").policy.quorum == 2


def test_load_settings_with_bad_toml_names_the_line(folder: Path) -> None:
    """A slip of the pen is found by its line."""
    assert "line 2" in sentence(folder, '[dbt]\nproject = shop"\n')


def test_load_settings_without_file_says_what_to_do(tmp_path: Path) -> None:
    """A missing file is no traceback."""
    with pytest.raises(SettingsError, match=r"There is no settings file .*--config"):
        load_settings(tmp_path / "wap.toml")


@pytest.mark.parametrize(("text", "keys"), [("", ()), (" , ", ()), ("a", ("a",)), ("old, new ", ("old", "new"))])
def test_signing_keys_are_a_list_that_can_rotate(text: str, keys: tuple[str, ...]) -> None:
    """Oldest first; the last one signs. No key is an empty list, never a key of spaces."""
    assert signing_keys({"WAP_SIGNING_KEYS": text}) == keys
    assert signing_keys({}) == ()
