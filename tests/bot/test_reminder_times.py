"""When reminders are due: doubling up to a cap, never when it is quiet, never after the end."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.reminders.times import after_quiet, is_escalated, next_look, passed, reminder_times
from flows.contract import Policy, QuietHours, Reminders

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
NIGHT = QuietHours(time_zone="UTC", starts=time(18), ends=time(8))
_LONG = timedelta(days=30)


def at(text: str, zone: str = "UTC") -> datetime:
    """A moment as people write it."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def test_intervals_double_up_to_the_longest() -> None:
    """One hour, two, four, and then the cap."""
    reminders = Reminders(after=timedelta(hours=1), longest=timedelta(hours=4))
    due = list(reminder_times(reminders, MONDAY, MONDAY + timedelta(hours=20)))
    assert [(moment - MONDAY) / timedelta(hours=1) for moment in due] == [1, 3, 7, 11, 15, 19]


def test_nothing_is_due_after_the_end_or_when_off() -> None:
    """An expired question is not asked again."""
    end = MONDAY + timedelta(hours=2)
    assert passed(Reminders(), MONDAY, end, now=end - timedelta(seconds=1)) == 1
    assert passed(Reminders(), MONDAY, end, now=end) == 0
    assert passed(Reminders(after=None), MONDAY, end, now=end - timedelta(seconds=1)) == 0
    assert next_look(Reminders(), MONDAY, end, now=end - timedelta(minutes=1)) is None


@pytest.mark.parametrize(
    ("moment", "end"),
    [
        ("2026-03-02T17:59", "2026-03-02T17:59"),
        ("2026-03-02T18:00", "2026-03-03T08:00"),
        ("2026-03-03T07:59", "2026-03-03T08:00"),
        ("2026-03-06T19:00", "2026-03-09T08:00"),
        ("2026-03-07T12:00", "2026-03-09T08:00"),
    ],
)
def test_quiet_hours_end_in_the_morning_of_a_working_day(moment: str, end: str) -> None:
    """Past midnight, and over a weekend to Monday."""
    assert after_quiet(NIGHT, at(moment)) == at(end)


def test_quiet_hours_are_local_and_follow_summer_time() -> None:
    """Eight in the morning is seven hours UTC before the change of the clocks, and six after it."""
    quiet = QuietHours(time_zone="Europe/Vienna", starts=time(18), ends=time(8), weekends=False)
    assert after_quiet(quiet, at("2026-03-27T22:00")) == at("2026-03-28T07:00")
    assert after_quiet(quiet, at("2026-03-28T22:00")) == at("2026-03-29T06:00")


_CLOCKS_CHANGE = [
    ("America/Toronto", "2026-11-01T06:00"),
    ("America/Toronto", "2026-03-08T07:00"),
    ("America/Havana", "2026-11-01T05:00"),
    ("Australia/Lord_Howe", "2026-04-04T15:00"),
    ("Africa/Cairo", "2026-04-23T22:00"),
]


@given(
    st.sampled_from(_CLOCKS_CHANGE), st.integers(0, 95), st.integers(0, 15), st.booleans(), st.integers(-120, 120)
)  # fmt: skip
@example(_CLOCKS_CHANGE[0], 88, 6, False, 10)
def test_end_of_quiet_is_loud_and_never_before_its_moment(
    change: tuple[str, str], starts: int, ends: int, weekends: bool, minutes: int
) -> None:
    """Also in the hour that comes twice, and in the one that does not come."""
    zone, changed = change
    begins, stops = (time(quarter // 4, quarter % 4 * 15) for quarter in (starts, ends))
    quiet = QuietHours(time_zone=zone, starts=begins, ends=stops, weekends=weekends)
    moment = at(changed) + timedelta(minutes=minutes)
    end = after_quiet(quiet, moment)
    assert moment <= end <= moment + timedelta(days=4)
    assert after_quiet(quiet, end) == end


def test_reminders_of_a_night_are_one_in_the_morning() -> None:
    """Nothing at night; then the last of those that were due; the next look is set to the morning."""
    reminders = Reminders(quiet=NIGHT)
    asked = at("2026-03-02T17:30")
    assert passed(reminders, asked, asked + _LONG, now=at("2026-03-03T03:00")) == 0
    assert next_look(reminders, asked, asked + _LONG, now=at("2026-03-03T03:00")) == at("2026-03-03T08:00")
    assert passed(reminders, asked, asked + _LONG, now=at("2026-03-03T08:00")) == 3


def test_escalation_waits_for_its_time_and_for_the_morning() -> None:
    """Once the time has come, unless it is quiet or over."""
    reminders = Reminders(escalate_after=timedelta(hours=6), escalate_to="S0ONCALL", quiet=NIGHT)
    asked = at("2026-03-02T13:00")
    told = [at("2026-03-02T17:00"), at("2026-03-02T19:30"), at("2026-03-03T08:00")]
    assert [is_escalated(reminders, asked, asked + _LONG, now=now) for now in told] == [False, False, True]
    assert not is_escalated(reminders, asked, told[2], now=told[2])


@given(
    st.integers(1, 600), st.integers(1, 600), st.integers(0, 23), st.integers(0, 23), st.booleans(),
    st.integers(0, 60 * 24 * 14),
)  # fmt: skip
def test_next_look_never_misses_a_reminder(
    after: int, longest: int, starts: int, ends: int, weekends: bool, minutes: int
) -> None:
    """Between now and the next look nothing becomes due."""
    quiet = QuietHours(time_zone="America/Toronto", starts=time(starts), ends=time(ends), weekends=weekends)
    reminders = Reminders(after=timedelta(minutes=after), longest=timedelta(minutes=longest), quiet=quiet)
    now = MONDAY + timedelta(minutes=minutes)
    look = next_look(reminders, MONDAY, MONDAY + _LONG, now=now)
    before = passed(reminders, MONDAY, MONDAY + _LONG, now=now)
    last = look - timedelta(seconds=1) if look else MONDAY + _LONG - timedelta(seconds=1)
    assert passed(reminders, MONDAY, MONDAY + _LONG, now=last) in (before, 0)


def test_reminders_survive_the_report() -> None:
    """What wap.toml said is what the bot reads."""
    reminders = Reminders.model_validate(
        {"after": "15m", "longest": "off", "escalate_after": "6h", "escalate_to": "S0ONCALL", "quiet": NIGHT}
    )
    policy = Policy(approvers=("U1",), reminders=reminders)
    assert Policy.model_validate_json(policy.model_dump_json()) == policy


@pytest.mark.parametrize(
    ("given_", "said"),
    [
        ({"after": "30s"}, "at least a minute"),
        ({"after": "soon"}, "at least a minute"),
        ({"after": "PT0S"}, "at least a minute"),
        ({"longest": "PT59.5S"}, "at least a minute"),
        ({"escalate_after": "Pardon", "escalate_to": "S0ONCALL"}, "at least a minute"),
        ({"after": timedelta(0)}, "at least a minute"),
        ({"escalate_after": "6h"}, "or neither of them"),
        ({"escalate_after": "6h", "escalate_to": "channel"}, "Slack user id"),
        ({"quiet": {"time_zone": "Mars/Base", "starts": "18:00", "ends": "08:00"}}, "name of a time zone"),
    ],
)
def test_unusable_reminders_are_refused(given_: dict[str, object], said: str) -> None:
    """With what is accepted instead."""
    with pytest.raises(ValidationError, match=said):
        Reminders.model_validate(given_)
