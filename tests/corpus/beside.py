"""A process that adds to one library, removes and searches beside others.

    python -m tests.corpus.beside URL SEED ROUNDS

It writes a line when it is ready, waits for one, and then writes what it did: JSON of the texts it added by number, the
numbers it removed, and how many questions it asked.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys

from bot.model import Document
from bot.newsdesk import Newsdesk

LIBRARY = 5
WORDS = [f"w{number}" for number in range(60)]


def text_of(draw: random.Random, own: str) -> str:
    return f"{own} " + " ".join(draw.choices(WORDS, k=draw.randrange(3, 25))) + "."


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


async def work(url: str, seed: int, rounds: int) -> None:
    draw = random.Random(seed)
    added: dict[int, str] = {}
    removed: list[int] = []
    async with Newsdesk.open(url, bot=True) as newsdesk:
        _say("ready")
        await asyncio.to_thread(sys.stdin.readline)
        for number in range(rounds):
            text = text_of(draw, f"own{seed}x{number}")
            stored = await newsdesk.add(LIBRARY, Document("a.txt", f"t{seed}x{number}", text, title_in_text=False))
            added[stored.article.number] = text
            if number % 4 == 3:
                gone = draw.choice([one for one in added if one not in removed])
                await newsdesk.corpus.articles.remove(LIBRARY, gone, by=None, now=newsdesk.now())
                removed.append(gone)
            found = await newsdesk.search(LIBRARY, newsdesk.query(f"own{seed}x{number}"))
            assert stored.article.number in removed or [hit.article.text for hit in found] == [text], number
    _say(json.dumps({"added": added, "removed": removed}))


if __name__ == "__main__":
    asyncio.run(work(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
