"""Answers on standard output that every verb gives the same way."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import typer

from bot.findings import STATE_CHARS, Finding, finding_json, finding_line
from bot.settings import in_colour

_COLOURS = {"ok": typer.colors.GREEN, "warning": typer.colors.YELLOW, "fault": typer.colors.RED}


def print_json(value: Any) -> None:
    """Print what `json` can write, indented, with its letters as they are."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))


def print_finding(finding: Finding) -> None:
    """Print a finding on a line; on a terminal its state in colour."""
    line = finding_line(finding)
    state, said = line[:STATE_CHARS], line[STATE_CHARS:]
    typer.echo(typer.style(state, fg=_COLOURS[finding.state]) + said if in_colour() else line)


def print_findings(found: Sequence[Finding], as_json: bool) -> None:
    """Print findings, a line each or as one list."""
    if as_json:
        print_json([finding_json(one) for one in found])
    else:
        for finding in found:
            print_finding(finding)
