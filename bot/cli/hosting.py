"""The verbs for who hosts Newsdesk."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from bot import progress
from bot.backup_lines import backup_lines, moved_lines, restored_lines
from bot.cli.options import AsJson
from bot.cli.printing import print_finding, print_findings
from bot.cli.verbs import start
from bot.corpus import ends, moving
from bot.corpus.backups import Backup, back_up, make_folder
from bot.corpus.restoring import Restored
from bot.corpus.restoring import restore as put_back
from bot.corpus.sqlite import path_of
from bot.doctor import examine
from bot.doctor.round import Means, Reach
from bot.errors import CorpusMisnamed, Refused
from bot.findings import Finding, exit_code
from bot.settings import Settings, read

app = typer.Typer()


@app.command()
def doctor(
    offline: Annotated[bool, typer.Option("--offline", help="Do not ask Discord.")] = False,
    as_json: AsJson = False,
) -> None:
    """Look for what is wrong: settings, machine, library, digests, Discord. Changes nothing.

    Each line is ok, warning or fault, and says what to do. It may be asked while the bot runs.

    Ends with 0 where there is no fault, with 65 where the library is damaged or was written by a newer version, with 78
    where settings or the machine must be mended, or Discord refused the token. That Discord cannot be reached is a
    warning. With --json: a list of {"state", "about", "said"}.
    """
    given = read()
    reach: Reach | None = None
    if not offline:
        from bot.discord_app.reach import examine_discord

        reach = examine_discord

    async def work(_: Settings) -> list[Finding]:
        found = []
        with progress.bar("Reading every text", "articles") as watch:
            async for finding in examine(given, Means(reach, watch)):
                found.append(finding)
                if not as_json:
                    watch.stop()  # what stands in the way of a text leaves it unfinished
                    print_finding(finding)
        return found

    found = start(work, settings=given.settings)
    if as_json:
        print_findings(found, as_json)
    if code := exit_code(found):
        raise typer.Exit(code)


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
        library, now = _file(settings), datetime.now(UTC)
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
        library, now = _file(settings), datetime.now(UTC)
        with progress.bar("Restoring", "%") as watch:
            return await put_back(file, library, force=force, now=now, watch=watch)

    typer.echo(restored_lines(start(work), file))


@app.command()
def move(
    to: Annotated[
        str, typer.Option("--to", help="Where to, as DATABASE_URL names it: an empty database, or a new file.")
    ],
) -> None:
    """Copy the whole library to another database, SQLite's or PostgreSQL's; no bot may run on either.

    Everything is read back and held against the original, row by row; the original is left as it is. Broken off, it is
    gone on with by the same command, and no bot starts on the copy before it is whole.
    """

    async def work(settings: Settings) -> moving.Moved:
        with progress.bar("Moving", "%") as watch:
            return await moving.move(ends.place(settings.database_url), target, watch)

    try:
        target = ends.place(to)
    except CorpusMisnamed as error:
        raise Refused(str(error).replace("DATABASE_URL", "--to")) from error
    try:
        moved = start(work)
    except typer.Exit:
        typer.echo("Broken off: the same command goes on from there.", err=True)
        raise
    typer.echo(moved_lines(moved, to))


def _file(settings: Settings) -> Path:
    """The library's file. Raises `CorpusMisnamed`, and `Refused` where it is no file but a server's."""
    if settings.on_server:
        raise Refused("The library is kept by PostgreSQL: copy it with pg_dump, and put it back with pg_restore.")
    return path_of(settings.database_url)
