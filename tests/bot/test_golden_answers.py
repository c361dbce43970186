"""Golden files of what only one person is told: the answers of /wap, and the Home tab where only an answer fits.

`WAP_UPDATE_GOLDEN=1 pytest tests/bot/test_golden_answers.py` rewrites them; look at the difference before a commit.
"""

from dataclasses import replace

from bot.answers import words
from bot.blocks.home import notice_view
from bot.blocks.thread import rest_message
from bot.commands.command_line import USAGES
from bot.home.overview import Ended, Open, Waiting
from bot.messages import on_command, on_ended
from flows.contract import Outcome, Policy
from tests.bot.slack_rules import accept, accept_view
from tests.bot.test_card_state import run
from tests.bot.test_golden import as_sent, assert_golden, rich_report
from tests.builders import NOW, acknowledgement, receipt, report, table_diff

ENDED = (
    Ended("calm-heron", receipt(decision=acknowledgement(), seconds={"gate": 1_800.0, "write": 12.0})),
    Ended("dry-owl", receipt(Outcome.REJECTED, decision=acknowledgement("Reject"))),
    Ended("late-tern", receipt(Outcome.EXPIRED)),
)
OPEN = Open(
    waiting=(Waiting(run(), report()), Waiting(replace(run(), name="odd-crane"), None)),
    running=(replace(run(), name="new-swan", requested_by=report().requested_by),),
    has_more=True,
)


def test_command_answers() -> None:
    """Every command that only reads, and every one that was not written as it should be."""
    receipts = [one.receipt for one in ENDED]
    told = {
        "help": on_command.usage(),
        "lsit": on_command.usage("lsit", "list"),
        **{f"{command} with too much": on_command.incomplete(command) for command in USAGES},
        "list": on_command.open_runs(OPEN),
        "list of nothing": on_command.open_runs(Open((), (), has_more=False)),
        "show nothing": on_command.missing("show", "quiet-oter", "quiet-otter"),
        "show several": on_command.ambiguous("show", "quiet", [run(), replace(run(), id="2" * 36)], 3),
        "history": on_ended.history(ENDED, "", of=5),
        "history dwh": on_ended.history((), "dwh", of=0),
        "owners dwh": on_ended.owners("dwh", report(policy=Policy(approvers=("U0MINA0001", "S0OWNERS01", "channel")))),
        "owners nowhere": on_ended.unknown_target("nowhere", ["dwh"]),
        "stats": on_ended.stats(receipts, since=NOW),
        "stats of nothing": on_ended.stats([], since=None),
    }
    for text in told.values():
        accept(words(text))
    assert_golden("command_answers", {name: text.split("\n") for name, text in told.items()})


def test_home_notice() -> None:
    """An answer to a click on the tab while Prefect does not answer."""
    view = notice_view("Nothing was done. Prefect did not answer in time. Try again in a minute.")
    accept_view(view)
    assert_golden("home_notice", view)


def test_thread_rest() -> None:
    """What the thread says of tables that get no message of their own."""
    many = tuple(table_diff(f"table_{number}", changed=number) for number in range(40))
    message = rest_message(rich_report().model_copy(update={"tables": many}))
    accept(message)
    assert_golden("thread_rest", as_sent(message))
