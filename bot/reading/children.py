"""The child processes of the sandbox, from the bot's side: started, asked, kept for the next document, killed.

All of it blocks, and runs in the sandbox's threads. Whatever a document does to its child ends as `UnreadableDocument`.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

import bot
from bot.errors import UnreadableDocument
from bot.reading import confined, results

WALL_SECONDS = 7.0  # with starting a child and ending it, on a busy machine too, eight
START_SECONDS = 30.0  # until a child is ready: no fault of a document, and long on a machine that is busy
MAX_IDLE = 2
IDLE_SECONDS = 60.0
DOCUMENTS_PER_CHILD = 200  # then what its parsers have leaked is given back
MAX_REASON_CHARS = 500

_START = "import sys; sys.path.insert(0, sys.argv[1]); from bot.reading.confined import serve; serve()"
_TOO_LONG = "it takes longer to read than a document may: save its text as .txt."
_TOO_MUCH = "it takes more memory to read than a document may: save its text as .txt."
_BROKEN = "it is damaged or not what it seems, and cannot be read: save its text as .txt."
_NO_CHILD = "it cannot be read right now, as no process could be started for it: try again later."


class Call:
    """One document to be read. ``name`` is for reports; the rest is what the child is to call ("module:name")."""

    def __init__(
        self, name: str, function: str, args: tuple[object, ...] = (), kwargs: dict[str, object] | None = None
    ) -> None:
        self.name = name
        self._what = (function, args, kwargs or {})
        self._lock = threading.Lock()
        self._child: Child | None = None
        self._given_up = False

    def pickled(self) -> bytes:
        """What the child is sent. Made where it is sent: to copy 20 MB takes too long for the loop."""
        return pickle.dumps(self._what, protocol=pickle.HIGHEST_PROTOCOL)

    def give_up(self) -> None:
        """Kill the child at once, or keep one from being asked. From any thread; does not wait."""
        with self._lock:
            self._given_up = True
            if self._child is not None:
                self._child.kill()

    @contextlib.contextmanager
    def using(self, child: Child) -> Iterator[None]:
        """Meanwhile giving up kills ``child``."""
        with self._lock:
            if self._given_up:
                raise UnreadableDocument(self.name, "reading it was given up.")
            self._child = child
        try:
            yield
        finally:
            with self._lock:
                self._child = None


class Children:
    """The children that wait for the next document."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: list[Child] = []
        atexit.register(self.close)

    def answer(self, call: Call) -> object:
        """What a child makes of ``call``. Raises `UnreadableDocument`."""
        try:
            child = self._take()
        except OSError:
            raise UnreadableDocument(call.name, _NO_CHILD) from None
        try:
            with call.using(child):
                return child.answer(call)
        finally:
            self._put_back(child)

    def dismiss_idle(self) -> None:
        """End the children that have had nothing to do for `IDLE_SECONDS`."""
        before = time.monotonic() - IDLE_SECONDS
        with self._lock:
            dismissed = [child for child in self._idle if child.idle_since <= before]
            self._idle = [child for child in self._idle if child.idle_since > before]
        for child in dismissed:
            child.close()

    def close(self) -> None:
        """End them all."""
        with self._lock:
            idle, self._idle = self._idle, []
        for child in idle:
            child.close()

    def _take(self) -> Child:
        while True:
            with self._lock:
                child = self._idle.pop() if self._idle else None
            if child is None:
                return Child()
            if child.alive:
                return child
            child.close()

    def _put_back(self, child: Child) -> None:
        if child.sound and child.answered < DOCUMENTS_PER_CHILD:
            child.idle_since = time.monotonic()
            with self._lock:
                if len(self._idle) < MAX_IDLE:
                    self._idle.append(child)
                    return
        child.close()


class Child:
    """One process. Raises `OSError` where none can be started. ``sound``: it may be asked again."""

    def __init__(self) -> None:
        self.sound = False
        self.answered = 0
        self.idle_since = 0.0
        self._timed_out = False
        root = str(Path(bot.__file__).parents[1])
        self._process = subprocess.Popen(  # noqa: S603 - this very interpreter, and a constant
            [sys.executable, "-I", "-X", "utf8", "-c", _START, root],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={name: value for name in ("SYSTEMROOT",) if (value := os.environ.get(name))},
            bufsize=0,
        )
        self._calls = cast("BinaryIO", self._process.stdin)
        self._answers = cast("BinaryIO", self._process.stdout)
        with self._within(START_SECONDS):
            ready = self._answers.read(1) == confined.READY
        if not ready:
            self.close()
            raise OSError("the child did not start")
        self.sound = True

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._process.poll() is None

    def answer(self, call: Call) -> object:
        """What the child makes of ``call``. Raises `UnreadableDocument`."""
        self.sound = False
        self.answered += 1
        try:
            with self._within(WALL_SECONDS):
                self._send(call.pickled())
                outcome, fitness = self._read(1), self._read(1)
                result = self._read(self._read_length())
        except (OSError, EOFError):
            raise UnreadableDocument(call.name, self._why_ended()) from None
        try:
            loaded = results.load(result) if result else None
        except results.NotAResult:
            raise UnreadableDocument(call.name, _BROKEN) from None
        self.sound = fitness == confined.FIT and not self._timed_out
        return _told(call, outcome, loaded)

    def kill(self) -> None:
        """End it now; `close` waits until it is gone."""
        self._process.kill()

    def close(self) -> None:
        """End it and wait until it is gone."""
        self.sound = False
        self.kill()
        self._process.wait()
        for end in (self._calls, self._answers):
            with contextlib.suppress(OSError):
                end.close()

    def _why_ended(self) -> str:
        self.kill()
        code = self._process.wait()
        if self._timed_out or (os.name == "posix" and code in (-signal.SIGXCPU, -signal.SIGALRM)):
            return _TOO_LONG
        return _BROKEN

    def _send(self, data: bytes) -> None:
        for part in (len(data).to_bytes(8), data):
            rest = memoryview(part)
            while rest:
                rest = rest[self._calls.write(rest) :]

    def _read_length(self) -> int:
        length = int.from_bytes(self._read(8))
        if length > results.MAX_RESULT_BYTES:
            raise EOFError
        return length

    def _read(self, count: int) -> bytes:
        parts = bytearray()
        while len(parts) < count:
            part = self._answers.read(min(count - len(parts), 1 << 20))
            if not part:
                raise EOFError
            parts += part
        return bytes(parts)

    @contextlib.contextmanager
    def _within(self, seconds: float) -> Iterator[None]:
        """Kill the child unless this ends in time: its pipe then breaks, and what waits for it goes on."""
        timer = threading.Timer(seconds, self._time_out)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _time_out(self) -> None:
        self._timed_out = True
        self.kill()


def _told(call: Call, outcome: bytes, loaded: object) -> object:
    """What an answer says. Raises `UnreadableDocument`."""
    match outcome, loaded:
        case confined.DONE, _:
            return loaded
        case confined.UNREADABLE, (str(name), str(reason)):
            raise UnreadableDocument(name, reason[:MAX_REASON_CHARS])
        case confined.NO_MEMORY, _:
            raise UnreadableDocument(call.name, _TOO_MUCH)
        case _:
            raise UnreadableDocument(call.name, _BROKEN)
