"""Pure: what is said of a question whose time is over, where the flow itself does not say it any more."""

from bot.blocks.escape import code, when
from flows.contract import Report


def nobody_decided(report: Report) -> str:
    """On the card. Plain text with back-ticks."""
    return (
        f"Not published. Nobody decided before {report.expires_at:%Y-%m-%d %H:%M} UTC, and the process of this run did "
        f"not end it, so it may be gone. The data is still in `{report.target.staging}`; start again with `/wap run`."
    )


def too_late(report: Report) -> str:
    """To somebody who decides after the end. mrkdwn."""
    return (
        f"Nothing changed. The run {code(report.run_name)} could be decided until {when(report.expires_at)}; nothing "
        f"was published. The data is still in {code(report.target.staging)}; start again with `/wap run`."
    )
