"""`kill -9` at random moments of a backup, a migration and a restore: each leaves what was, or what was to be."""

from __future__ import annotations

import asyncio
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.corpus import Corpus
from bot.corpus.copying import Work, check
from bot.corpus.schema import REVISION
from tests.corpus.copier import work
from tests.corpus.libraries import fill, names, titles, url_of
from tests.sizes import cases

SEED = 7_319
BACKUPS, MIGRATIONS, RESTORES = cases(50, few=8), cases(50, few=6), cases(20, few=4)
ROOT = Path(__file__).resolve().parents[2]
HEAD = f"{int(REVISION) + 1:04}"
LATER = f"""
from alembic import op
import sqlalchemy as sa
revision, down_revision = "{HEAD}", "{REVISION}"
def upgrade():
    op.create_table("later", sa.Column("id", sa.Integer, primary_key=True), sqlite_strict=True)
    with op.batch_alter_table("article", recreate="always") as table:
        table.add_column(sa.Column("hue", sa.Text))
    op.execute("UPDATE article SET title = title || ' anew'")
"""


@dataclass
class Killer:
    """Has a child do something and kills it somewhere between its first moment and a little after its last.

    How long that is depends on the machine and what else it does: the ``seconds`` follow from whether it was done.
    """

    process: subprocess.Popen[str]
    dice: random.Random
    seconds: float = 0.05

    def strike(self, is_done: Callable[[], bool], **asked: str | Path) -> bool:
        """Whether it was done before it was killed."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(asked, default=str) + "\n")
        self.process.stdin.flush()
        pid = int(self.process.stdout.readline())
        time.sleep(self.dice.uniform(0, self.seconds))
        os.kill(pid, signal.SIGKILL)
        assert self.process.stdout.readline() == "ended\n"
        done = is_done()
        self.seconds *= 0.8 if done else 1.25
        return done


def unhurt(**asked: str | Path) -> None:
    """Do it to its end."""
    asyncio.run(work({name: str(value) for name, value in asked.items()}))


@pytest.fixture
def killer() -> Iterator[Killer]:
    with _zygote() as process:
        sys.stdout.write(f"seed {SEED}\n")  # pytest shows it where a test fails
        yield Killer(process, random.Random(SEED))


@contextmanager
def _zygote() -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, str(Path(__file__).with_name("copier.py"))]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.stdin.close()  # type: ignore[union-attr]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, blank_library: Path) -> Path:
    """A library of a few dozen articles, closed."""
    path = tmp_path_factory.mktemp("filled") / "newsdesk.db"
    shutil.copy(blank_library, path)

    async def make() -> None:
        async with Corpus.open(url_of(path), bot=True) as corpus:
            await fill(corpus, range(60))

    asyncio.run(make())
    return path


def test_killed_backups_leave_no_half_file(killer: Killer, filled: Path, tmp_path: Path) -> None:
    library, folder = tmp_path / "newsdesk.db", tmp_path / "backups"
    shutil.copy(filled, library)
    folder.mkdir()
    asked: dict[str, str | Path] = {"do": "backup", "from": library, "to": folder}
    found: list[bool] = []
    while len(found) < BACKUPS or len(set(found)) < 2:
        target = folder / f"newsdesk-{len(found)}.db"
        found.append(killer.strike(target.exists, **{**asked, "to": target}))
        if found[-1]:
            assert check(target, Work(), target).articles == 60
    assert titles(library) == titles(filled)
    unhurt(**{**asked, "to": folder / "last.db"})
    assert not [name for name in names(folder) if not name.endswith(".db")]
    assert names(tmp_path) == {"newsdesk.db", "backups"}


def test_killed_migrations_leave_the_old_library_or_the_new_one(killer: Killer, filled: Path, tmp_path: Path) -> None:
    later, library = tmp_path / "later", tmp_path / "here" / "newsdesk.db"
    later.mkdir()
    library.parent.mkdir()
    (later / "r.py").write_text(LATER, encoding="utf-8")
    before = titles(filled)
    after = {f"{title} anew" for title in before}
    kept = f"newsdesk.db.before-{HEAD}.db"
    asked: dict[str, str | Path] = {"do": "migrate", "to": library, "folder": later, "head": HEAD}
    found: list[bool] = []
    while len(found) < MIGRATIONS or len(set(found)) < 2:
        shutil.rmtree(library.parent)
        library.parent.mkdir()
        shutil.copy(filled, library)
        found.append(killer.strike(lambda: titles(library) == after, **asked))
        assert titles(library) in (before, after)
        if (copy := library.with_name(kept)).exists():
            assert titles(copy) == before
        unhurt(**asked)
        assert titles(library) == after
        assert names(library.parent) - {kept} == {"newsdesk.db"}


def test_killed_restores_leave_the_old_library_or_the_new_one(killer: Killer, filled: Path, tmp_path: Path) -> None:
    backup, library = tmp_path / "backup.db", tmp_path / "here" / "newsdesk.db"
    library.parent.mkdir()
    shutil.copy(filled, backup)
    shutil.copy(filled, library)

    async def add_more() -> None:
        async with Corpus.open(url_of(library), bot=True) as corpus:
            await fill(corpus, range(60, 63))

    asyncio.run(add_more())
    shutil.copy(library, tmp_path / "grown.db")
    new, old = titles(backup), titles(library)
    asked: dict[str, str | Path] = {"do": "restore", "from": backup, "to": library}
    found: list[bool] = []
    while len(found) < RESTORES or len(set(found)) < 2:
        shutil.rmtree(library.parent)
        library.parent.mkdir()
        shutil.copy(tmp_path / "grown.db", library)
        found.append(killer.strike(lambda: titles(library) == new, **asked))
        now = titles(library)
        assert now in (new, old)
        if found[-1]:
            (kept,) = library.parent.glob("*.replaced-*.db")
            assert titles(kept) == old
        asyncio.run(add_nothing(library))
        assert titles(library) == now
        litter = {name for name in names(library.parent) if ".replaced-" not in name} - {"newsdesk.db"}
        assert not litter
        assert len(list(library.parent.glob("*.replaced-*"))) == found[-1]


async def add_nothing(library: Path) -> None:
    """The next start of the bot."""
    async with Corpus.open(url_of(library), bot=True):
        pass
