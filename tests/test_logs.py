"""The log: one line an event, and no secret, text or name in it."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import sqlite3
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from bot import logs, redaction
from bot.corpus import sqlite
from bot.corpus.schema import note
from bot.corpus.sqlite_database import transaction
from bot.errors import NotFound
from bot.redaction import redact
from tests.strangeness import any_text
from tests.wire.process import LOG_LINE

# Shaped like a token, and none: the parts say so in base64.
TOKEN = "bm90LWEtcmVhbC10b2tlbi1hdC1hbGw.bm90YXQ.bm90LWEtcmVhbC10b2tlbi1hdC1hbGw"
SECRET = "abcdefghijklmnopqrstuvwx"
PLAIN = "correct horse battery"  # of no form that could be known
CALLBACK = f"https://discord.com/api/v10/interactions/123/{SECRET}/callback"

Lines = Callable[[], list[str]]


@pytest.fixture
def put_back(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The log of this process, as it was before."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    monkeypatch.setattr(redaction, "_hidden", set())
    yield
    root.handlers[:] = before
    root.setLevel(level)


def _written(form: Any) -> Lines:
    logs.configure("INFO", form, secrets=[PLAIN])
    (handler,) = logging.getLogger().handlers
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(stream := io.StringIO())
    return lambda: stream.getvalue().splitlines()


@pytest.fixture
def text(put_back: None) -> Lines:
    """The lines logged so far, as text."""
    return _written("text")


@pytest.fixture
def records(put_back: None) -> Callable[[], list[dict[str, Any]]]:
    """The lines logged so far, as JSON, one object each."""
    lines = _written("json")
    return lambda: [json.loads(line) for line in lines()]


@pytest.fixture(params=["text", "json"])
def lines(put_back: None, request: pytest.FixtureRequest) -> Lines:
    """The lines logged so far, in either form."""
    return _written(request.param)


log = logging.getLogger("bot.test")
name = "Elena Marsh"  # a traceback shows the line of the program, and not what a name in it stands for


def fail(error: BaseException) -> None:
    try:
        raise error  # noqa: TRY301
    except BaseException:
        log.exception("it failed")


# What is secret


@pytest.mark.parametrize(
    "told",
    [
        TOKEN,
        f"token={SECRET}",
        f"Authorization: Bot {SECRET}",
        "{'authorization': 'Basic abc'}".replace("abc", SECRET),
        f"(b'Authorization', b'Bearer {SECRET}')",
        f"Set-Cookie: session={SECRET}; Path=/",
        f"Bot {SECRET}",
        f"/webhooks/123/{SECRET}",
        f"https://discord.com/api/webhooks/123/{SECRET}/messages/@original?wait=true",
        CALLBACK,
        f"postgresql+asyncpg://newsdesk:{SECRET}@db.example/news",
        f"postgresql://newsdesk:p@ss@{SECRET}@db.example/news",
        f"https://{SECRET}@feed.example/rss",
        f"https://feed.example/rss?user=7&api_key={SECRET}&page=2",
        f"{{'id': '1', 'token': '{SECRET}', 'type': 2}}",
        f"{{'password': '{SECRET}'}}",
    ],
)
def test_whatever_has_the_form_of_a_secret_is_cut_out(told: str) -> None:
    line = redact(f"failed: {told}")
    assert "[secret]" in line
    assert SECRET not in line
    assert TOKEN not in line


@pytest.mark.parametrize(
    "told",
    [
        "Discord refused DISCORD_TOKEN: reset it in the Developer Portal, page Bot, and put the new one in .env.",
        "https://medium.example/@someone/a-story",
        "delivery 17 posted as message 1234567890123456789",
        'File "/srv/lib/python3.11/site-packages/sqlalchemy/dialects/sqlite/aiosqlite.py", line 12, in connect',
        "Basic facts about the bot are in the README",
    ],
)
def test_what_is_no_secret_stays(told: str) -> None:
    assert redact(told) == told


def test_a_secret_that_was_given_is_cut_out_in_every_spelling(lines: Lines) -> None:
    log.error("it is %s, or %s", PLAIN, "https://db.example/?x=correct%20horse%20battery")
    assert "horse" not in "".join(lines())


@given(any_text())
def test_any_text_is_one_line_without_the_secret_in_it(said: str) -> None:
    line = logs._clean(f"{said} {TOKEN} {said}", 10_000)
    assert TOKEN not in line
    assert len(line.splitlines()) == 1


@given(st.sampled_from(["a", "a.", "://", "://a@", "?key=", "/webhooks/1/", "token:", "Bot ", "cookie=", "-.", "@"]))
def test_long_text_is_searched_in_time_that_grows_with_its_length(piece: str) -> None:
    def spent(length: int) -> float:
        begun = time.process_time()
        redact((piece * length)[:length])
        return time.process_time() - begun

    assert min(spent(40_000) for _ in range(3)) < 20 * min(spent(4_000) for _ in range(3)) + 0.02


async def _requests() -> list[BaseException]:
    """What aiohttp raises and shows of a request that carried the token."""
    headers = CIMultiDictProxy(CIMultiDict({"Authorization": f"Bot {TOKEN}", "Cookie": SECRET}))
    info = aiohttp.RequestInfo(URL(CALLBACK), "POST", headers, URL(CALLBACK))
    response = aiohttp.ClientResponseError(info, (), status=500, message=f"for {CALLBACK}", headers=headers)
    return [response, RuntimeError(repr(response)), RuntimeError(repr(info)), aiohttp.InvalidURL(URL(CALLBACK))]


async def test_exceptions_that_carry_secrets_are_logged_without_them(lines: Lines) -> None:
    for error in await _requests():
        fail(error)
        error.__cause__ = OSError(f"cannot connect with {TOKEN}")
        error.__cause__.__context__ = RuntimeError(f"Authorization: Bot {SECRET}")
        fail(error)
        fail(
            BaseExceptionGroup(f"while {TOKEN}", [error, ExceptionGroup("two", [RuntimeError(TOKEN), OSError(PLAIN)])])
        )
        log.error("with %s and %r", error, error, stack_info=True)
        log.error({"headers": {"Authorization": f"Bot {SECRET}"}, "token": TOKEN})
    whole = "\n".join(lines())
    assert whole.count("[secret]") > 10
    for secret in (TOKEN, SECRET, PLAIN):
        assert secret not in whole


# What was being worked on


@pytest.mark.parametrize(
    "error",
    [KeyError("Elena Marsh"), ValueError("Elena Marsh"), NotFound("“Elena Marsh” is nobody."), AssertionError("Elena")],
    ids=lambda error: type(error).__name__,
)
def test_what_an_exception_quotes_stays_out_of_the_log(lines: Lines, error: Exception) -> None:
    fail(ExceptionGroup("some", [error]))
    whole = "\n".join(lines())
    assert "Elena" not in whole
    assert type(error).__name__ in whole


async def test_a_statement_that_fails_is_logged_without_its_values(lines: Lines, tmp_path: Path) -> None:
    engine = sqlite.engine(tmp_path / "some.db", "writer", size=1)
    try:
        async with transaction(engine, tmp_path / "some.db") as begun:
            await begun.execute(note.insert(), {"key": name, "value": name})
    except Exception:
        log.exception("it failed")
    finally:
        await engine.dispose()
    whole = "\n".join(lines())
    assert "no such table" in whole
    assert "Elena" not in whole


async def test_a_task_that_nobody_awaits_is_logged_without_what_it_held(lines: Lines) -> None:
    logs.catch_tasks()

    async def forgotten() -> None:
        raise KeyError(name)

    task = asyncio.create_task(forgotten())
    await asyncio.wait({task})
    del task
    whole = "\n".join(lines())
    assert "Task exception was never retrieved: KeyError" in whole
    assert "Elena" not in whole


# One line an event


def test_a_line_of_text_says_when_how_serious_where_and_what(text: Lines) -> None:
    log.warning("delivery %d waits", 7)
    (line,) = text()
    assert LOG_LINE.fullmatch(line)
    assert line.endswith("Z WARNING bot.test: delivery 7 waits")


def test_as_text_a_traceback_follows_on_lines_that_begin_with_a_blank(text: Lines) -> None:
    fail(OSError("no route\nto host"))
    log.info("next")
    first, *trace, last = text()
    assert first.endswith("ERROR bot.test: it failed")
    assert trace[-1] == "  to host"
    assert all(line.startswith("  ") for line in trace)
    assert last.endswith("INFO bot.test: next")


def test_as_json_a_traceback_is_a_field_of_its_line(records: Callable[[], list[dict[str, Any]]]) -> None:
    fail(OSError("no route\nto host"))
    (record,) = records()
    assert {record["level"], record["logger"], record["message"]} == {"ERROR", "bot.test", "it failed"}
    assert record["error"] == "OSError"
    assert record["traceback"].endswith("OSError: no route\nto host")
    assert "in fail" in record["traceback"]


def test_as_json_what_a_message_names_is_a_field(records: Callable[[], list[dict[str, Any]]]) -> None:
    log.info("100%% of delivery %d posted as message %s in %.1f s", 7, 1234567890123456789, 0.5)
    log.warning("error %s in %s, server %s", "k7m2qx", "search", 17)
    log.warning("%s failed (%s)", "schedule 3", "TimeoutError")
    first, second, third = records()
    assert third["ids"] == {"schedule": 3}
    assert first["message"] == "100% of delivery 7 posted as message 1234567890123456789 in 0.5 s"
    assert first["ids"] == {"delivery": 7, "message": 1234567890123456789}
    assert second["ids"] == {"error": "k7m2qx", "server": 17}
    assert not {"error", "traceback"} & set(second)


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n", "\x1b[2K", "\x85", "\u2028", "\x0b"])
def test_no_message_can_make_a_second_line(lines: Lines, end: str) -> None:
    log.warning("the server %s", f"x{end}2025-05-12T08:30:00Z INFO bot.test: forged")
    (line,) = lines()
    assert end not in line


@pytest.mark.parametrize("form", [logs._Text(), logs._Json()], ids=["text", "json"])
def test_arguments_that_do_not_fit_are_a_line_all_the_same(form: logging.Formatter) -> None:
    for said, given_ in (("delivery %d", ("seven",)), ("%s and %s", (Unspeakable(), 1))):
        line = form.format(logging.LogRecord("bot.test", logging.ERROR, "", 1, said, given_, None))
        assert said in line
        assert "in its arguments" in line


class Unspeakable(Exception):
    def __str__(self) -> str:
        raise ZeroDivisionError

    __repr__ = __str__


def test_an_exception_that_cannot_say_what_it_is_is_named(lines: Lines) -> None:
    fail(Unspeakable())
    assert "Unspeakable" in "\n".join(lines())


def test_causes_that_go_round_in_a_circle_and_endless_ones_come_to_an_end(lines: Lines) -> None:
    first, second = OSError("first"), OSError("second")
    first.__cause__, second.__cause__ = second, first
    fail(first)
    deep = OSError("0")
    for number in range(1, 5_000):
        deeper = OSError(str(number))
        deeper.__cause__ = deep
        deep = deeper
    fail(deep)
    assert len("".join(lines())) < 20_000


def test_a_closed_standard_error_stops_nothing(put_back: None) -> None:
    logs.configure("INFO")
    (handler,) = logging.getLogger().handlers
    assert isinstance(handler, logging.StreamHandler)
    closed = io.StringIO()
    closed.close()
    handler.setStream(closed)
    log.error("nobody reads this")


# What would be printed otherwise


def test_warnings_are_lines_of_the_log(lines: Lines) -> None:
    with logs.catching(), warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(True)  # which `catch_warnings` has just undone
        warnings.warn(f"old, see https://me:{SECRET}@docs.example", DeprecationWarning, stacklevel=1)
    (line,) = lines()
    assert "DeprecationWarning: old" in line
    assert SECRET not in line


def test_what_ends_a_thread_is_logged_and_not_printed(lines: Lines, capsys: pytest.CaptureFixture[str]) -> None:
    def end() -> None:
        raise OSError(TOKEN)

    with logs.catching():
        thread = threading.Thread(target=end)
        thread.start()
        thread.join()
    assert "a thread ended: OSError" in lines()[0]
    assert TOKEN not in "".join(lines())
    assert capsys.readouterr().err == ""


def test_what_can_be_raised_nowhere_is_logged_and_not_printed(lines: Lines, capsys: pytest.CaptureFixture[str]) -> None:
    class Closing:
        def __del__(self) -> None:
            raise OSError(TOKEN)

    with logs.catching():
        Closing()
    assert "could not be closed: OSError" in lines()[0]
    assert capsys.readouterr().err == ""


# Not the same again and again


def test_a_warning_that_says_the_same_is_left_out_for_a_while_and_counted(
    put_back: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = 0.0
    monkeypatch.setattr(logs._Repeats.__init__, "__defaults__", (lambda: clock,))
    written = _written("text")
    for clock in range(0, int(logs.REPEAT_SECONDS) + 1, 20):  # noqa: B007 - the clock of the log
        log.warning("schedule %d waits: the disk is full", 3)
        log.info("schedule %d waits: the disk is full", 3)
    told = [line for line in written() if "WARNING" in line]
    assert [line.partition("full")[2] for line in told] == ["", " (and 29 times more since it was last said)"]
    assert sum("INFO" in line for line in written()) == 31


def test_a_lost_connection_is_one_line_however_often_it_is_tried_again(lines: Lines) -> None:
    for seconds in (1.5, 3.2, 30.0):
        try:
            raise aiohttp.ClientConnectionError(TOKEN)  # noqa: TRY301
        except aiohttp.ClientConnectionError:
            logging.getLogger("discord.shard").exception("Attempting a reconnect in %.2fs", seconds)
    (line,) = lines()
    assert "the connection to Discord is lost and is being taken up again (aiohttp" in line


def test_warnings_that_name_another_or_another_fault_are_not_left_out(lines: Lines) -> None:
    for number in range(600):
        log.warning("schedule %d waits", number)
    fail(OSError())
    fail(sqlite3.OperationalError())
    assert sum("it failed" in line for line in lines()) == 2
    assert sum("waits" in line for line in lines()) == 600
