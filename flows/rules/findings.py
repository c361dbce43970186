"""Pure: what the rules of wap.toml say to a difference. The order of the rules never matters.

One that blocks counts more than one that asks, and that more than any that would let it pass. What is not known is
asked about.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from flows.contract import AskRule, AutoRule, BlockRule, DbtSummary, Finding, Rule, RuleHit, TableDiff
from flows.rules.limits import beyond, covers, fresh_rows, limits, matches, moved, percent, seen
from flows.words import counted


@dataclass(frozen=True, slots=True)
class Ruling:
    """What fired. If it is only hits of "auto" rules, the run needs no person.

    `asked_because` says why no auto rule let the run pass; empty if one did, if there is none, or if the hits say it.
    """

    hits: tuple[RuleHit, ...] = ()
    asked_because: str = ""


def rule_on(
    rules: Sequence[Rule], tables: Iterable[TableDiff], *, findings: Sequence[Finding], dbt: DbtSummary
) -> Ruling:
    """Apply all rules to all tables. `findings` are those of the other checks: with any of them a person is asked."""
    tables = tuple(tables)
    if guarded := tuple(_guarded(rules, tables)):
        return Ruling(guarded)
    autos = [(number, rule) for number, rule in enumerate(rules, start=1) if isinstance(rule, AutoRule)]
    if not autos:
        return Ruling()
    if problem := _unclean(findings, dbt):
        return Ruling(asked_because=f"No rule applies, because {problem}.")
    return _let_pass(autos, [table for table in tables if _differs(table)])


def rule_findings(hits: Iterable[RuleHit]) -> tuple[Finding, ...]:
    """What fired, as blockers and warnings."""
    return tuple(
        Finding(
            severity="blocker" if hit.action == "block" else "warning",
            code="rule",
            object=hit.table,
            consequence=hit.consequence,
            remedy=_remedy(hit),
        )
        for hit in hits
        if hit.action != "auto"
    )


def unknown_in_rules(rules: Sequence[Rule], tables: Iterable[TableDiff]) -> tuple[Finding, ...]:
    """A warning for every plain name and every tag that no table has: a slip of the pen must not pass in silence.

    One pattern of several may match nothing today. A rule that is to stop or to ask and of which nothing matches is a
    warning; an auto rule is not, because it lets nothing pass.
    """
    tables = tuple(tables)
    tags = {tag.casefold() for table in tables if table.context for tag in table.context.tags}
    misnamed = tuple(
        Finding(
            severity="warning",
            code=f"unknown_{kind}",
            object=name,
            consequence=f"is named in rule {number} of wap.toml, and neither side has such a {kind}",
            remedy="Correct it in wap.toml, or remove it there, and start again.",
        )
        for number, rule in enumerate(rules, start=1)
        for kind, name in _unknown(rule, tables, tags)
    )
    return (*misnamed, *_idle(rules, tables))


def _idle(rules: Sequence[Rule], tables: Sequence[TableDiff]) -> Iterator[Finding]:
    for number, rule in enumerate(rules, start=1):
        are_patterns = all({*name} & {*"*?["} for name in rule.tables)  # a plain name has a finding of its own
        is_idle = not any(matches(name, table) for name in rule.tables for table in tables)
        if tables and are_patterns and is_idle and not isinstance(rule, AutoRule):
            yield Finding(
                severity="warning",
                code="idle_rule",
                object=", ".join(rule.tables),
                consequence=f"is all that rule {number} of wap.toml watches, and no table of either side matches it",
                remedy="Correct it in wap.toml, or remove the rule there, and start again.",
            )


def _unknown(rule: Rule, tables: Sequence[TableDiff], tags: Collection[str]) -> Iterator[tuple[str, str]]:
    plain = (name for name in rule.tables if not {*name} & {*"*?["})
    yield from (("table", name) for name in plain if not any(matches(name, table) for table in tables))
    yield from (("tag", tag) for tag in rule.tags or () if tag.casefold() not in tags)


def _guarded(rules: Sequence[Rule], tables: Sequence[TableDiff]) -> Iterator[RuleHit]:
    for number, rule in enumerate(rules, start=1):
        if isinstance(rule, AutoRule):
            continue
        for table in tables:
            if hit := _hit(number, rule, table):
                yield hit


def _hit(number: int, rule: BlockRule | AskRule, table: TableDiff) -> RuleHit | None:
    covered = covers(rule, table)
    fires, unknown = seen(rule, table)
    if covered is False or not (fires or unknown):
        return None
    if covered is None:
        fires, unknown = (), (*fires, *unknown, "its dbt tags are not known")
    return RuleHit(
        action=rule.action if fires else "ask",  # what cannot be checked does not stop a run: a person has to look
        rule=number,
        name=rule.name,
        table=table.name,
        consequence="; ".join((*fires, *unknown)),
        approvals=rule.approvals if isinstance(rule, AskRule) else 1,
    )


def _remedy(hit: RuleHit) -> str:
    who = hit.label[:1].upper() + hit.label[1:]
    if hit.action == "block":
        return f"{who} stops that; correct the data or the rule, and start again."
    more = f", and needs {hit.approvals} approvals" if hit.approvals > 1 else ""
    return f"{who} asks a person about that{more}."


def _unclean(findings: Sequence[Finding], dbt: DbtSummary) -> str:
    if findings:
        return f"there {'is' if len(findings) == 1 else 'are'} {counted(len(findings), 'finding')} to weigh"
    if dbt.tests_warned or dbt.tests_failed or dbt.nodes:
        return "dbt did not pass without a warning"
    return ""


def _differs(table: TableDiff) -> bool:
    """Also a table that counts as equal, if what the settings leave out of the comparison differs."""
    return table.status != "equal" or table.production != table.staging


def _let_pass(autos: Sequence[tuple[int, AutoRule]], tables: Sequence[TableDiff]) -> Ruling:
    if not tables:
        number, rule = autos[0]
        nothing = RuleHit(action="auto", rule=number, name=rule.name, table="", consequence="no table differs")
        return Ruling((nothing,))
    hits: list[RuleHit] = []
    for table in tables:
        match _within(autos, table):
            case RuleHit() as hit:
                hits.append(hit)
            case problem:
                return Ruling(asked_because=f"No rule applies to `{table.name}`: {problem}.")
    return Ruling(tuple(hits))


def _within(autos: Sequence[tuple[int, AutoRule]], table: TableDiff) -> RuleHit | str:
    """The first auto rule that the table stays within, else why there is none."""
    problems = []
    for number, rule in autos:
        if not covers(rule, table):
            continue
        if not (problem := beyond(rule, table)):
            return RuleHit(
                action="auto", rule=number, name=rule.name, table=table.name, consequence=_numbers(rule, table)
            )
        problems.append(f"{problem} (rule {number} of wap.toml)")
    return problems[0] if problems else "no auto rule covers it"


def _numbers(rule: AutoRule, table: TableDiff) -> str:
    rows = table.staging.rows if table.staging else 0
    if table.production is None:
        return f"new, with {counted(rows, 'row')}"
    *most, most_newer = (percent(limit or 0.0) for limit in limits(rule))
    counts = " ".join(f"{sign}{rows.count or 0:,}" for sign, rows in zip("+-~", moved(table), strict=False))
    allowed = " ".join(f"{sign}{limit}" for sign, limit in zip("+-~", most, strict=True))
    newer = f"; {counted(fresh_rows(table), 'newer row')} (at most {most_newer})" if fresh_rows(table) else ""
    columns = f"; {counted(len(table.schema_changes), 'column')} changed" if table.schema_changes else ""
    return f"{counts} against production's {counted(table.production.rows, 'row')} (at most {allowed}){newer}{columns}"
