"""A run that a rule let pass never pauses: its card appears all the same, once, and offers nothing to decide."""

from dataclasses import replace

from bot.runs import Facts, StateType
from flows.contract import Acknowledgement, Decider, RuleHit, Via
from tests.bot.test_card_state import facts, run
from tests.bot.test_reconciler import World
from tests.builders import RUN_ID, acknowledgement, receipt, report

HIT = RuleHit(action="auto", rule=3, table="orders", consequence="+10 -2 ~5")


def by_rule() -> Acknowledgement:
    """The decision of the rule."""
    return acknowledgement(via=Via.RULE, decider=Decider(name="rule 3 of wap.toml"), reason="`orders` +10 -2 ~5")


def published() -> Facts:
    """The run has ended, and its card was never posted."""
    return facts(
        StateType.COMPLETED,
        "Published",
        report=report(rule_hits=(HIT,)),
        acknowledgement=by_rule(),
        receipt=receipt(decision=by_rule()),
    )


async def test_run_that_ended_before_the_bot_saw_it_gets_one_card() -> None:
    """It says Published, which rule, and that nobody was asked; there is nothing to press but a link."""
    world = World(published())
    async with world.running():
        await world.until(lambda: world.runs.known[RUN_ID].card is not None)
        await world.ticks(5)
    assert len(world.slack.shown) == 1
    (message,) = world.slack.shown.values()
    shown = str(message.blocks)
    assert "✅ Published" in message.text
    assert "Published by `rule 3 of wap.toml`" in shown
    assert "nobody was asked" in shown
    assert "unverified" not in shown
    assert not {"wap_approve", "wap_reject"} & set(shown.split("'"))


async def test_card_of_a_run_that_is_publishing_by_rule_is_edited_at_its_end() -> None:
    """Seen while it publishes, it is the same one card that then says Published."""
    publishing = replace(published(), run=run(StateType.RUNNING), receipt=None)
    world = World(publishing)
    async with world.running():
        await world.until(lambda: world.runs.known[RUN_ID].card is not None)
        (message,) = world.slack.shown.values()
        assert "Approved, publishing" in message.text
        assert not {"wap_approve", "wap_reject"} & set(str(message.blocks).split("'"))
        seen = world.runs.known[RUN_ID]
        world.runs.known[RUN_ID] = replace(seen, run=published().run, receipt=published().receipt)
        await world.until(lambda: any("✅ Published" in one.text for one in world.slack.shown.values()))
    assert len(world.slack.shown) == 1
