"""A second process that answers questions, so that the event loop has a processor to itself.

    question -> `answered_by_second` -> here, or -> `Pipe` -> `bot.answering` -> the same method there -> the answer

One interpreter uses one processor, and half of what a question costs is ranking and reading. The second process opens
the library as a verb of the CLI does, beside the bot, and sees all that was committed before it was asked. It is a help
and never needed: whatever it does not answer soon is answered here, and what goes wrong there is met, and told, here.

It takes some 70 MB of memory, so it is begun where that pays: for a large library, or when many ask at once. It is only
asked about libraries that are asked for often: each index that it opens is in memory twice.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Coroutine
from functools import partial, wraps
from typing import Any, Concatenate, Final, ParamSpec, Protocol, TypeAlias, TypeVar

from bot.corpus.database import finish
from bot.desks.pipe import Opening, Pipe, Unanswered
from bot.model import SHARED

_log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

MANY_AT_ONCE: Final = 12
"""Questions under way from which on the process is begun: fewer are answered in some 30 ms."""
OFTEN: Final = 3
"""Questions to a library after which its index is worth a second place in memory."""
PATIENCE_SECONDS: Final = 1.0
"""How long an answer is waited for before it is made here, of the three seconds that Discord waits."""
SILENT_SECONDS: Final = 120.0
"""How long a question may wait before the process is given up: reading the index of a million passages takes less."""
_PAUSE_SECONDS: Final = 30.0  # before it is begun anew
MAKE_READY: Final = "Newsdesk.make_ready"
"""What is asked first about a library."""


class Second:
    """The second process, as the desks know it. Until `run` has begun one, all is answered here."""

    def __init__(self) -> None:
        self._pipe: Pipe | None = None
        self._under_way = 0
        self._wanted = asyncio.Event()
        self._asked = Counter[int]()
        self._told: set[int] = set()  # the libraries of which it may have something in memory
        self._ready: set[int] = set()

    async def run(self, opening: Opening) -> None:
        """Keep a process until cancelled: from the start on, or from when many ask at once."""
        if opening.at_once:
            self._wanted.set()
        while True:
            await self._wanted.wait()
            await self._live(Pipe(opening))
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _live(self, pipe: Pipe) -> None:
        """One life of the process."""
        try:
            await pipe.begin()
            self._pipe = pipe
            _log.info("a second process answers from here on: %s", pipe.pid)
            await pipe.until_broken(SILENT_SECONDS)
            _log.warning("the second process has ended: questions are answered here")
        except (OSError, Unanswered):
            _log.warning("a second process could not be started: questions are answered here", exc_info=True)
        finally:
            self._pipe = None
            self._asked.clear()
            self._told.clear()
            self._ready.clear()
            await finish(pipe.end())

    async def answer(
        self, library: int, name: str, given: tuple[Any, ...], here: Callable[[], Coroutine[Any, Any, T]]
    ) -> T:
        """What the method ``name`` of a desk makes of ``library`` and what is ``given``: there, or ``here``."""
        self._under_way += 1
        try:
            if (pipe := self._pipe_for(library)) is not None:
                try:
                    async with asyncio.timeout(PATIENCE_SECONDS):
                        made: T = await pipe.ask(name, library, *given)
                        return made
                except TimeoutError:
                    self._is_slow(library)
                except Unanswered:
                    pass
            return await here()
        finally:
            self._under_way -= 1

    def forget(self, library: int) -> None:
        """Keep nothing of ``library`` in the memory of the process: it ends, and a new one begins."""
        if self._pipe is not None and (library in self._told or (library == SHARED and self._told)):
            self._pipe.breaks()

    def _pipe_for(self, library: int) -> Pipe | None:
        """Where to ask about ``library``; None for here."""
        pipe = self._pipe
        if pipe is None:
            if self._under_way >= MANY_AT_ONCE:
                self._wanted.set()
            return None
        if library in self._ready:
            return pipe
        self._asked[library] += 1
        if self._asked[library] == OFTEN:
            self._told.add(library)
            pipe.ask(MAKE_READY, library).add_done_callback(partial(self._note_ready, pipe, library))
        return None

    def _note_ready(self, pipe: Pipe, library: int, told: asyncio.Future[Any]) -> None:
        if not told.cancelled() and told.exception() is None and pipe is self._pipe:
            self._ready.add(library)
            _log.info("the second process answers about library %d", library)

    def _is_slow(self, library: int) -> None:
        """Nobody else waits for it in vain: it is asked again once it has said that it is ready again."""
        if library in self._ready:
            self._ready.discard(library)
            self._asked[library] = 0
            _log.warning("the second process is slow: questions about library %d are answered here for now", library)


class _Desk(Protocol):
    _second: Second


D = TypeVar("D", bound=_Desk)
_Method: TypeAlias = Callable[Concatenate[D, int, P], Coroutine[Any, Any, T]]


def answered_by_second(method: _Method[D, P, T]) -> _Method[D, P, T]:
    """A method of a desk that only reads, and whose parameters and answer can be pickled: it may be asked of `Second`.

    `Newsdesk.answering` names the desk to the process.
    """

    @wraps(method)
    async def answered(self: D, library: int, *given: P.args, **named: P.kwargs) -> T:
        here = partial(method, self, library, *given, **named)
        if named:
            return await here()
        return await self._second.answer(library, method.__qualname__, given, here)

    # The same but for what mypy makes of the name of the first parameter.
    return answered  # type: ignore[return-value]
