"""The verbs for who hosts Newsdesk."""

from __future__ import annotations

import random

import typer

from bot import terminal
from bot.cli.options import AsJson
from bot.cli.verbs import library, print_json, start
from bot.doctor import Finding, examine
from bot.errors import EX_DATAERR
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
