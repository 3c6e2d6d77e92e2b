"""The verbs for who hosts Newsdesk."""

from __future__ import annotations

from typing import Annotated

import typer

from bot import progress
from bot.cli.options import AsJson
from bot.cli.printing import print_finding, print_findings
from bot.cli.verbs import start
from bot.doctor import examine
from bot.doctor.round import Means, Reach
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
