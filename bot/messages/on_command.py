"""Pure: what /wap answers. Everything here is mrkdwn."""

from collections.abc import Sequence

from bot.blocks.escape import code, cut, mention, when
from bot.card.state import Card
from bot.commands.command_line import USAGES
from bot.home.overview import Open, Waiting
from bot.messages.on_card import totals
from bot.runs import Run, StateType
from flows.contract import Requester

_WHAT = {
    "help": "shows this",
    "run": "starts a release",
    "list": "names the open runs",
    "show": "shows a run with its buttons",
    "diff": "shows every table that differs, or examples of one",
    "approve": "approves a run",
    "reject": "rejects a run",
    "withdraw": "withdraws your approval of a run or of a roll back while more are needed",
    "cancel": "stops a run; its requester and its approvers can",
    "rollback": "takes the newest release of a target back; its approvers can",
    "history": "says what was published lately and what was not",
    "owners": "says who decides about a target and who owns its tables",
    "stats": "sums up the last runs",
}
_NAME_CHARS = 80
_WHERE = {StateType.RUNNING: "running", StateType.CANCELLING: "being stopped"}


def usage(unknown: str = "", suggestion: str = "") -> str:
    """What /wap can do, after a word that it cannot."""
    meant = f" Did you mean {code('/wap ' + suggestion)}?" if suggestion else ""
    lead = f"Nothing was done. {code('/wap ' + unknown)} is not a command.{meant}\n" if unknown else ""
    lines = [f"{code(typed(command))} {_WHAT[command]}." for command in USAGES]
    return lead + "\n".join(lines) + "\nRUN is the name of a run or the beginning of its id."


def typed(command: str) -> str:
    """A command as people type it."""
    return f"/wap {command} {USAGES[command]}".strip()


def incomplete(command: str) -> str:
    """The command lacks something, or has too much of it."""
    return f"Nothing was done. It is written {code(typed(command))}, and {_WHAT[command]}."


def open_runs(found: Open) -> str:
    """The answer to /wap list."""
    lines = [*map(_waiting, found.waiting), *map(_running, found.running)]
    if not lines:
        return "No run is open."
    more = "\nand more, which Prefect lists." if found.has_more else ""
    return f"{len(lines)} open:\n" + "\n".join(lines) + more


def _waiting(waiting: Waiting) -> str:
    name = code(waiting.run.name, _NAME_CHARS)
    if waiting.report is None:
        return f"{name} waiting, its report cannot be read"
    expires = when(waiting.report.expires_at)
    target = code(waiting.report.target.production, _NAME_CHARS)
    if waiting.is_late:
        return f"{name} waiting, {target}, expired {expires}; nobody can decide any more."
    return f"{name} waiting, {target}, expires {expires}. {totals(waiting.report)}"


def _running(run: Run) -> str:
    by = f", requested by {requester(run.requested_by)}" if run.requested_by else ""
    return f"{code(run.name, _NAME_CHARS)} {_WHERE.get(run.state_type, 'open')} since {when(run.since)}{by}"


def requester(asked: Requester) -> str:
    """Who asked for a run; mentioned only where nobody is notified by it."""
    return mention(asked.user_id, asked.name) if asked.user_id else code(asked.name, _NAME_CHARS)


def ambiguous(command: str, wanted: str, runs: Sequence[Run], more: int) -> str:
    """Several runs fit."""
    names = ", ".join(f"{code(run.name, _NAME_CHARS)} ({code(run.id[:8])})" for run in runs)
    rest = f" and {more} more" if more else ""
    example = code(f"/wap {command} {runs[0].id[:8]}")
    return (
        f"Nothing was done. Several runs fit {code(wanted)}: {names}{rest}. "
        f"Say more of the name or the id, for example {example}."
    )


def missing(command: str, wanted: str, suggestion: str) -> str:
    """No run fits."""
    hint = f"Did you mean {code(f'/wap {command} {suggestion}')}?" if suggestion else "`/wap list` names the open ones."
    return f"Nothing was done. No open or recent run is called {code(wanted)}. {hint}"


def no_report(name: str) -> str:
    """There is nothing to compare yet."""
    return f"Nothing is shown. The run {code(name)} has no report yet; it comes when staging is built and compared."


def no_table(table: str, suggestion: str, name: str) -> str:
    """The report has no such table."""
    near = f" Did you mean {code(f'/wap diff {name} {suggestion}')}?" if suggestion else ""
    return f"Nothing is shown. The report of {code(name)} has no table {code(table)}.{near}"


def equal_table(table: str, rows: int) -> str:
    """The table is the same on both sides."""
    return f"{code(table)} is the same in staging and in production: {rows:,} rows, every value equal."


def rows_not_shown() -> str:
    """The person is not in the card's channel."""
    return "Values are shown to members of the release channel only. Ask one of them to add you."


def decided(user_id: str, name: str, card_name: str, *, verb: str, words: str) -> str:
    """What the channel hears of a decision that was made by a command."""
    said = f": {code(cut(words, 500), 500)}" if words else "."
    return f"{mention(user_id, name)} {verb} the run {code(card_name, _NAME_CHARS)}{said}"


def words_too_long(chars: int, most: int) -> str:
    """A reason or a comment that Prefect would not take."""
    return f"Nothing was decided. Your text has {chars:,} characters, and at most {most:,} are kept. Shorten it."


def not_cancelled(detail: str) -> str:
    """Prefect did not take the cancellation."""
    return f"Not cancelled. Prefect said: {code(detail)}."


def cancelled(user_id: str, name: str, card: Card) -> str:
    """What everybody hears of a cancellation."""
    return f"{mention(user_id, name)} cancelled the run {code(card.run_name, _NAME_CHARS)}."


def nothing_to_start() -> str:
    """Prefect has nothing of ours."""
    return (
        "Nothing was started. Prefect has no deployment with the tag `wap`. "
        "`wap serve` or `prefect deploy --all` makes one."
    )


def no_deployment(wanted: str, suggestion: str) -> str:
    """Nothing of that name; the others are offered below."""
    near = f" Did you mean {code(suggestion)}?" if suggestion else ""
    return f"There is no deployment {code(wanted)}.{near} Pick what to start."


def several_deployments(wanted: str) -> str:
    """Above a choice of what to start."""
    return f"Several deployments are called {code(wanted)}. Pick one." if wanted else "Pick what to start."


def too_many_deployments(count: int, example: str) -> str:
    """More than a list in Slack holds."""
    return (
        f"Nothing was started. There are {count:,} deployments, more than fit into a list here. "
        f"Name one, for example {code(f'/wap run {example}')}."
    )


def deployment_gone() -> str:
    """It was deleted while the choice was open."""
    return "Nothing was started. The deployment is not there any more. Type `/wap run` again."


def not_started(detail: str) -> str:
    """Prefect refused the start."""
    return f"Not started. Prefect said: {code(detail, 300)}. Correct it and send the form again."


def paused_deployment(name: str) -> str:
    """The deployment is switched off in Prefect."""
    return f"Nothing was started. The deployment {code(name)} is paused in Prefect. Resume it there first."


def started(name: str, card_link: str) -> str:
    """The run exists."""
    where = f"Its card: {card_link}" if card_link else "Its card comes in the release channel."
    return f"Started {code(name, _NAME_CHARS)}. {where}"


def form_not_opened(command: str) -> str:
    """Slack did not open the form."""
    return f"Nothing was started. Slack did not open the form in time. Type {code(command)} again."
