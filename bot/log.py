"""Structured log lines: an event name and key=value, never a token, a body or a row value."""

import json
import logging
import sys

_LOGGER = logging.getLogger("wap.bot")


def info(event: str, **fields: object) -> None:
    """Record something that happened as it should."""
    _LOGGER.info("%s", _line(event, fields))


def warning(event: str, **fields: object) -> None:
    """Record something that somebody may have to look at."""
    _LOGGER.warning("%s", _line(event, fields))


def error(event: str, *, cause: BaseException | None = None, **fields: object) -> None:
    """Record a failure of ours, with its traceback."""
    _LOGGER.error("%s", _line(event, fields), exc_info=cause)


def set_up(level: str) -> None:
    """Send our lines to stderr. Libraries are kept at WARNING: at DEBUG they print whole requests."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    _LOGGER.setLevel(level)


def bolt_logger() -> logging.Logger:
    """The logger of Bolt, without its warning that the token in the environment is not used: that is on purpose."""
    logger = logging.getLogger("slack_bolt")
    logger.addFilter(_is_worth_telling)
    return logger


def _is_worth_telling(record: logging.LogRecord) -> bool:
    return "`token`" not in record.getMessage()


def _line(event: str, fields: dict[str, object]) -> str:
    return " ".join([event, *(f"{name}={_value(value)}" for name, value in fields.items())])


def _value(value: object) -> str:
    text = str(value)
    return text if text and text.isprintable() and not set(text) & set(' "=') else json.dumps(text)
