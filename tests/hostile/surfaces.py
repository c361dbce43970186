"""Every surface of the bot and of the flow, made from values that are hostile throughout."""

import importlib
import inspect
import pkgutil
import typing
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import bot.messages
from bot.answers import words
from bot.blocks.card import card_message
from bot.blocks.details import details_modal
from bot.blocks.home import Home, home_view, notice_view
from bot.blocks.link import link_message
from bot.blocks.listing import listing
from bot.blocks.modals import approve_modal, reject_modal, withdraw_modal
from bot.blocks.rollback import rollback_modal
from bot.blocks.run_form import run_modal
from bot.blocks.thread import table_message, thread_messages
from bot.card.risks import Risk
from bot.card.stages import Stage
from bot.card.state import Card
from bot.charts.panels import top_panels
from bot.commands.deployments import Deployment
from bot.messages import at_home
from bot.payloads import Place
from bot.ports import Message, Upload
from bot.rollbacks.news import _message as told_at_the_end
from bot.thread import files
from bot.thread.answers import Picture, answer
from bot.thread.words import parse
from flows.contract import Receipt, Report
from flows.contract.factors import Factor
from flows.report_text.markdown import markdown
from flows.report_text.question import question
from tests.hostile.values import OURS, Values

PLACE = Place("U0MINA0009", "C0RELEASES", "https://workspace.example.com/response")
NOT_FOR_SLACK = {"at_start"}
"""What the process says when it does not start, on its own terminal."""

NOT_WHOLE = {
    "bot.messages.in_thread.chart_alt",
    "bot.messages.on_card.confirm_text",
    "bot.messages.on_card.confirm_title",
    "bot.messages.on_card.fallback",
    "bot.messages.on_card.headline",
    "bot.messages.on_expiry.nobody_decided",
    "bot.messages.on_rollback.confirm_text",
    "bot.messages.on_rollback.confirm_title",
    "bot.messages.on_rollback.ended",
}
"""Plain text, which becomes safe where it is put: a header, a dialog, a file's alternative text, a notification."""

OURS_IN: dict[tuple[str, str], Any] = {
    ("bot.messages.at_home.done", "verb"): "Approved",
    ("bot.messages.in_thread.moved_line", "moves"): (("NULLs", "1 → <!here> *b*"),),
    **{
        (f"bot.messages.on_command.{name}", "command"): "show"
        for name in ("typed", "incomplete", "ambiguous", "missing")
    },
    ("bot.messages.on_command.form_not_opened", "command"): "run",
    ("bot.messages.on_command.decided", "verb"): "approved",
    ("bot.messages.on_command.started", "card_link"): f"<{OURS['card_url']}|here>",
    ("bot.messages.on_mention.no_rows", "kind"): "added",
    ("bot.messages.on_mention.rows_line", "kind"): "removed",
}
"""Arguments that are no data: another sentence, a word of the code, a link of ours."""

UNTRUSTED_WORDS = ("rows", "columns", "chart", "csv", "why", "help", "approve", "")


@dataclass(frozen=True, slots=True)
class Made:
    """One payload, and the surface that it is for."""

    surface: str
    payload: Message | Upload | dict[str, Any] | str
    is_markdown: bool = False


def surfaces(values: Values) -> Iterator[Made]:
    """One round: each surface once, of one report and its surroundings."""
    report = values.report()
    yield from _cards(values, report)
    yield from _thread(values, report)
    yield from _views(values, report)
    for message in listing(report):
        yield Made("list of /wap diff", message)
    about = values.of(Card, report=report)
    yield Made("preview of a link", link_message(about, url=OURS["url"], card_url=OURS["card_url"]))
    yield from _sentences(values, report)
    yield Made("end of a roll back", told_at_the_end(values.of(Receipt), values.of(str)))
    yield Made("report in Prefect", markdown(report), is_markdown=True)
    yield Made("question in Prefect", question(report), is_markdown=True)


def _cards(values: Values, report: Report) -> Iterator[Made]:
    for stage in Stage:
        card = values.of(Card, stage=stage, report=report)
        yield Made(f"card, {stage}", card_message(card, ui_url=OURS["ui_url"]))


def _thread(values: Values, report: Report) -> Iterator[Made]:
    for message in thread_messages(report):
        yield Made("thread", message)
    for diff in report.tables:
        yield Made("thread", table_message(diff))
    panels = top_panels(report)
    if panels:
        yield Made("chart", files.chart(report, panels, b"", subject=values.of(str)))
    yield Made("CSV", files.examples(report))
    for word in UNTRUSTED_WORDS:
        asked = (diff.name for diff in report.tables[:2])
        for rest in (*asked, values.of(str, "words")):
            made = answer(parse(f"{word} {rest}"), report)
            if isinstance(made, Picture):
                made = files.chart(report, made.panels, b"", subject=made.subject)
            yield Made("answer to @wap", made)


def _views(values: Values, report: Report) -> Iterator[Made]:
    yield Made("modal, reject", reject_modal(report, PLACE))
    yield Made("modal, approve", approve_modal(report, PLACE))
    yield Made("modal, withdraw", withdraw_modal(report, PLACE, have=1))
    yield Made("modal, roll back", rollback_modal(report, PLACE))
    yield Made("modal, start", run_modal(values.of(Deployment), PLACE))
    for shows_rows in (True, False):
        for picked in range(max(1, len(report.tables))):
            yield Made("modal, details", details_modal(report, PLACE, picked=picked, shows_rows=shows_rows))
    home = values.of(Home, notice=at_home.done("Approved", values.of(str)))
    yield Made("Home", home_view(home, ui_url=OURS["ui_url"]))
    yield Made("Home", notice_view(at_home.done("Approved", values.of(str))))


def _sentences(values: Values, report: Report) -> Iterator[Made]:
    """Every public sentence of bot/messages, with hostile arguments of the types that it asks for."""
    for name, sentence in sentences():
        hints = typing.get_type_hints(sentence, include_extras=True)
        hints.pop("return", None)
        given = {
            parameter: report if kind is Report else _argument(values, name, parameter, kind)
            for parameter, kind in hints.items()
        }
        said = sentence(**given)
        for text in (said,) if isinstance(said, str) else said:
            if text:
                yield Made(f"sentence, {name.removeprefix('bot.messages.')}", words(text))


def sentences() -> Iterator[tuple[str, Callable[..., Any]]]:
    """The public functions of bot/messages that say something in mrkdwn, with their full names."""
    for module in pkgutil.iter_modules(bot.messages.__path__):
        if module.name in NOT_FOR_SLACK:
            continue
        loaded = importlib.import_module(f"bot.messages.{module.name}")
        for name, found in vars(loaded).items():
            full = f"{loaded.__name__}.{name}"
            is_ours = inspect.isfunction(found) and found.__module__ == loaded.__name__ and not name.startswith("_")
            if is_ours and full not in NOT_WHOLE:
                yield full, found


def _argument(values: Values, sentence: str, parameter: str, kind: Any) -> Any:
    if (sentence, parameter) in OURS_IN:
        return OURS_IN[sentence, parameter]
    if kind is Risk:
        return values.of(Risk, factor=values.of(Factor))
    made = values.of(kind, parameter)
    is_empty_list = made == () and typing.get_origin(kind) is not None
    return (values.of(typing.get_args(kind)[0]),) if is_empty_list else made  # of nothing other sentences speak
