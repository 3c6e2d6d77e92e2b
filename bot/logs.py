"""The log: one line an event on standard error, with ids and without texts, names or tokens.

    2025-05-12T08:30:00Z ERROR bot.discord_app.replies: error k7m2qx in search, server 17
      File "/srv/newsdesk/bot/newsdesk.py", line 130, in search
      KeyError
    {"time": "2025-05-12T08:30:00Z", "level": "ERROR", "logger": "bot.discord_app.replies",
     "message": "error k7m2qx in search, server 17", "ids": {"error": "k7m2qx", "server": 17},
     "error": "KeyError", "traceback": "..."}                                   (as JSON: all on one line)

As text, a traceback follows on lines that begin with a blank; every other line begins an event. What is secret is cut
out at the last moment (`bot.redaction`), so that an exception of a library that quotes a header cannot leak it. Article
text and messages never go to the log (`bot.tracebacks`). Warnings, and what ends a thread, a task or the program
unexpectedly, go the same way. Files and their rotation are the host's.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Any, Final, Literal

from bot.redaction import hide, redact
from bot.tracebacks import kind, lines

_log = logging.getLogger(__name__)

REPEAT_SECONDS = 600.0
"""A line that says the same as one before is left out so long: a full disk is met at every poll."""
_MOST_REMEMBERED = 500
_MOST_CHARS = 4_000  # of a message
_MOST_TRACEBACK_CHARS = 32_000  # systemd's journal cuts a line at 48 KiB
_REDACTED_CHARS = 200_000  # more than that is never looked at: the rest is not logged
_WORDS = "delivery|schedule|server|library|article|feed|message|error"
_PLACES: Final = re.compile(rf"\b({_WORDS}) %[ds]|%[^%]")
_NAMED: Final = re.compile(rf"({_WORDS}) (\d{{1,20}})")
_CONTROLS: Final = {code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0))} | {
    ord("\n"): "\\n",
    ord("\r"): "\\r",
    ord("\t"): "\\t",
    0x2028: "\\u2028",
    0x2029: "\\u2029",
}


def configure(level: str, form: Literal["text", "json"] = "text", *, secrets: Collection[str] = ()) -> None:
    """Log to standard error from ``level`` up, as lines of ``form``; discord.py's own only where they matter.

    ``secrets`` are never shown, whatever they look like.
    """
    hide(*secrets)
    handler = _Handler(sys.stderr)
    handler.setFormatter(_Json() if form == "json" else _Text())
    handler.addFilter(_Repeats())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for chatty in ("discord.gateway", "discord.http", "discord.webhook", "aiosqlite", "alembic"):
        logging.getLogger(chatty).setLevel(max(logging.WARNING, logging.getLevelName(level)))
    logging.getLogger("discord.shard").addFilter(_without_traceback)
    logging.getLogger("discord.client").setLevel(logging.ERROR)  # below it only says that voice is not supported


@contextmanager
def catching() -> Iterator[None]:
    """Until the block ends, warnings, and what ends a thread or can be raised nowhere, are logged and not printed."""
    threads, unraisable = threading.excepthook, sys.unraisablehook
    logging.captureWarnings(True)
    threading.excepthook = lambda args: report("a thread ended", args.exc_value)
    sys.unraisablehook = lambda args: report("something could not be closed", args.exc_value)
    try:
        yield
    finally:
        threading.excepthook, sys.unraisablehook = threads, unraisable
        logging.captureWarnings(False)


def catch_tasks() -> None:
    """Log what the running loop is told of a task that nobody awaits, without what the task was working on."""
    asyncio.get_running_loop().set_exception_handler(
        lambda _, context: report(str(context.get("message") or "a task ended"), context.get("exception"))
    )


def report(what: str, error: BaseException | None) -> None:
    """Log, with its traceback, a fault that nobody expects and nothing else would tell of."""
    _log.error("%s: %s", what, kind(error) if error else "no exception", exc_info=error)


def say(sentence: str, level: int = logging.CRITICAL) -> None:
    """Print a sentence that is meant for the host: a line of its own, or where the log is JSON, one of the log."""
    if any(isinstance(one.formatter, _Json) for one in logging.getLogger().handlers):
        _log.log(level, "%s", sentence)
    else:
        print(redact(sentence), file=sys.stderr)  # noqa: T201


class _Handler(logging.StreamHandler[Any]):
    """Where the host has closed standard error, nobody is left to be told: logging's own answer prints arguments."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802, ARG002 - logging's name
        return


class _Repeats(logging.Filter):
    """Lets a line of WARNING and above through once in `REPEAT_SECONDS`; the next says how often it was left out."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._seen: OrderedDict[tuple[str, str, str], tuple[float, int]] = OrderedDict()
        self._lock = threading.Lock()

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno < logging.WARNING:
            return True
        error = record.exc_info[1] if record.exc_info else None
        key = record.name, _message(record), kind(error) if error else ""
        now = self._clock()
        with self._lock:
            since, left_out = self._seen.pop(key, (-REPEAT_SECONDS, 0))
            passes = now - since >= REPEAT_SECONDS
            self._seen[key] = (now, 0) if passes else (since, left_out + 1)
            if len(self._seen) > _MOST_REMEMBERED:
                self._seen.popitem(last=False)
        if left_out:
            record.left_out = left_out
        return passes


def _without_traceback(record: logging.LogRecord) -> bool:
    """discord.py logs every try to connect with a traceback and when it tries again: one line says as much."""
    if record.exc_info and record.exc_info[1] and "reconnect" in record.msg:
        record.msg = "the connection to Discord is lost and is being taken up again (%s)"
        record.args = (kind(record.exc_info[1]),)
        record.exc_info = None
    return True


class _Text(logging.Formatter):
    """``2025-05-12T08:30:00Z INFO bot.newsdesk: message``; a traceback follows on lines that begin with a blank."""

    def format(self, record: logging.LogRecord) -> str:
        head = f"{_moment(record)} {record.levelname} {record.name}: {_clean(_message(record), _MOST_CHARS)}"
        return "\n".join([head, *(f"  {line.translate(_CONTROLS)}" for line in _trace(record).split("\n") if line)])


class _Json(logging.Formatter):
    """One JSON object a line. ``ids`` are what the message names by number: a delivery, a server, an error."""

    def format(self, record: logging.LogRecord) -> str:
        error = record.exc_info[1] if record.exc_info else None
        fields: dict[str, object] = {
            "time": _moment(record),
            "level": record.levelname,
            "logger": record.name,
            "message": _clean(_message(record), _MOST_CHARS),
            "ids": _ids(record),
            "error": kind(error) if error else None,
            "traceback": _trace(record) or None,
        }
        return json.dumps({name: value for name, value in fields.items() if value}, ensure_ascii=True)


def _moment(record: logging.LogRecord) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created))


def _message(record: logging.LogRecord) -> str:
    try:
        said = record.getMessage()
    except Exception as error:  # noqa: BLE001 - arguments that do not fit, or that cannot be shown
        said = f"{record.msg} ({kind(error)} in its arguments)"
    left_out = getattr(record, "left_out", 0)
    return f"{said} (and {left_out} times more since it was last said)" if left_out else said


def _trace(record: logging.LogRecord) -> str:
    """The traceback and the stack that go with a record, line by line."""
    told = lines(record.exc_info[1]) if record.exc_info and record.exc_info[1] else []
    if record.stack_info:
        told += record.stack_info.split("\n")
    whole = redact("\n".join(told)[:_REDACTED_CHARS])
    return whole if len(whole) <= _MOST_TRACEBACK_CHARS else "…" + whole[-_MOST_TRACEBACK_CHARS:]


def _clean(text: str, most: int) -> str:
    """One line: without secrets, nothing that moves a terminal's cursor, no longer than ``most``."""
    line = redact(text[:_REDACTED_CHARS]).translate(_CONTROLS)
    return line if len(line) <= most else line[:most] + "…"


def _ids(record: logging.LogRecord) -> dict[str, object]:
    """What the message names: the word before a placeholder and what was put there, or both put there as one."""
    found: dict[str, object] = {}
    given = record.args if isinstance(record.args, tuple) else ()
    for match, value in zip(_PLACES.finditer(str(record.msg).replace("%%", "")), given, strict=False):
        if match[1]:
            found[match[1]] = value if isinstance(value, int) else _clean(str(value), 100)
        elif isinstance(value, str) and (whole := _NAMED.fullmatch(value)):
            found[whole[1]] = int(whole[2])
    return found
