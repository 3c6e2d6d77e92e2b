"""The process that `test_kill.py` kills: a zygote that imports once and forks a writer for each line it reads.

    python writer.py URL ACK_FD [revise]    stdin: a round's number a line; stdout: "pid", then "ended" when it is dead

A writer opens the corpus as a bot and adds articles until it is killed, or revises one, writing "round index" to ACK_FD
after each one that the corpus said was stored.
"""

from __future__ import annotations

import asyncio
import gc
import itertools
import os
import sys
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Any, TypeAlias

from bot.corpus import Corpus, Prepared
from bot.language.analysis import Analysis
from bot.language.counting import count
from bot.model import Document, Kind, Passage, Span

Work: TypeAlias = Callable[[str, int, int], Coroutine[Any, Any, None]]


def article(round_number: int, index: int) -> Prepared:
    text = f"Article {index} of round {round_number}. It has two sentences."
    passages = (Passage(Span(0, 10), Kind.PROSE), Passage(Span(11, 20), Kind.PROSE))
    document = Document("killed.txt", f"{round_number} {index}", text)
    return Prepared(document, text, 9, Analysis(passages, (), count(document.title, text, passages)))


async def write(url: str, acknowledgements: int, round_number: int) -> None:
    async with Corpus.open(url, bot=True) as corpus:
        for index in itertools.count():
            await corpus.articles.add(5, article(round_number, index), added_by=None, now=datetime.now(UTC))
            os.write(acknowledgements, f"{round_number} {index}\n".encode())


async def revise(url: str, acknowledgements: int, round_number: int) -> None:
    async with Corpus.open(url, bot=True) as corpus:
        current = await corpus.articles.find(9, 1)
        for index in itertools.count():
            made, now = article(round_number, index), datetime.now(UTC)
            if current is None:
                current = (await corpus.articles.add(9, made, added_by=None, now=now)).article
            else:
                current = await corpus.revisions.revise(current, made, (), by=None, now=now)
            os.write(acknowledgements, f"{round_number} {index}\n".encode())


def main(url: str, acknowledgements: int, work: Work) -> None:
    gc.freeze()  # else each child copies all that was loaded, to look through it for garbage
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            asyncio.run(work(url, acknowledgements, int(line)))
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()
        os.waitpid(pid, 0)
        sys.stdout.write("ended\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), revise if sys.argv[3:] == ["revise"] else write)
