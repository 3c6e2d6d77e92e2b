"""What can be given to several verbs: their options, with the words that `--help` says of each."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Server = Annotated[
    int, typer.Option(help="A Discord server's id: its library and the shared one.", min=0, max=2**63 - 1)
]
Limit = Annotated[int, typer.Option(help="How many results at most.", min=1, max=1000)]
Source = Annotated[str | None, typer.Option(help="Only from this outlet.")]
Speaker = Annotated[str | None, typer.Option(help="Only where this person speaks.")]
Since = Annotated[str | None, typer.Option(help="Not before this date: 2025, 2025-05, 2025-05-12, last week.")]
Until = Annotated[str | None, typer.Option(help="Not after this date.")]
Batch = Annotated[
    Path | None, typer.Option(help="A file with one query a line; prints one JSON list a line.", dir_okay=False)
]


class LengthOption(StrEnum):
    """How long a summary is: `bot.newsdesk.Length`."""

    SHORT = "short"
    MEDIUM = "medium"
    LONG = "long"


class RankingOption(StrEnum):
    """By what articles are ranked: `bot.search.catalogue.Ranking`."""

    PLAIN = "plain"
    BEST = "best"


class PeriodOption(StrEnum):
    """Of when a digest tells: `bot.newsdesk.Period`."""

    TODAY = "today"
    DAY = "24 hours"
    WEEK = "7 days"
    ALL = "all"
