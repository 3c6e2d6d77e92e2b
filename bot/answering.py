"""The second process (`bot.desks.second`): it opens the library beside the bot and answers until the pipe closes.

    its standard input -> question -> the method of a desk -> answer -> its standard output

What goes wrong is not told here: the bot makes the answer itself then, and meets the same.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from contextlib import suppress
from typing import Any, BinaryIO, Final, TypeAlias

from typing_extensions import override

from bot import logs
from bot.desks.pipe import Opening
from bot.desks.second import MAKE_READY
from bot.errors import CorpusError
from bot.frames import Frames, packed
from bot.newsdesk import Newsdesk
from bot.process import favouring_the_event_loop, keep_what_is_here

_log = logging.getLogger(__name__)

_TIDY_SECONDS: Final = 600.0

_Question: TypeAlias = tuple[int, str, tuple[Any, ...]]


class _Questions(asyncio.Protocol):
    """What comes over the pipe: ``None`` behind the last."""

    def __init__(self) -> None:
        self.waiting = asyncio.Queue[_Question | None]()
        self._frames = Frames()

    @override
    def data_received(self, data: bytes) -> None:
        for question in self._frames.feed(data):
            self.waiting.put_nowait(question)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self.waiting.put_nowait(None)


async def answer_all(questions: BinaryIO, answers: BinaryIO) -> None:
    """Answer what comes until there is no more."""
    loop = asyncio.get_running_loop()
    transport, protocol = await loop.connect_read_pipe(_Questions, questions)
    try:
        first = await protocol.waiting.get()
        if first is None:
            return
        number, _, (opening,) = first
        logs.configure(opening.log_level, opening.log_format)
        logs.catch_tasks()
        await _answer_of(opening, number, protocol.waiting, answers)
    except CorpusError as error:
        _log.warning("a second process could not open the library: %s", error)
    finally:
        transport.close()


async def _answer_of(
    opening: Opening, number: int, waiting: asyncio.Queue[_Question | None], answers: BinaryIO
) -> None:
    async with Newsdesk.open(opening.url, bot=False, answering=True) as newsdesk, asyncio.TaskGroup() as tasks:
        tidying = tasks.create_task(_tidy(newsdesk))
        answers.write(packed((number, True, None)))
        with favouring_the_event_loop():
            while (question := await waiting.get()) is not None:
                tasks.create_task(_answer(newsdesk, question, answers))
        tidying.cancel()


async def _answer(newsdesk: Newsdesk, question: _Question, answers: BinaryIO) -> None:
    number, name, given = question
    desk, _, method = name.partition(".")
    try:
        made = packed((number, True, await getattr(newsdesk.answering[desk], method)(*given)))
        if name == MAKE_READY:
            keep_what_is_here()
    except Exception as error:  # noqa: BLE001 - it is for the bot to tell
        _log.debug("%s is answered by the bot: %s", name, type(error).__name__)
        made = packed((number, False, None))
    with suppress(BrokenPipeError):  # the bot is gone: what it had to say ends with the pipe
        answers.write(made)


async def _tidy(newsdesk: Newsdesk) -> None:
    """Every so often, forget what nobody asks for."""
    while True:
        await asyncio.sleep(_TIDY_SECONDS)
        await newsdesk.forget_unused()


def main() -> None:
    """Answer over standard input and output; the bot alone says when it ends, by closing the pipe."""
    for number in (signal.SIGINT, signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])):
        signal.signal(number, signal.SIG_IGN)
    with os.fdopen(os.dup(1), "wb", buffering=0) as answers, os.fdopen(os.dup(0), "rb", buffering=0) as questions:
        os.dup2(sys.stderr.fileno(), 1)  # whatever prints must not print into the answers
        asyncio.run(answer_all(questions, answers))


if __name__ == "__main__":
    main()
