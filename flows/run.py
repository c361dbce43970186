"""The run: what every step needs to know, and the ways in which a run can stop before it publishes."""

import getpass
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID, uuid4

from flows.contract import Outcome, Requester, Target
from flows.dbt_project.profile import Connection, Profile, connect_info, read_profile, target_of
from flows.settings import Settings


class Stopped(Exception):
    """The run ends here, with this outcome and this one sentence; nothing was published."""

    def __init__(self, outcome: Outcome, reason: str) -> None:
        super().__init__(reason)
        self.outcome = outcome
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Run:
    """One attempt of one Prefect flow run. `gate` is this attempt's pause key: fresh, so that no old answer fits."""

    id: UUID
    name: str
    attempt: int
    requester: Requester
    settings: Settings
    profile: Profile
    connection: Connection
    target: Target
    gate: str


def new_run(settings: Settings, *, id: UUID, name: str, attempt: int, requested_by: str, requester_user_id: str) -> Run:
    """Gather what the steps need. Reads dbt's profile; raises SettingsError when it cannot be used."""
    profile = read_profile(settings)
    connection = connect_info(settings, profile)
    return Run(
        id=id,
        name=name,
        attempt=attempt,
        requester=Requester(name=requested_by or user_name(), user_id=requester_user_id),
        settings=settings,
        profile=profile,
        connection=connection,
        target=target_of(connection, settings),
        gate=uuid4().hex,
    )


def user_name(of_system: Callable[[], str] = getpass.getuser) -> str:
    """The name of this user, or `unknown`: in a container a user id need not have one.

    Where the name is missing, `getpass.getuser` raises KeyError up to Python 3.12 and OSError from 3.13 on.
    """
    try:
        return of_system()
    except (KeyError, OSError):
        return "unknown"
