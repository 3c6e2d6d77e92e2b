"""The verbs for who hosts Newsdesk."""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from bot import progress, terminal
from bot.backup_lines import backup_lines, restored_lines
from bot.cli.options import AsJson
from bot.cli.verbs import library, print_json, start
from bot.corpus.backups import Backup, back_up, make_folder
from bot.corpus.restoring import Restored
from bot.corpus.restoring import restore as put_back
from bot.corpus.sqlite import path_of
from bot.doctor import Finding, examine
from bot.errors import EX_DATAERR, Refused
from bot.settings import Settings

app = typer.Typer()


@app.command()
def doctor(as_json: AsJson = False) -> None:
    """Look for damage, and compare a sample of every library with its texts and with rank-bm25."""

    async def work(settings: Settings) -> list[Finding]:
        async with library(settings) as newsdesk:
            chance = random.Random()  # noqa: S311 - which articles are looked at is no secret
            return [finding async for finding in examine(newsdesk.corpus, chance)]

    found = start(work)
    if as_json:
        print_json([terminal.finding_json(one) for one in found])
    else:
        typer.echo("\n".join(terminal.finding_line(one) for one in found))
    if any(one.state == "fault" for one in found):
        raise typer.Exit(EX_DATAERR)


@app.command()
def backup(
    path: Annotated[
        Path | None, typer.Argument(help="A new file, or a folder for one of a dated name; BACKUP_DIR by default.")
    ] = None,
) -> None:
    """Copy the whole library to a file and check the copy; the bot may be running.

    In it: everything of every server. It is checked page by page, and every article's text by its hash, before it gets
    its name. `newsdesk restore` puts it back.
    """

    async def work(settings: Settings) -> Backup:
        library, now = path_of(settings.database_url), datetime.now(UTC)
        target = path or settings.backup_dir
        if target is None:
            raise Refused("BACKUP_DIR is empty: say where to, as in newsdesk backup library.db.")
        if path is None:
            await asyncio.to_thread(make_folder, target)
        with progress.bar("Backing up", "%") as watch:
            return await back_up(library, target, now=now, watch=watch)

    typer.echo(backup_lines(start(work)))


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A backup that `newsdesk backup` or the bot made.", dir_okay=False)],
    force: Annotated[
        bool, typer.Option("--force", help="Replace the library that is there; it is kept beside the new one.")
    ] = False,
) -> None:
    """Put a backup in the place of the library; no bot may run on it.

    What was deleted for good after the backup is back. Nothing is posted twice: the bot first looks in the channels for
    the digests it may have posted since.
    """

    async def work(settings: Settings) -> Restored:
        library, now = path_of(settings.database_url), datetime.now(UTC)
        with progress.bar("Restoring", "%") as watch:
            return await put_back(file, library, force=force, now=now, watch=watch)

    typer.echo(restored_lines(start(work), file))
