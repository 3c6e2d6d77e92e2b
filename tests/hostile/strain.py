"""What a hostile document might do, as functions that the sandbox can be asked to run."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from bot.errors import UnreadableDocument


def answer(value: object) -> object:
    """The value as it came."""
    return value


def process_id() -> int:
    """Whose child this is run in."""
    return os.getpid()


def spin() -> None:
    """Compute without end."""
    while True:
        pass


def seconds_left() -> int:
    """How much processor time is left, after using one second of it."""
    import resource  # noqa: PLC0415 - not on Windows

    while time.process_time() % 1 < 0.9:
        pass
    return int(resource.getrlimit(resource.RLIMIT_CPU)[0] - time.process_time() + 0.9)


def sleep(seconds: float) -> None:
    """Wait."""
    time.sleep(seconds)


def hoard(count: int) -> int:
    """Take memory."""
    return len(bytearray(count))


def keep(count: int) -> None:
    """Take memory and not give it back."""
    _kept.append(bytearray(count))


_kept: list[bytearray] = []


def flood(count: int) -> bytes:
    """Answer at length."""
    return bytes(count)


def end_by(number: int) -> None:
    """Die."""
    os._exit(number) if number < 64 else signal.raise_signal(signal.SIGSEGV)


def recurse() -> None:
    """Call itself without end."""
    recurse()


def leave() -> None:
    """Ask Python to end."""
    sys.exit(0)


def refuse(name: str) -> None:
    """Say that it cannot be read."""
    raise UnreadableDocument(name, "this is no document.")


def chatter() -> str:
    """Print into the pipe, if it were there."""
    for stream in (sys.stdout, sys.stderr):
        stream.write("D" * 100_000)
        stream.flush()
    os.write(1, b"D\x00")
    return "quiet"


def connect(port: int) -> None:
    """Reach out."""
    socket.create_connection(("127.0.0.1", port)).close()


def look_up() -> None:
    """Ask a name server."""
    socket.getaddrinfo("paper.org", 80)


def start_program() -> None:
    """Start another program."""
    subprocess.run(["true"], check=True)


def write_file(path: str) -> None:
    """Leave something behind."""
    Path(path).write_text("here", encoding="utf-8")


def environment() -> dict[str, str]:
    """What the child was told."""
    return dict(os.environ)


def open_files() -> list[str]:
    """What the child holds, beside its pipe."""
    return sorted(str(entry.readlink()) for entry in Path("/proc/self/fd").iterdir() if entry.exists())


class Odd:
    """No plain data, and nothing the bot would make of what a child sends."""


def odd() -> Odd:
    """Answer with what is no document."""
    return Odd()
