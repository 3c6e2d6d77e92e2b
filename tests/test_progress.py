"""Progress bars: shown while something is under way, and nothing of them otherwise."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from bot import progress


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What a person at a terminal is shown."""
    shown = io.StringIO()
    monkeypatch.setattr(progress, "Console", lambda **_: Console(file=shown, force_terminal=True, width=80))
    return shown


def test_nothing_is_shown_where_nothing_is_done(terminal: io.StringIO) -> None:
    with progress.bar("Counting", "articles"):
        pass
    assert terminal.getvalue() == ""


def test_what_is_done_at_once_is_not_shown(terminal: io.StringIO) -> None:
    with progress.bar("Counting", "articles") as watch:
        watch(3, 3)
    assert terminal.getvalue() == ""


def test_a_bar_shows_how_much_is_done_and_goes_when_all_is(terminal: io.StringIO) -> None:
    with progress.bar("Counting", "articles") as watch:
        watch(1, 3, "17 documents")
        watch(3, 3)
        assert terminal.getvalue().endswith("\x1b[2K")  # the line is wiped
        assert "Counting" in terminal.getvalue()
        assert "3/3" in terminal.getvalue()
        assert "17 documents" in terminal.getvalue()
        before = terminal.getvalue()
    assert terminal.getvalue() == before


def test_a_bar_goes_when_the_work_is_broken_off(terminal: io.StringIO) -> None:
    def work() -> None:
        with progress.bar("Counting", "articles") as watch:
            watch(1, 3)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        work()
    assert terminal.getvalue().endswith("\x1b[2K")
