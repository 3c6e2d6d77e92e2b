"""A library for the doctor to examine, and the command line on it."""

from __future__ import annotations

import asyncio
import logging
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.cli import main
from bot.model import SHARED, Document
from bot.newsdesk import Newsdesk
from tests.doctor.patient import SERVER

Run = Callable[..., tuple[int, str]]


@pytest.fixture
def path(tmp_path: Path, blank_library: Path) -> Path:
    return Path(shutil.copy(blank_library, tmp_path / "newsdesk.db"))


@pytest.fixture
def url(path: Path) -> str:
    return f"sqlite+aiosqlite:///{path}"


@pytest.fixture(scope="session")
def filled_once(tmp_path_factory: pytest.TempPathFactory, blank_library: Path) -> Path:
    """A library of the shared shelf and one of a server, with something removed."""
    path = Path(shutil.copy(blank_library, tmp_path_factory.mktemp("filled") / "newsdesk.db"))

    async def fill() -> None:
        async with Newsdesk.open(f"sqlite+aiosqlite:///{path}", bot=True) as newsdesk:
            for number in range(12):
                late = f"It was {'very ' * number}late, Ines Duarte said."
                text = f"The ferry made crossing w{number}. {late}\n\nIt sank."
                await newsdesk.add((SHARED, SERVER)[number % 2], Document("a.txt", f"Crossing {number}", text))
            await newsdesk.remove(SHARED, "S1")

    asyncio.run(fill())
    return path


@pytest.fixture
def filled(path: Path, filled_once: Path) -> Path:
    """A copy of it for one test."""
    return Path(shutil.copy(filled_once, path))


@pytest.fixture
def cli(path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The command line on the library: its exit code and what it printed."""
    settings = {"DATABASE_URL": f"sqlite+aiosqlite:///{path}", "SEEDS_DIR": "", "LOG_LEVEL": "INFO"}
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("DISCORD_TOKEN", raising=False)
    monkeypatch.chdir(path.parent)

    def run(*words: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["newsdesk", *words])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        assert isinstance(ended.value.code, int | None)
        return ended.value.code or 0, capsys.readouterr().out

    return run


@pytest.fixture(autouse=True)
def log() -> Iterator[None]:
    """What the command line does to the log is undone."""

    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
