"""What the corpus said was added is there after `kill -9`, at whatever moment it came."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.corpus import Corpus
from bot.corpus.lock import held
from tests.sizes import cases
from tests.stored import passages_of

ROUNDS = cases(50, few=10)
ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def zygote(url: str, acknowledgements: int, *work: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, str(Path(__file__).with_name("writer.py")), url, str(acknowledgements), *work]
    with subprocess.Popen(
        command,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        pass_fds=[acknowledgements],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.stdin.close()  # type: ignore[union-attr]


def kill_one(process: subprocess.Popen[str], acknowledgements: int, round_number: int, dice: random.Random) -> bytes:
    """Let a writer work for a moment, kill it, and return what it had acknowledged."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"{round_number}\n")
    process.stdin.flush()
    pid = int(process.stdout.readline())
    first = os.read(acknowledgements, 65536)
    time.sleep(dice.uniform(0, 0.03))
    os.kill(pid, signal.SIGKILL)
    assert process.stdout.readline() == "ended\n"
    os.set_blocking(acknowledgements, False)
    try:
        rest = os.read(acknowledgements, 65536)
    except BlockingIOError:
        rest = b""
    os.set_blocking(acknowledgements, True)
    return first + rest


async def stored_titles(url: str) -> tuple[dict[str, int], list[str]]:
    """The number of passages by article title, and what is wrong with the file."""
    async with Corpus.open(url, bot=True) as corpus:
        articles = await passages_of(corpus, 5)
        return {article.title: len(passages) for article, passages in articles}, await corpus.integrity()


def test_nothing_acknowledged_is_missing_after_kills(url: str, path: Path) -> None:
    dice = random.Random(9)
    reading, writing = os.pipe()
    try:
        with zygote(url, writing) as process:
            said = b"".join(kill_one(process, reading, number, dice) for number in range(ROUNDS))
    finally:
        os.close(reading)
        os.close(writing)
    acknowledged = said.decode().split("\n")[:-1]
    stored, problems = asyncio.run(stored_titles(url))
    assert len({title.split()[0] for title in acknowledged}) == ROUNDS
    assert [title for title in acknowledged if title not in stored] == []
    assert set(stored.values()) == {2}, "an article came without its passages"
    assert len(stored) <= len(acknowledged) + ROUNDS
    assert problems == []
    with held(path, "the killed writers still hold the lock"):
        pass
