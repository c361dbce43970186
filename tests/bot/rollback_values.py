"""Roll backs with good defaults."""

from datetime import timedelta
from typing import Any

from flows.contract import Decider, Report, Rollback, Via
from tests.builders import MINA, NOW, report


def taken_back(about: Report | None = None, **changes: Any) -> Rollback:
    """Mina has taken this release back."""
    shown = about or report()
    fields: dict[str, Any] = {
        "run": shown.run,
        "run_name": shown.run_name,
        "attempt": shown.attempt,
        "digest": shown.digest,
        "by": "99999999-2222-3333-4444-555555555555",
        "by_name": "steady-heron",
        "via": Via.SLACK,
        "decider": Decider(name="Mina Okafor", user_id=MINA),
        "at": NOW + timedelta(minutes=40),
    }
    return Rollback(**{**fields, **changes})
