"""The process that `test_kill.py` kills: a zygote that imports once and forks a writer for each line it reads.

    python writer.py URL ACK_FD     stdin: a round's number a line; stdout: "pid", then "ended" when that one is dead

A writer opens the corpus as a bot and adds articles until it is killed, writing "round index" to ACK_FD after each one
that the corpus said was added.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import sys
from datetime import UTC, datetime

from bot.corpus import Corpus, Prepared
from bot.language.analysis import Analysis
from bot.language.counting import count
from bot.model import Document, Kind, Passage, Span


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


def main(url: str, acknowledgements: int) -> None:
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            asyncio.run(write(url, acknowledgements, int(line)))
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()
        os.waitpid(pid, 0)
        sys.stdout.write("ended\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
