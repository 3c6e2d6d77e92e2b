"""The verbs that change a library: documents in and out, corrections, what is forgotten."""

from __future__ import annotations

from contextlib import aclosing
from pathlib import Path
from typing import Annotated

import typer

from bot import progress, terminal
from bot.cli.options import AsJson, Server
from bot.cli.printing import print_json
from bot.cli.verbs import library, start
from bot.errors import EX_DATAERR, Refused
from bot.model import SHARED
from bot.reading.files import find_files, printable
from bot.settings import Settings

app = typer.Typer()


@app.command("import")
def import_(
    paths: Annotated[list[Path], typer.Argument(help="Files and folders: .txt, .md, .jsonl and .zip of these.")],
    server: Server = SHARED,
    as_json: AsJson = False,
) -> None:
    """Read documents into the library.

    A text that is there already is not added again, so an import that was broken off is gone on with by starting it
    again. What `newsdesk export` wrote comes back with what admins have said; where the library is empty, with its
    numbers and dates too.
    """
    report = terminal.ImportReport(as_json)

    async def work(settings: Settings) -> None:
        files = find_files(paths)
        async with library(settings) as newsdesk:
            outcome = newsdesk.import_files(server, files)
            async with aclosing(progress.importing(outcome, len(files))) as results:
                async for one in results:
                    report.note(one)

    try:
        start(work)
    except typer.Exit:
        typer.echo(report.broken_off, err=True)
        raise
    if as_json:
        print_json(report.records)
    else:
        _print_import(report)
    if report.faults:
        raise typer.Exit(EX_DATAERR)


def _print_import(report: terminal.ImportReport) -> None:
    """Every document where there are few; else what went wrong, and the totals."""
    for is_fault, line in report.lines:
        typer.echo(line, err=is_fault)
    typer.echo(report.total)


@app.command()
def export(
    path: Annotated[Path, typer.Argument(help="A new .zip file, or a new folder.")],
    server: Server = SHARED,
) -> None:
    """Write a library to a .zip file or a folder, for keeping or for another Newsdesk.

    In it, as lines of JSON: every article of the library itself with its text, title, outlet, authors, link, date,
    number, its owner's id, when it was added and by which Discord user; corrected speakers; joined names; and each text
    once more as a .txt file to read. Not in it: articles that were removed, other libraries (with --server, the shared
    one), settings, schedules, watches, feeds and who did what.
    """

    async def work(settings: Settings) -> int:
        async with library(settings) as newsdesk:
            with progress.bar("Exporting", "articles") as watch:
                return await newsdesk.export(server, path, watch)

    written = start(work)
    typer.echo(f"Exported {written} article{'s' * (written != 1)} to {printable(path)}.")


@app.command()
def remove(
    article: Annotated[str, typer.Argument(help="An article's id, such as S3, or words of its title.")],
    server: Server = SHARED,
) -> None:
    """Take an article out of a library; importing it again brings it back."""

    async def work(settings: Settings) -> None:
        async with library(settings) as newsdesk:
            removed = await newsdesk.remove(server, article)
        typer.echo(f"Removed: {terminal.source_line(removed)}")

    start(work)


@app.command()
def correct(
    quotation: Annotated[str, typer.Argument(help="The id of a quotation, such as q-s12-4h2k9x.")],
    speaker: Annotated[str | None, typer.Option(help="Who said it.")] = None,
    nobody: Annotated[bool, typer.Option("--nobody", help="The article does not say who.")] = False,
    server: Server = SHARED,
) -> None:
    """Say who said the words of a quotation, for one server or (without --server) for all."""
    if (speaker is None) is not nobody:
        raise Refused("Give --speaker NAME, or --nobody where the article does not say.")

    async def work(settings: Settings) -> None:
        async with library(settings) as newsdesk:
            quoted = await newsdesk.spoken.recall(server, quotation)
            if not quoted.said:
                raise Refused("Nobody is quoted in these words: there is no speaker to correct.")
            for one in quoted.said:
                await newsdesk.spoken.correct(server, quoted.article, one.span, speaker, by=None)
        typer.echo(f"Corrected: {len(quoted.said)} quotation{'s' * (len(quoted.said) > 1)}.")

    start(work)


@app.command()
def reread() -> None:
    """Read every article anew: its passages, its speech, and the terms that search is made of."""

    async def work(settings: Settings) -> int:
        async with library(settings) as newsdesk:
            with progress.bar("Reading anew", "articles") as watch:
                return await newsdesk.reread(watch)

    typer.echo(f"Read {start(work)} articles anew.")


@app.command()
def forget(
    server: Annotated[int, typer.Option(help="A Discord server's id: its whole library, for good.")] = SHARED,
    person: Annotated[int, typer.Option(help="A Discord user's id: their own data in every server.")] = 0,
) -> None:
    """Delete for good what is kept of a server, or of a person."""
    if (server == SHARED) == (person == 0):
        raise Refused("Give --server ID or --person ID, one of them.")

    async def work(settings: Settings) -> None:
        async with library(settings) as newsdesk:
            if server != SHARED:
                await newsdesk.departures.delete_library(server)
                typer.echo(f"Nothing is kept of server {server} any more, but that it was deleted and when.")
                return
            erased = await newsdesk.departures.delete_person(person)
            own = sum(erased.own.values())
            typer.echo(
                f"Deleted {own} entries of person {person}, and their id where it stood on {erased.signed} others."
            )

    start(work)
