"""The process that `test_copying_kill.py` kills: it imports once, and forks a child for each line of JSON it reads.

    {"do": "backup", "from": PATH, "to": FOLDER} | {"do": "restore", "from": PATH, "to": PATH}
    {"do": "migrate", "to": PATH, "folder": PATH, "head": REVISION} | {"do": "move", "from": URL, "to": URL}

stdout: a child's pid when it begins, "ended" when it is dead. A child that is done waits to be killed.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path

import alembic.command
import alembic.config
import alembic.script  # noqa: F401 - loaded once, before the children

from bot.corpus import Corpus, ends, moving
from bot.corpus.backups import back_up
from bot.corpus.migrate import FOLDER, Migrations
from bot.corpus.restoring import restore
from tests.corpus.libraries import url_of


async def work(asked: dict[str, str]) -> None:
    """Do what a line asks for."""
    to, now = Path(asked["to"]), datetime.now(UTC)
    if asked["do"] == "move":
        moving._ROWS = 40  # type: ignore[misc] # many pages, to be killed between
        await moving.move(ends.place(asked["from"]), ends.place(asked["to"]))
    elif asked["do"] == "backup":
        await back_up(Path(asked["from"]), to, now=now)
    elif asked["do"] == "restore":
        await restore(Path(asked["from"]), to, force=True, now=now)
    else:
        migrations = Migrations((FOLDER / "versions", Path(asked["folder"])), asked["head"])
        async with Corpus.open(url_of(to), bot=True, migrations=migrations):
            pass


def main() -> None:
    gc.freeze()  # else each child copies all that was loaded, to look through it for garbage
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            asyncio.run(work(json.loads(line)))
            signal.pause()
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()
        os.waitpid(pid, 0)
        sys.stdout.write("ended\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
