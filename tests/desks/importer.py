"""The process that `test_importing.py` kills: imports a file, and writes a line for each article that was added.

python importer.py URL FILE
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from bot.newsdesk import Newsdesk


async def work(url: str, path: Path) -> None:
    async with Newsdesk.open(url, bot=True) as newsdesk:
        async for _, imported in newsdesk.import_files(5, [path]):
            if imported.added:
                os.write(1, f"{imported.added.article.number} {imported.added.article.title}\n".encode())


if __name__ == "__main__":
    asyncio.run(work(sys.argv[1], Path(sys.argv[2])))
