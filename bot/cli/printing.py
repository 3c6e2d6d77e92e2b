"""Answers on standard output that every verb gives the same way."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import typer

from bot.findings import Finding, finding_json, finding_line


def print_json(value: Any) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))


def print_findings(found: Sequence[Finding], as_json: bool) -> None:
    if as_json:
        print_json([finding_json(one) for one in found])
    else:
        typer.echo("\n".join(finding_line(one) for one in found))
