"""Pure: when a run that waits is worth a reminder, and when it is quiet."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from datetime import time as time_of_day
from zoneinfo import ZoneInfo

from flows.contract import QuietHours, Reminders

_WEEKEND = (5, 6)
_MOST = 1_000


def reminder_times(reminders: Reminders, asked: datetime, expires: datetime) -> Iterator[datetime]:
    """When each reminder is due, were there no quiet hours; the time between them doubles up to `longest`."""
    if reminders.after is None:
        return
    interval, moment = reminders.after, asked
    longest = max(reminders.longest or interval, interval)
    for _ in range(_MOST):
        moment += interval
        if moment >= expires:
            return
        yield moment
        interval = min(2 * interval, longest)


def passed(reminders: Reminders, asked: datetime, expires: datetime, *, now: datetime) -> int:
    """How many reminders are due by now; 0 if it is quiet. Only the last of several is worth sending."""
    if now >= expires or after_quiet(reminders.quiet, now) > now:
        return 0
    return sum(moment <= now for moment in reminder_times(reminders, asked, expires))


def is_escalated(reminders: Reminders, asked: datetime, expires: datetime, *, now: datetime) -> bool:
    """Whether the time has come to tell somebody else."""
    if reminders.escalate_after is None or not reminders.escalate_to:
        return False
    return asked + reminders.escalate_after <= now < expires and after_quiet(reminders.quiet, now) == now


def next_look(reminders: Reminders, asked: datetime, expires: datetime, *, now: datetime) -> datetime | None:
    """When something may become due that is not due now; None if nothing will before the run expires."""
    awake = after_quiet(reminders.quiet, now)
    escalation = [asked + reminders.escalate_after] if reminders.escalate_after else []
    coming = [moment for moment in (*reminder_times(reminders, asked, expires), *escalation) if moment > now]
    if awake > now:
        coming.append(awake)
    soonest = min((after_quiet(reminders.quiet, moment) for moment in coming), default=None)
    return soonest if soonest and soonest < expires else None


def after_quiet(quiet: QuietHours | None, moment: datetime) -> datetime:
    """This moment, or the end of the quiet hours that it lies in."""
    if quiet is None:
        return moment
    zone = ZoneInfo(quiet.time_zone)
    while (end := _end_of_quiet(quiet, moment.astimezone(zone))) is not None:
        moment = end.astimezone(UTC)  # times of one zone are compared by what its clocks show, which can go back
    return moment


def _end_of_quiet(quiet: QuietHours, local: datetime) -> datetime | None:
    if quiet.weekends and local.weekday() in _WEEKEND:
        return _at(local + timedelta(days=1), time_of_day())
    clock = local.time()
    if quiet.starts <= quiet.ends:
        return _at(local, quiet.ends) if quiet.starts <= clock < quiet.ends else None
    if clock >= quiet.starts:
        return _at(local + timedelta(days=1), quiet.ends)
    return _at(local, quiet.ends) if clock < quiet.ends else None


def _at(day: datetime, clock: time_of_day) -> datetime:
    # In the hour that comes twice, the end of what is quiet the second time is not that of the first.
    return datetime.combine(day.date(), clock, day.tzinfo).replace(fold=day.fold)
