"""The child process in which `bot.reading.sandbox` has documents parsed: its limits, and its side of the pipe.

    8 bytes of length, a pickled call  ->  one byte of outcome, one of fitness, 8 bytes of length, the pickled result

Started bare (no environment, no open file but the pipe), it limits itself before it reads anything: memory, processor
time, no core dump, no file written, no connection, no other process. On systems without `resource` only the limit of
time remains, which the parent holds. It ends when the pipe is closed, so it never outlives the bot for long.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import pickle
import signal
import sys
from pathlib import Path
from typing import BinaryIO

from bot.errors import UnreadableDocument

try:
    import resource
except ImportError:  # Windows
    LIMITED = False
else:
    LIMITED = True

MEMORY_BYTES = 512 << 20
CPU_SECONDS = 5
ALARM_SECONDS = 12  # past the parent's limit of time: for a parent that is no more
NICENESS = 10  # others' questions go first

READY, DONE, UNREADABLE, NO_MEMORY, FAILED = b"R", b"D", b"U", b"M", b"F"
FIT, SPENT = b"+", b"-"  # whether the child may be asked again
FIT_BYTES = 256 << 20  # of address space, when a document is done: beyond, too little may be left for the next one

_FORBIDDEN = ("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.system", "os.kill",
              "os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.link", "os.symlink", "os.truncate",
              "urllib.Request", "http.client.connect", "ftplib.", "smtplib.", "webbrowser.", "shutil.")  # fmt: skip


def serve() -> None:
    """Answer calls until the pipe is closed."""
    calls, answers = _take_pipe()
    _confine()
    answers.write(READY)
    while len(header := calls.read(8)) == 8:
        data = calls.read(int.from_bytes(header))
        _limit_time()
        outcome, result = _answer(data)
        _limit_time_no_more()
        _write(answers, outcome + _fitness(outcome) + len(result).to_bytes(8) + result)
        del data, result


def _take_pipe() -> tuple[BinaryIO, BinaryIO]:
    """The pipe's two ends, taken from standard input and output: what a parser prints goes nowhere."""
    calls, answers = os.dup(0), os.dup(1)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nowhere, standard)
    return open(calls, "rb"), open(answers, "wb", buffering=0)  # noqa: PTH123


def _answer(data: bytes) -> tuple[bytes, bytes]:
    try:
        function, args, kwargs = pickle.loads(data)  # noqa: S301 - from the bot itself
        module, _, name = function.partition(":")
        result = getattr(importlib.import_module(module), name)(*args, **kwargs)
        return DONE, pickle.dumps(result, protocol=pickle.HIGHEST_PROTOCOL)
    except UnreadableDocument as unreadable:
        return UNREADABLE, pickle.dumps((unreadable.name, unreadable.reason))
    except MemoryError:
        return NO_MEMORY, b""
    except BaseException as error:  # noqa: BLE001 - whatever a document makes a parser raise, SystemExit too
        return FAILED, pickle.dumps(type(error).__name__[:100])


def _fitness(outcome: bytes) -> bytes:
    if outcome not in (DONE, UNREADABLE):
        return SPENT
    return FIT if _held_bytes() < FIT_BYTES else SPENT


def _held_bytes() -> int:
    """The address space in use, which is what is limited; 0 where the system does not say.

    Not `resource`'s most memory in use: Linux counts in that what the bot had when it started this child.
    """
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        return pages * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, AttributeError):
        return 0


def _write(answers: BinaryIO, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[answers.write(rest) :]


def _confine() -> None:
    with contextlib.suppress(AttributeError, OSError):
        os.nice(NICENESS)
    with contextlib.suppress(ValueError, OSError):
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the bot, which closes the pipe
    if LIMITED:
        _limit(resource.RLIMIT_CORE, 0)
        _limit(resource.RLIMIT_FSIZE, 0)
        _limit(resource.RLIMIT_AS, MEMORY_BYTES)
    sys.dont_write_bytecode = True
    sys.addaudithook(_forbid)


def _limit(what: int, most: int) -> None:
    with contextlib.suppress(ValueError, OSError):  # macOS does not take every one
        resource.setrlimit(what, (most, most))


def _limit_time() -> None:
    """Give the next document its own seconds: the system counts what the process has used since it began."""
    if not LIMITED:
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    with contextlib.suppress(ValueError, OSError):
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + CPU_SECONDS, hard))
    signal.alarm(ALARM_SECONDS)


def _limit_time_no_more() -> None:
    """A child that waits for the next document may wait as long as it likes."""
    if LIMITED:
        signal.alarm(0)


def _forbid(event: str, _args: tuple[object, ...]) -> None:
    if event.startswith(_FORBIDDEN):
        raise PermissionError(event)
