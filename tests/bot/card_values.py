"""Cards with good defaults, for tests of the renderer."""

from datetime import timedelta
from typing import Any

from bot.card.stages import Stage
from bot.card.state import Card, Verdicted
from flows.contract import Decider, Report, Via
from tests.builders import MINA, NOW, report

UI = "http://127.0.0.1:4200"
BY_MINA = Verdicted("Approve", "", Via.SLACK, Decider(name="Mina Okafor", user_id=MINA), NOW + timedelta(minutes=5))


def card(stage: Stage = Stage.WAITING, *, about: Report | None = None, **changes: Any) -> Card:
    """A card in this stage."""
    shown = about or report()
    fields: dict[str, Any] = {
        "stage": stage,
        "run_id": shown.run,
        "run_name": shown.run_name,
        "target": shown.target,
        "requested_by": shown.requested_by,
        "report": shown,
        "decision": None,
        "reason": "",
        "ended_at": None,
        "is_uncertain": False,
        "is_settled": True,
    }
    return Card(**{**fields, **changes})
