"""The verb `health`, which a container asks every half a minute: it loads the settings and reads one small file."""

from __future__ import annotations

from datetime import UTC, datetime

import typer

from bot import health as heartbeat
from bot.cli.options import AsJson
from bot.cli.printing import print_findings
from bot.settings import load

app = typer.Typer()

_UNHEALTHY = 1  # what a container's HEALTHCHECK and every other supervisor take for ill


@app.command()
def health(as_json: AsJson = False) -> None:
    """How the running bot is: exit code 0 if it is well, also with warnings; 1 if not; 78 for wrong settings."""
    found = heartbeat.examine(heartbeat.file_of(load().database_file), datetime.now(UTC))
    print_findings(found, as_json)
    if any(one.state == "fault" for one in found):
        raise typer.Exit(_UNHEALTHY)
