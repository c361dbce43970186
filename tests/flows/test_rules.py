"""The rules of wap.toml: what fires, what passes without a person, and that no order and no gap makes it easier."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from flows.contract import (
    Column,
    DbtNode,
    DbtSummary,
    Finding,
    Freshness,
    Rule,
    SchemaChange,
    Scope,
    Side,
    TableContext,
    TableDiff,
)
from flows.rules.findings import Ruling, rule_findings, rule_on, unknown_in_rules
from tests.flows.values import side
from tests.flows.values import table as plain

RULE: TypeAdapter[Rule] = TypeAdapter(Rule)
LENIENT = {"action": "auto", "rows_added_percent": 100, "rows_removed_percent": 100, "rows_changed_percent": 100}
ALLOWING = LENIENT | {"schema_change": "allow", "new_table": "allow"}
WARNING = Finding(severity="warning", code="x", object="dwh", consequence="is odd", remedy="Look.")


def table(name: str = "orders", *, rows: int = 1_000, **over: Any) -> TableDiff:
    """A table that dbt built, with one row of 1,000 added."""
    context = TableContext(tags=("finance",))
    return plain(name, **{"production": side(rows, "41"), "staging": side(rows + 1, "42"), "context": context} | over)


def ruled(*rules: dict[str, Any], tables: tuple[TableDiff, ...] = (), **over: Any) -> Ruling:
    """What the rules say to the tables, or to one table with one added row."""
    values: dict[str, Any] = {"findings": (), "dbt": DbtSummary(models=1)}
    return rule_on([RULE.validate_python(rule) for rule in rules], tables or (table(),), **{**values, **over})


def outcome(ruling: Ruling) -> str:
    """What becomes of the run."""
    actions = {hit.action for hit in ruling.hits}
    return next((action for action in ("block", "ask", "auto") if action in actions), "ask")


def ends(*rules: dict[str, Any], tables: tuple[TableDiff, ...] = (), **over: Any) -> str:
    """What becomes of a run with these rules and tables."""
    return outcome(ruled(*rules, tables=tables, **over))


def removed(column: str = "note") -> SchemaChange:
    """A column that staging has lost."""
    return SchemaChange(column=column, kind="removed", production="VARCHAR")


def lost(name: str = "orders") -> TableDiff:
    """A table that staging has lost."""
    return table(name, status="removed", staging=None, method="none", added=0, removed=1_000)


def new(name: str = "orders") -> TableDiff:
    """A table that production does not have."""
    return table(name, status="added", production=None, staging=side(12), method="none", added=12)


@pytest.mark.parametrize(
    ("limit", "rows", "count", "fires"),
    [
        (10, 1_000, 100, False),  # exactly the limit is within it
        (10, 1_000, 101, True),
        (0, 1_000, 0, False),
        (0, 1_000, 1, True),
        (0.57, 10_000, 57, False),  # 0.57 * 100 is 56.99999999999999 in floating point
        (0.1, 3_000, 3, False),
        (100, 1_000, 1_000, False),
        (100, 0, 0, False),  # production is empty
        (100, 0, 1, True),  # and one row is more than any share of none
    ],
)
@pytest.mark.parametrize("kind", ["added", "removed", "changed"])
def test_limit_is_a_share_of_productions_rows(kind: str, limit: float, rows: int, count: int, fires: bool) -> None:
    """The same for each kind of row, in exact arithmetic; nothing is ever divided by zero."""
    seen = table(rows=rows, **({"added": 0} | {kind: count}))
    rule = {"action": "block", f"rows_{kind}_percent": limit}
    assert ends(rule, tables=(seen,)) == ("block" if fires else "ask")
    auto = {"action": "auto", f"rows_{kind}_percent": limit}
    assert ends(auto, tables=(seen,)) == ("ask" if fires or not count else "auto")


@pytest.mark.parametrize(
    ("condition", "seen"),
    [
        ("schema_change", table(schema_changes=(SchemaChange(column="note", kind="added", staging="VARCHAR"),))),
        ("schema_change", table(schema_changes=(SchemaChange(column="note", kind="retyped"),))),
        ("schema_change", table(schema_changes=(removed(),))),
        ("column_dropped", table(schema_changes=(removed(),))),
        ("vanished", lost()),
        ("new_table", new()),
    ],
)
@pytest.mark.parametrize("action", ["block", "ask"])
def test_condition_fires(action: str, condition: str, seen: TableDiff) -> None:
    """And on an ordinary change it does not."""
    rule = {"action": action, condition: True}
    assert ends(LENIENT, rule, tables=(seen,)) == action
    assert ends(LENIENT, rule) == "auto"


def test_limit_on_removed_rows_fires_on_a_table_that_vanishes() -> None:
    """All its rows would be removed; and a new table is no share of anything, it has a condition of its own."""
    assert ends({"action": "block", "rows_removed_percent": 99}, tables=(lost(),)) == "block"
    assert ruled({"action": "block", "rows_added_percent": 0}, tables=(new(),)).hits == ()


def test_rule_covers_by_name_and_by_tag() -> None:
    """Patterns and tags narrow a rule; the case of a name does not matter."""
    strict = {"action": "block", "rows_added_percent": 0}
    assert ends(strict | {"tables": ["fct_*", "ORD*"]}) == "block"
    assert ends(strict | {"tables": ["fct_*"]}) == "ask"
    assert ends(strict | {"tags": ["finance"]}) == "block"
    assert ends(strict | {"tags": ["other"]}) == "ask"
    assert ends(LENIENT | {"tags": ["other"]}) == "ask"
    assert ends(LENIENT | {"tables": ["order?"], "tags": ["finance"]}) == "auto"


def test_rule_whose_tags_cannot_be_checked_asks() -> None:
    """dbt forgets a model that was deleted, tags and all: neither stopped nor let pass."""
    gone = lost().model_copy(update={"context": None})
    (hit,) = ruled({"action": "block", "vanished": True, "tags": ["finance"]}, tables=(gone,)).hits
    assert (hit.action, hit.consequence) == ("ask", "would vanish from production; its dbt tags are not known")


def test_sentences_carry_the_numbers() -> None:
    """What was seen, what is allowed, and which rule it was."""
    seen = table(removed=120, changed=5, added=0)
    block = {"action": "block", "name": "no mass deletes", "rows_removed_percent": 10.0, "rows_added_percent": 5}
    (found,) = rule_findings(ruled({"action": "ask", "vanished": True}, block, tables=(seen,)).hits)
    assert f"`{found.object}`: {found.consequence}. {found.remedy}" == (
        "`orders`: 120 of production's 1,000 rows would be removed (12%), more than 10%. "
        "Rule 2 of wap.toml (no mass deletes) stops that; correct the data or the rule, and start again."
    )
    assert (found.severity, found.code) == ("blocker", "rule")
    ask = {"action": "ask", "rows_added_percent": 0.05, "approvals": 2}
    (found,) = rule_findings(ruled(ask).hits)
    assert f"{found.consequence}. {found.remedy}" == (
        "1 row would be added to production's 1,000 (0.1%), more than 0.05%. "
        "Rule 1 of wap.toml asks a person about that, and needs 2 approvals."
    )
    assert found.severity == "warning"


def test_hit_of_an_auto_rule_carries_the_numbers() -> None:
    """What passes without a person is on record with what was seen and what was allowed."""
    (hit,) = ruled({"action": "auto", "rows_added_percent": 20, "rows_changed_percent": 0.5}).hits
    assert hit.consequence == "+1 -0 ~0 against production's 1,000 rows (at most +20% -0% ~0.5%)"
    assert hit.label == "rule 1 of wap.toml"


def test_tiny_share_is_not_called_zero() -> None:
    """A share that would be rounded to nothing says so."""
    (hit,) = ruled({"action": "ask", "rows_added_percent": 0}, tables=(table(rows=1_000_000),)).hits
    assert hit.consequence == "1 row would be added to production's 1,000,000 (under 0.01%), more than 0%"


@pytest.mark.parametrize(
    "seen",
    [
        table(status="failed", error="timeout", added=None, removed=None, changed=None, method="none"),
        table(method="none", added=None, removed=None, changed=None),
        table(removed=None),
        table(added=None),
        table(changed=None),
        table(method="none", added=0),
        table(method="none"),
        table(scope=Scope(condition="day > 1", production_rows=10, staging_rows=11)),
        table(scope=Scope(sampled=0.1, production_rows=100, staging_rows=101)),
        table(added=0),  # the fingerprints differ, and no row that was counted does
        table(schema_changes=(removed(),)),
        table(context=None),
        table(context=TableContext(is_built=False)),
        lost(),
        new().model_copy(update={"staging": None}),
    ],
)
def test_what_is_not_known_is_asked(seen: TableDiff) -> None:
    """However lenient the rule, and also if another table is within it."""
    for tables in ((seen,), (table("fine"), seen), (seen, table("fine"))):
        ruling = ruled(ALLOWING, tables=tables)
        assert ruling.hits == ()
        assert ruling.asked_because.startswith("No rule applies to `orders`: ")


@pytest.mark.parametrize(
    "over",
    [
        {"findings": (WARNING,)},
        {"findings": (WARNING.model_copy(update={"severity": "blocker"}),)},
        {"dbt": DbtSummary(models=1, tests_warned=1)},
        {"dbt": DbtSummary(models=1, tests_failed=1)},
        {"dbt": DbtSummary(models=1, nodes=(DbtNode(name="big", kind="model", status="skipped"),))},
    ],
)
def test_anything_to_weigh_is_asked(over: dict[str, Any]) -> None:
    """A finding of another check, or of dbt, is for a person; also where nothing differs."""
    assert ends(ALLOWING) == "auto"
    assert ends(ALLOWING, **over) == "ask"
    assert ends(ALLOWING, tables=(plain("same", status="equal", staging=side(1, "41")),), **over) == "ask"


def test_auto_rule_forbids_what_it_does_not_name() -> None:
    """Forgetting a limit, a schema change or a new table asks a person."""
    only_added = {"action": "auto", "rows_added_percent": 20}
    assert ends(only_added) == "auto"
    assert ends(only_added, tables=(table(removed=1),)) == "ask"
    assert ends(only_added, tables=(table(changed=1),)) == "ask"
    retyped = table(schema_changes=(SchemaChange(column="order_id", kind="retyped"),))
    assert ends(LENIENT, tables=(retyped,)) == "ask"
    assert ends(LENIENT | {"schema_change": "allow"}, tables=(retyped,)) == "auto"
    assert ends(LENIENT, tables=(new(),)) == "ask"
    assert ends(LENIENT | {"new_table": "allow"}, tables=(new(),)) == "auto"


def test_columns_in_another_order_are_a_schema_change() -> None:
    """No column was added, removed or retyped, and yet `select *` gives something else."""
    columns = tuple(Column(name=name, type="INTEGER") for name in ("b", "a"))
    sides = [Side(columns=order, rows=5, fingerprint="f") for order in (columns, columns[::-1])]
    swapped = table(production=sides[0], staging=sides[1])
    assert ends(LENIENT, tables=(swapped,)) == "ask"
    assert ends(ALLOWING, tables=(swapped,)) == "auto"


def test_every_differing_table_needs_a_rule() -> None:
    """One rule for one table lets no other pass; two rules together may."""
    orders, customers = LENIENT | {"tables": ["orders"]}, LENIENT | {"tables": ["customers"]}
    both = (table("orders"), table("customers"))
    assert ends(orders, tables=both) == "ask"
    assert ruled(orders, tables=both).asked_because == "No rule applies to `customers`: no auto rule covers it."
    assert [hit.rule for hit in ruled(orders, customers, tables=both).hits] == [1, 2]


def test_equal_tables_need_no_rule_unless_something_was_left_out() -> None:
    """Equal is equal; but a table that is equal only because columns are ignored has to be covered."""
    equal = plain("dim", status="equal", production=side(7, "a"), staging=side(7, "a"), added=0)
    ignored = equal.model_copy(update={"staging": side(7, "b"), "context": TableContext()})
    orders = LENIENT | {"tables": ["orders"]}
    assert ends(orders, tables=(table(), equal)) == "auto"
    assert ends(orders, tables=(table(), ignored)) == "ask"
    assert ends(LENIENT, tables=(table(), ignored)) == "auto"
    assert [hit.consequence for hit in ruled(orders, tables=(equal,)).hits] == ["no table differs"]


def test_without_a_key_a_changed_row_is_one_removed_and_one_added() -> None:
    """So the smaller of both is the most that can have changed."""
    keyless = table(method="multiset", added=30, removed=20, changed=None)
    assert ends({"action": "block", "rows_changed_percent": 2}, tables=(keyless,)) == "ask"
    (hit,) = ruled({"action": "block", "rows_changed_percent": 1.9}, tables=(keyless,)).hits
    assert hit.consequence == "up to 20 of production's 1,000 rows would be changed (2%), more than 1.9%"
    assert ends(LENIENT, tables=(keyless,)) == "auto"
    assert ends({"action": "auto", "rows_changed_percent": 100}, tables=(keyless,)) == "ask"


def test_fresh_rows_do_not_count_as_added() -> None:
    """What is only newer has its own number and its own limit, in every kind of rule."""
    newer = table(fresh=Freshness(column="day", until="2026-03-01", rows=900))
    small = {"action": "auto", "rows_added_percent": 0.1}
    (hit,) = ruled(small | {"rows_fresh_percent": 90}, tables=(newer,)).hits
    expected = "+1 -0 ~0 against production's 1,000 rows (at most +0.1% -0% ~0%); 900 newer rows (at most 90%)"
    assert hit.consequence == expected
    only_newer = newer.model_copy(update={"added": 0})
    assert ends({"action": "auto", "rows_fresh_percent": 90}, tables=(only_newer,)) == "auto"
    nothing_newer = only_newer.model_copy(update={"fresh": Freshness(column="day", until="2026-03-01", rows=0)})
    assert ends({"action": "auto", "rows_fresh_percent": 90}, tables=(nothing_newer,)) == "ask"


@pytest.mark.parametrize("limit", [{}, {"rows_fresh_percent": 0}, {"rows_fresh_percent": 89.9}])
def test_auto_rule_lets_only_so_many_newer_rows_pass(limit: dict[str, Any]) -> None:
    """Left out it is 0 like the others, however many other rows may come."""
    newer = table(added=0, fresh=Freshness(column="day", until="2026-03-01", rows=900))
    ruling = ruled(LENIENT | limit, tables=(newer,))
    assert outcome(ruling) == "ask"
    assert "900 rows would be newer than production's 1,000 (90%), and at most " in ruling.asked_because


@pytest.mark.parametrize("action", ["block", "ask"])
def test_guard_fires_when_more_rows_are_newer_than_it_allows(action: str) -> None:
    """A load that ran twice can look like very fresh data."""
    newer = table(added=0, fresh=Freshness(column="day", until="2026-03-01", rows=900))
    (hit,) = ruled({"action": action, "rows_fresh_percent": 50}, LENIENT, tables=(newer,)).hits
    assert (hit.action, hit.consequence) == (
        action,
        "900 rows would be newer than production's 1,000 (90%), more than 50%",
    )
    assert ruled({"action": action, "rows_fresh_percent": 90}, tables=(newer,)).hits == ()
    failed = table(status="failed", error="no", added=None, removed=None, changed=None)
    (unknown,) = ruled({"action": action, "rows_fresh_percent": 50}, tables=(failed,)).hits
    assert (unknown.action, unknown.consequence) == (
        "ask",
        "its newer rows were not counted, so they may be more than 50%",
    )


def test_newer_rows_of_an_empty_table_are_above_every_share() -> None:
    """Production has none, so even one is more than any percentage."""
    first = table(rows=0, added=0, fresh=Freshness(column="day", until=None, rows=1))
    assert "1 row would be newer, and production has none" in ruled(LENIENT, tables=(first,)).asked_because


def test_without_a_key_a_newer_row_may_be_a_changed_one() -> None:
    """Its event time may be what changed."""
    moved_on = Freshness(column="day", until="2026-03-01", rows=5)
    keyless = table(method="multiset", added=0, removed=5, changed=None, fresh=moved_on)
    assert ends({"action": "block", "rows_changed_percent": 0.4}, tables=(keyless,)) == "block"


def test_limit_that_cannot_be_checked_asks_and_does_not_block() -> None:
    """A block rule without a count is a question, with the rule's own words."""
    unknown = table(removed=None)
    (hit,) = ruled({"action": "block", "rows_removed_percent": 10}, tables=(unknown,)).hits
    assert hit.action == "ask"
    assert hit.consequence == "its removed rows were not counted, so they may be more than 10%"


def test_of_a_part_the_share_is_of_that_part() -> None:
    """Nothing is extrapolated to rows that were not looked at."""
    part = table(scope=Scope(condition="day > 1", production_rows=10, staging_rows=9), added=0, removed=2)
    (hit,) = ruled({"action": "block", "rows_removed_percent": 10}, tables=(part,)).hits
    assert hit.consequence == "2 of the 10 compared rows would be removed (20%), more than 10%"


def test_plain_name_that_no_table_has_is_a_warning() -> None:
    """A slip of the pen must not pass in silence; a pattern may match nothing today."""
    rules = [RULE.validate_python({"action": "ask", "vanished": True, "tables": ["Orders", "ordres", "fct_*"]})]
    assert [found.object for found in unknown_in_rules(rules, (table(),))] == ["ordres"]


@pytest.mark.parametrize("action", ["ask", "block"])
def test_rule_whose_patterns_match_nothing_is_a_warning(action: str) -> None:
    """It watches nothing, which somebody who reads wap.toml would not think."""
    rules = [RULE.validate_python({"action": action, "vanished": True, "tables": ["fact_*", "dim_?"]})]
    (found,) = unknown_in_rules(rules, (table(),))
    assert (found.severity, found.code, found.object) == ("warning", "idle_rule", "fact_*, dim_?")
    assert found.consequence == "is all that rule 1 of wap.toml watches, and no table of either side matches it"
    assert unknown_in_rules(rules, (table("fact_visits"),)) == ()


def test_auto_rule_whose_patterns_match_nothing_is_silent() -> None:
    """It lets nothing pass, and a finding would keep the other rules from letting pass what they may."""
    rules = [RULE.validate_python({"action": "auto", "rows_added_percent": 1, "tables": ["fact_*"]})]
    assert unknown_in_rules(rules, (table(),)) == ()


def test_tag_counts_whatever_its_case_and_one_that_no_table_has_is_a_warning() -> None:
    """A block rule for `Finance` stops a table tagged `finance`; `finnance` is a slip, and a person looks."""
    tagged = table(removed=900, context=TableContext(tags=("finance",)))
    block = {"action": "block", "tags": ["Finance"], "rows_removed_percent": 1}
    assert ends(block, tables=(tagged,)) == "block"
    rules = [RULE.validate_python({**block, "tags": ["FINANCE", "finnance"]})]
    assert [found.object for found in unknown_in_rules(rules, (tagged,))] == ["finnance"]


@pytest.mark.parametrize("pattern", ["sales[2024]", "SALES[2024]"])
def test_name_that_looks_like_a_pattern_is_covered(pattern: str) -> None:
    """A table may have brackets in its name; a block rule that names it blocks."""
    dropped = table("Sales[2024]", schema_changes=(removed(),))
    assert ends({"action": "block", "tables": [pattern], "column_dropped": True}, tables=(dropped,)) == "block"


def test_column_that_could_not_be_compared_asks_a_person() -> None:
    """How many rows changed is not known then, whatever an auto rule allows; what is beyond a limit still blocks."""
    change = SchemaChange(column="amount", kind="retyped", production="VARCHAR", staging="INTEGER")
    retyped = table(schema_changes=(change,), not_compared=("amount",), added=0, changed=20, method="keyed")
    ruling = ruled(ALLOWING, tables=(retyped,))
    assert outcome(ruling) == "ask"
    assert "20 of production's 1,000 rows would be changed (2%), and 1 column could not be compared" in (
        ruling.asked_because
    )
    assert ends({"action": "block", "rows_changed_percent": 1}, tables=(retyped,)) == "block"
    assert ends({"action": "block", "rows_changed_percent": 5}, ALLOWING, tables=(retyped,)) == "ask"
    assert ends(ALLOWING, tables=(retyped.model_copy(update={"not_compared": ()}),)) == "auto"


COUNTS = st.one_of(st.none(), st.integers(0, 60))
TABLES = st.builds(
    lambda name, added, removed, changed, **over: table(
        name, rows=50, added=added, removed=removed, changed=changed, **over
    ),
    st.sampled_from(["orders", "customers"]),
    COUNTS,
    COUNTS,
    COUNTS,
    method=st.sampled_from(["keyed", "multiset", "none"]),
    schema_changes=st.sampled_from([(), (removed(),), (SchemaChange(column="n", kind="added"),)]),
    context=st.sampled_from([TableContext(tags=("finance",)), TableContext(), None]),
) | st.sampled_from([lost(), new("customers")])
LIMITS = st.fixed_dictionaries(
    {"rows_added_percent": st.integers(0, 100)},
    optional={
        "rows_removed_percent": st.floats(0, 100),
        "rows_changed_percent": st.floats(0, 100),
        "tables": st.sampled_from([["*"], ["orders"], ["c*"]]),
        "tags": st.just(["finance"]),
    },
)
AUTOS = st.builds(
    lambda limits, more: limits | more | {"action": "auto"}, LIMITS, st.sampled_from([{}, {"new_table": "allow"}])
)
GUARDS = st.builds(
    lambda limits, action, more: limits | more | {"action": action},
    LIMITS,
    st.sampled_from(["block", "ask"]),
    st.sampled_from([{}, {"vanished": True}, {"schema_change": True}, {"new_table": True}]),
)
RULES = st.lists(AUTOS | GUARDS, max_size=4)
SOME_TABLES = st.lists(TABLES, max_size=3).map(tuple)
EASE = ["block", "ask", "auto"]


def ease(rules: list[dict[str, Any]], tables: tuple[TableDiff, ...]) -> int:
    """How easily a run is published: 0 never, 1 if a person says yes, 2 by itself."""
    return EASE.index(outcome(rule_on([RULE.validate_python(r) for r in rules], tables, findings=(), dbt=DbtSummary())))


@given(st.data(), RULES, SOME_TABLES)
def test_order_of_the_rules_never_matters(
    data: Any, rules: list[dict[str, Any]], tables: tuple[TableDiff, ...]
) -> None:
    """Swapped rules come to the same."""
    shuffled = data.draw(st.permutations(rules))
    assert ease(rules, tables) == ease(shuffled, tables)


@given(RULES, GUARDS, SOME_TABLES)
def test_another_block_or_ask_never_makes_publishing_easier(
    rules: list[dict[str, Any]], guard: dict[str, Any], tables: tuple[TableDiff, ...]
) -> None:
    """Such a rule can only stop or ask."""
    assert ease([*rules, guard], tables) <= ease(rules, tables)


@given(RULES, TABLES, SOME_TABLES)
def test_another_differing_table_never_makes_publishing_easier(
    rules: list[dict[str, Any]], more: TableDiff, tables: tuple[TableDiff, ...]
) -> None:
    """More to see is never less to ask."""
    assert ease(rules, (*tables, more)) <= ease(rules, tables)


@given(st.lists(GUARDS, max_size=4), SOME_TABLES)
def test_nothing_passes_without_an_auto_rule(rules: list[dict[str, Any]], tables: tuple[TableDiff, ...]) -> None:
    """No rule, no publish without a person."""
    assert ease(rules, tables) < EASE.index("auto")


@given(RULES, SOME_TABLES)
def test_what_passes_lies_within_a_rule(rules: list[dict[str, Any]], tables: tuple[TableDiff, ...]) -> None:
    """Checked the other way round: every table that passed has known counts within the rule that is named."""
    ruling = rule_on([RULE.validate_python(rule) for rule in rules], tables, findings=(), dbt=DbtSummary())
    for hit, seen in zip(ruling.hits, tables, strict=False):
        if hit.action != "auto" or seen.status != "changed":
            continue
        rule = rules[hit.rule - 1]
        assert not seen.schema_changes
        for kind in ("added", "removed") if seen.method == "multiset" else ("added", "removed", "changed"):
            assert getattr(seen, kind) * 2 <= rule.get(f"rows_{kind}_percent", 0)  # of 50 rows
