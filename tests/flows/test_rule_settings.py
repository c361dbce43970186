"""Rules in wap.toml: what is read, and the one sentence for each slip of the pen; none of them starts a run."""

from pathlib import Path

import pytest

from flows.contract import AskRule, AutoRule, BlockRule
from flows.settings import SettingsError, load_settings

GOOD = '[dbt]\nproject = "."\n[policy]\napprovers = ["U1"]\n'
LIMITS = "`rows_added_percent`, `rows_removed_percent`, `rows_changed_percent`, `rows_fresh_percent`"


def load(folder: Path, *rules: str) -> tuple[object, ...]:
    """The rules of a wap.toml with these sections."""
    (folder / "dbt_project.yml").write_text("profile: shop\n")
    (folder / "wap.toml").write_text(GOOD + "".join(f"[[rules]]\n{rule}\n" for rule in rules))
    return load_settings(folder / "wap.toml").rules


def sentence(folder: Path, *rules: str) -> str:
    """What people read instead of a start."""
    with pytest.raises(SettingsError) as caught:
        load(folder, *rules)
    return str(caught.value).replace(str(folder), "HERE")


def test_rules_are_read_in_their_order(tmp_path: Path) -> None:
    """Each kind with its own fields; a section without `tables` is about every table."""
    rules = load(
        tmp_path,
        'action = "block"\ntables = ["fct_*"]\ntags = ["finance"]\nrows_removed_percent = 10.0',
        'action = "ask"\nname = "look twice"\ncolumn_dropped = true',
        'action = "auto"\nrows_added_percent = 20\nnew_table = "allow"',
    )
    assert rules == (
        BlockRule(action="block", tables=("fct_*",), tags=("finance",), rows_removed_percent=10),
        AskRule(action="ask", name="look twice", column_dropped=True),
        AutoRule(action="auto", rows_added_percent=20, new_table="allow"),
    )


def test_no_rules_is_no_rule(tmp_path: Path) -> None:
    """Whoever writes none is always asked."""
    assert load(tmp_path) == ()


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("rows_added_percent = 1", "Rule 2 of `HERE/wap.toml` lacks the key `action`, which is required. Add it."),
        (
            'action = "blok"\nvanished = true',
            "`action` in rule 2 of `HERE/wap.toml` is `blok`, which is not accepted. "
            "Accepted: `block`, `ask` or `auto`.",
        ),
        (
            'action = "ask"\nrow_added_percent = 1',
            "Rule 2 of `HERE/wap.toml` has a key `row_added_percent` that wap does not know. Known here: `name`, "
            f"`tables`, `tags`, {LIMITS}, `schema_change`, `column_dropped`, `vanished`, `new_table`, `action`, "
            "`approvals`.",
        ),
        (
            'action = "auto"\nrows_added_percent = 1\nvanished = "allow"',
            "Rule 2 of `HERE/wap.toml` has a key `vanished` that wap does not know. Known here: `name`, "
            f"`tables`, `tags`, {LIMITS}, `action`, `schema_change`, `new_table`.",
        ),
        (
            'action = "auto"\nrows_added_percent = 1\nschema_change = true',
            "`schema_change` in rule 2 of `HERE/wap.toml` is `True`, which is not accepted. "
            'Accepted: "allow", or leave it out.',
        ),
        (
            'action = "block"\nvanished = "yes"',
            "`vanished` in rule 2 of `HERE/wap.toml` is `yes`, which is not accepted. Accepted: true or false.",
        ),
        *(
            (
                f'action = "block"\nrows_added_percent = {value}',
                f"`rows_added_percent` in rule 2 of `HERE/wap.toml` is `{shown}`, which is not accepted. "
                "Accepted: a percentage from 0 to 100, such as 10 or 0.5.",
            )
            for value, shown in (
                ("100.1", "100.1"),
                ("-1", "-1"),
                ("nan", "nan"),
                ("inf", "inf"),
                ("true", "True"),
                ('"10%"', "10%"),
            )
        ),
        *(
            (
                f'action = "block"\nvanished = true\n{key} = {value}',
                f"`{key}` in rule 2 of `HERE/wap.toml` is `{shown}`, which is not accepted. "
                'Accepted: a list with at least one text, such as ["fct_*"]; without the key: all.',
            )
            for key in ("tables", "tags")
            for value, shown in (("[]", "[]"), ('"fct_*"', "fct_*"), ('[""]', "['']"), ("[1]", "[1]"))
        ),
        (
            'action = "block"\nvanished = false',
            f"Rule 2 of `HERE/wap.toml` watches nothing. Name at least one of {LIMITS}, `schema_change`, "
            "`column_dropped`, `vanished`, `new_table`.",
        ),
        (
            'action = "auto"\nschema_change = "allow"',
            f"Rule 2 of `HERE/wap.toml` would publish without a limit. Name at least one of {LIMITS}.",
        ),
        (
            'action = "ask"\nvanished = true\napprovals = 2',
            "`approvals` in rule 2 of `HERE/wap.toml` is 2, and `policy.approvers` names one person. "
            "Name more, or ask for fewer.",
        ),
    ],
)
def test_rule_with_a_mistake_says_one_sentence(tmp_path: Path, rule: str, expected: str) -> None:
    """The sentence names the rule by its number, the key, the value seen, and what is accepted."""
    assert sentence(tmp_path, 'action = "block"\nvanished = true', rule) == f"Not started. {expected}"


def test_rules_that_are_no_list_are_refused(tmp_path: Path) -> None:
    """One pair of brackets is a slip that would otherwise read as no rule."""
    (tmp_path / "wap.toml").write_text(GOOD + '[rules]\naction = "ask"\n')
    with pytest.raises(SettingsError, match=r"Accepted: sections that begin with `\[\[rules\]\]`"):
        load_settings(tmp_path / "wap.toml")
