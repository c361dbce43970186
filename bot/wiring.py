"""Which use case gets what: the services of the bot, on any implementation of its ports."""

import os
import secrets
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from bot.answers import Answers
from bot.card.cards import Cards
from bot.card.looks import Looks
from bot.card.reconciler import Reconciler
from bot.charts.drawing import draw_apart, one_at_a_time
from bot.commands.commands import Commands
from bot.commands.lookups import Lookups
from bot.commands.starting import Starting
from bot.decisions.permission import Permissions
from bot.decisions.policy import Home
from bot.decisions.reviews import Reviews
from bot.home.homes import Homes
from bot.home.overview import Overview
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


@dataclass(frozen=True, slots=True)
class Services:
    """The use cases, wired to one Prefect and one Slack."""

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
    tasks = Tasks()
    name = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(2)}"
    cards = Cards(prefect.runs, slack, ui_url=settings.ui_url, name=name, clock=clock)
    draw = one_at_a_time(draw_apart)
    thread = Thread(prefect.runs, slack, draw, name=name, clock=clock)
    permissions = Permissions(prefect.runs, slack, home=home, clock=clock)
    overview = Overview(prefect.catalog)
    homes = Homes(
        slack,
        overview=overview,
        permissions=permissions,
        tasks=tasks,
        ui_url=settings.ui_url,
        monotonic=time.monotonic,
    )
    answers = Answers(slack, homes.answer)
    modals = Modals(slack, answers)
    news = RollbackNews(prefect.runs, slack)
    reconciler = Reconciler(
        prefect.runs,
        cards,
        thread,
        Transcripts(prefect.runs, slack, clock=clock),
        news,
        Reminding(prefect.runs, slack, name=name, clock=prefect.clock),
        Looks(prefect.clock),
        tasks=tasks,
        tick_seconds=settings.tick_seconds,
        monotonic=time.monotonic,
        changed=homes.changed,
        complete=lambda run_id: reviews.complete(run_id),
    )
    # Shared: reconciling one run waits for itself, and a decision must not queue behind a crowd that may not decide.
    reconcile = SharedWork(partial(reconciler.reconcile, urgent=True), at_once=URGENT_AT_ONCE).get
    reviews = Reviews(
        prefect.runs,
        prefect.desk,
        slack,
        permissions=permissions,
        answers=answers,
        modals=modals,
        reconcile=reconcile,
        tasks=tasks,
        signing_keys=settings.signing_keys,
        clock=clock,
        new_nonce=lambda: secrets.token_hex(16),
    )
    lookups = Lookups(
        prefect.runs,
        overview=overview,
        permissions=permissions,
        modals=modals,
        ui_url=settings.ui_url,
        clock=clock,
    )
    starting = Starting(
        prefect.runs, prefect.desk, slack, permissions=permissions, answers=answers, modals=modals, reconcile=reconcile
    )
    proposals = Proposals(
        prefect.runs,
        permissions,
        news,
        signing_keys=settings.signing_keys,
        clock=clock,
        new_nonce=lambda: secrets.token_hex(16),
    )
    rollbacks = Rollbacks(
        prefect.runs,
        prefect.desk,
        slack,
        overview=overview,
        permissions=permissions,
        answers=answers,
        modals=modals,
        proposals=proposals,
        reconcile=reconcile,
        signing_keys=settings.signing_keys,
        clock=clock,
        new_nonce=lambda: secrets.token_hex(16),
    )
    commands = Commands(
        prefect.runs, lookups=lookups, reviews=reviews, starting=starting, rollbacks=rollbacks, answers=answers
    )
    return Services(
        reviews=reviews,
        lookups=lookups,
        starting=starting,
        rollbacks=rollbacks,
        commands=commands,
        homes=homes,
        mentions=Mentions(prefect.runs, slack, draw),
        unfurls=Unfurls(prefect.runs, slack, ui_url=settings.ui_url, clock=clock),
        reconciler=reconciler,
        answering=Answering(answers, tasks),
        tasks=tasks,
    )
