"""The verbs for who hosts Newsdesk."""

from __future__ import annotations

import random

import typer

from bot.cli.options import AsJson
from bot.cli.printing import print_findings
from bot.cli.verbs import library, start
from bot.doctor import examine
from bot.errors import EX_DATAERR
from bot.findings import Finding, any_fault
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
    print_findings(found, as_json)
    if any_fault(found):
        raise typer.Exit(EX_DATAERR)
