"""Which use case gets what: the services of the bot, on any implementation of its ports."""

import os
import secrets
import socket
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from bot.answers import Answers
from bot.card.attention import Attention
from bot.card.cards import Cards
from bot.card.chores import Chores, Complete
from bot.card.looks import Looks
from bot.card.reconciler import Reconciler
from bot.charts.drawing import Draw, draw_apart, one_at_a_time
from bot.commands.commands import Commands
from bot.commands.lookups import Lookups
from bot.commands.starting import Starting
from bot.decisions.permission import Permissions
from bot.decisions.policy import Home
from bot.decisions.reviews import Reviews
from bot.home.homes import Homes
from bot.home.overview import Overview
from bot.home.tallies import Tallies
from bot.listeners.errors import Answering
from bot.modals import Modals
from bot.ports import Catalog, Desk, Runs, Slack
from bot.reminders.reminders import Reminding
from bot.rollbacks.news import RollbackNews
from bot.rollbacks.proposals import Proposals
from bot.rollbacks.rollbacks import Rollbacks
from bot.settings import Settings
from bot.thread.diffs import Thread
from bot.thread.mentions import Mentions
from bot.thread.transcript import Transcripts
from bot.unfurls import Unfurls
from bot.work.sharing import SharedWork
from bot.work.tasks import Tasks

URGENT_AT_ONCE = 8
Reconcile = Callable[[str], Coroutine[Any, Any, None]]


@dataclass(frozen=True, slots=True)
class Services:
    """The use cases, wired to one Prefect and one Slack. A listener gets one by asking for its name here."""

    reviews: Reviews
    lookups: Lookups
    starting: Starting
    rollbacks: Rollbacks
    commands: Commands
    homes: Homes
    unfurls: Unfurls
    mentions: Mentions
    reconciler: Reconciler
    answering: Answering
    tasks: Tasks


@dataclass(frozen=True, slots=True)
class Prefect:
    """One Prefect, by what is asked of it."""

    runs: Runs
    catalog: Catalog
    desk: Desk
    clock: Callable[[], datetime | None] = lambda: None
    """Its server's clock, None until it was heard of."""


def wire(
    settings: Settings,
    prefect: Prefect,
    slack: Slack,
    home: Home,
    *,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Services:
    """The use cases on any implementation of the two ports."""
    base = _base(settings, prefect, slack, home, clock)
    reconciler = _reconciler(base, complete=lambda run_id: reviews.complete(run_id))
    # Shared: reconciling one run waits for itself, and a decision must not queue behind a crowd that may not decide.
    reconcile = SharedWork(partial(reconciler.reconcile, urgent=True), at_once=URGENT_AT_ONCE).get
    reviews, rollbacks = _reviews(base, reconcile), _rollbacks(base, reconcile)
    lookups, starting = _lookups(base), _starting(base, reconcile)
    return Services(
        reviews=reviews,
        lookups=lookups,
        starting=starting,
        rollbacks=rollbacks,
        commands=Commands(
            prefect.runs, lookups=lookups, reviews=reviews, starting=starting, rollbacks=rollbacks, answers=base.answers
        ),
        homes=base.homes,
        mentions=Mentions(prefect.runs, slack, base.draw),
        unfurls=Unfurls(prefect.runs, slack, ui_url=settings.ui_url, clock=clock),
        reconciler=reconciler,
        answering=Answering(base.answers, base.tasks),
        tasks=base.tasks,
    )


@dataclass(frozen=True, slots=True)
class _Base:
    """What several use cases share."""

    settings: Settings
    prefect: Prefect
    slack: Slack
    clock: Callable[[], datetime]
    tasks: Tasks
    draw: Draw
    permissions: Permissions
    tallies: Tallies
    overview: Overview
    homes: Homes
    answers: Answers
    modals: Modals
    news: RollbackNews


def _base(settings: Settings, prefect: Prefect, slack: Slack, home: Home, clock: Callable[[], datetime]) -> _Base:
    tasks, tallies = Tasks(), Tallies()
    permissions = Permissions(prefect.runs, slack, home=home, clock=clock)
    overview = Overview(prefect.catalog, tallies, clock=prefect.clock)
    homes = Homes(
        slack,
        overview=overview,
        permissions=permissions,
        tasks=tasks,
        ui_url=settings.ui_url,
        monotonic=time.monotonic,
    )
    answers = Answers(slack, homes.answer)
    return _Base(
        settings=settings,
        prefect=prefect,
        slack=slack,
        clock=clock,
        tasks=tasks,
        draw=one_at_a_time(draw_apart),
        permissions=permissions,
        tallies=tallies,
        overview=overview,
        homes=homes,
        answers=answers,
        modals=Modals(slack, answers),
        news=RollbackNews(prefect.runs, slack),
    )


def _reconciler(base: _Base, *, complete: Complete) -> Reconciler:
    runs, slack, clock = base.prefect.runs, base.slack, base.clock
    name = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(2)}"
    chores = Chores(
        Thread(runs, slack, base.draw, name=name, clock=clock),
        Transcripts(runs, slack, clock=clock),
        Reminding(runs, slack, name=name, clock=base.prefect.clock),
        tasks=base.tasks,
        complete=complete,
    )
    return Reconciler(
        runs,
        Cards(runs, slack, ui_url=base.settings.ui_url, name=name, clock=clock),
        chores,
        base.news,
        Attention(Looks(base.prefect.clock), monotonic=time.monotonic),
        base.tallies,
        tick_seconds=base.settings.tick_seconds,
        monotonic=time.monotonic,
        changed=base.homes.changed,
    )


def _reviews(base: _Base, reconcile: Reconcile) -> Reviews:
    return Reviews(
        base.prefect.runs,
        base.prefect.desk,
        base.slack,
        permissions=base.permissions,
        answers=base.answers,
        modals=base.modals,
        reconcile=reconcile,
        tasks=base.tasks,
        signing_keys=base.settings.signing_keys,
        clock=base.clock,
        new_nonce=_nonce,
    )


def _rollbacks(base: _Base, reconcile: Reconcile) -> Rollbacks:
    keys, clock = base.settings.signing_keys, base.clock
    proposals = Proposals(
        base.prefect.runs, base.permissions, base.news, signing_keys=keys, clock=clock, new_nonce=_nonce
    )
    return Rollbacks(
        base.prefect.runs,
        base.prefect.desk,
        base.slack,
        overview=base.overview,
        permissions=base.permissions,
        answers=base.answers,
        modals=base.modals,
        proposals=proposals,
        reconcile=reconcile,
        signing_keys=keys,
        clock=clock,
        new_nonce=_nonce,
    )


def _lookups(base: _Base) -> Lookups:
    return Lookups(
        base.prefect.runs,
        overview=base.overview,
        permissions=base.permissions,
        modals=base.modals,
        ui_url=base.settings.ui_url,
        clock=base.clock,
    )


def _starting(base: _Base, reconcile: Reconcile) -> Starting:
    return Starting(
        base.prefect.runs,
        base.prefect.desk,
        base.slack,
        permissions=base.permissions,
        answers=base.answers,
        modals=base.modals,
        reconcile=reconcile,
    )


def _nonce() -> str:
    return secrets.token_hex(16)
