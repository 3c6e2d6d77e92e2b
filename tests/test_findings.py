"""Findings as lines and as JSON, for a person, a terminal and a program."""

from __future__ import annotations

import json
import sys

import pytest

from bot.cli.printing import print_findings
from bot.findings import finding_line, ok, warning


def test_the_state_of_a_finding_is_a_column() -> None:
    assert finding_line(ok("disk", "100.0 MB are free.")) == "ok      disk: 100.0 MB are free."
    assert finding_line(warning("disk", "9.0 MB are free.")) == "warning disk: 9.0 MB are free."


def test_a_finding_is_one_line_that_no_terminal_obeys() -> None:
    told = finding_line(warning("database", "*** in database main ***\nTree 5\x1b[2J page\u202e 3"))
    assert told == "warning database: *** in database main *** Tree 5?[2J page? 3"


@pytest.mark.parametrize("is_terminal", [True, False])
def test_a_terminal_shows_the_state_in_colour(
    is_terminal: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: is_terminal)
    print_findings([ok("disk", "100.0 MB are free.")], as_json=False)
    coloured = capsys.readouterr().out
    assert ("\x1b[32m" in coloured) == is_terminal


def test_a_program_gets_a_list(capsys: pytest.CaptureFixture[str]) -> None:
    print_findings([ok("disk", "It is fine.")], as_json=True)
    assert json.loads(capsys.readouterr().out) == [{"state": "ok", "about": "disk", "said": "It is fine."}]
