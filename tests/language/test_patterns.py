"""Patterns mean the same on every version of Python that Newsdesk runs on."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import bot
from bot.language.quotations import quotations
from bot.model import Span

POSSESSIVE_GROUP = re.compile(r"\)(?:[*+?]|\{\d*,?\d*\})\+")


@pytest.mark.parametrize("package", ["bot", "commands"])
def test_no_group_is_repeated_possessively(package: str) -> None:
    """Python 3.11.0 to 3.11.4 raise SystemError there, or match what they should not (cpython 101955 and 106052)."""
    sources = (Path(bot.__file__).parents[1] / package).rglob("*.py")
    assert [path.name for path in sources if POSSESSIVE_GROUP.search(path.read_text(encoding="utf-8"))] == []


def test_a_quotation_is_read_on_every_version() -> None:
    text = '“It is "late" and he has neither the temper nor the judgment to be “an effective” president.”'
    assert quotations(text, Span(0, len(text)))
