"""A library on a disk that is full, read-only or damaged: a sentence, a code for who restarts it, and no loss."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import random
import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.corpus import Corpus, Prepared
from bot.corpus.sqlite import explain
from bot.errors import (
    EX_CONFIG,
    EX_DATAERR,
    EX_IOERR,
    EX_TEMPFAIL,
    CorpusDamaged,
    CorpusError,
    CorpusInUse,
    CorpusMisnamed,
)
from bot.language.analysis import analyse
from bot.model import SHARED, Document
from tests.disks import fill, grow, sealed, small
from tests.sizes import some

ARTICLES = 40
Prepare = Callable[..., Prepared]


def long_text(number: int) -> str:
    return f"Report {number}. " + f"The harbour of town {number} was quiet on Monday. " * 200


async def add(corpus: Corpus, prepare: Prepare, now: datetime, number: int) -> None:
    await corpus.articles.add(SHARED, prepare(long_text(number)), added_by=None, now=now)


async def texts(corpus: Corpus) -> list[str]:
    return sorted(article.text for article in await corpus.articles.visible(5))


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Corpus]:
    async with Corpus.open(f"sqlite+aiosqlite:///{folder / 'newsdesk.db'}", bot=True) as corpus:
        yield corpus


async def refused(folder: Path, kind: type[CorpusError] = CorpusError) -> CorpusError:
    """What opening the library there is refused with: one sentence."""
    with pytest.raises(kind) as caught:
        async with opened(folder) as corpus:
            await texts(corpus)
    assert "\n" not in str(caught.value)
    assert str(caught.value).endswith(".")
    return caught.value


# Full


async def test_on_a_full_disk_what_was_added_stays_readable_and_nothing_is_half_there(
    tmp_path: Path, blank_library: Path, prepare: Prepare, now: datetime
) -> None:
    with small(tmp_path / "disk", 2_000) as disk:
        shutil.copy(blank_library, disk / "newsdesk.db")
        async with opened(disk) as corpus:
            added, full = 0, None
            while full is None:
                try:
                    await add(corpus, prepare, now, added)
                    added += 1
                except CorpusError as error:
                    full = error
            assert (full.exit_code, "is full" in str(full)) == (EX_IOERR, True)
            before = await texts(corpus)
            assert before == sorted(long_text(number) for number in range(added))
            fill(disk)
            for _ in range(3):
                with pytest.raises(CorpusError):
                    await add(corpus, prepare, now, 1_000)
            assert await texts(corpus) == before
            grow(disk, 8_000)
            await add(corpus, prepare, now, 1_000)
            assert await corpus.integrity() == []
        async with opened(disk) as corpus:
            assert await texts(corpus) == sorted([*before, long_text(1_000)])


async def test_a_library_on_a_disk_that_is_full_at_the_start_is_one_sentence_and_untouched(
    tmp_path: Path, blank_library: Path
) -> None:
    with small(tmp_path / "disk", 2_000) as disk:
        library = shutil.copy(blank_library, disk / "newsdesk.db")
        before = digest(library)
        fill(disk)
        error = await refused(disk)
        assert error.exit_code == EX_IOERR
        assert "full" in str(error)
        assert digest(library) == before
        (disk / "filler").unlink()
        async with opened(disk) as corpus:
            assert await corpus.integrity() == []


# Read-only


async def test_a_library_on_a_read_only_disk_is_one_sentence_and_untouched(tmp_path: Path, blank_library: Path) -> None:
    (tmp_path / "disk").mkdir()
    library = shutil.copy(blank_library, tmp_path / "disk" / "newsdesk.db")
    before = digest(library)
    with sealed(tmp_path / "disk") as disk:
        error = await refused(disk)
        assert error.exit_code == EX_IOERR
        assert "cannot be written" in str(error)
    assert digest(library) == before


# Damaged


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, blank_library: Path) -> Path:
    """A library of some articles, made once."""
    folder = tmp_path_factory.mktemp("filled")
    shutil.copy(blank_library, folder / "newsdesk.db")

    async def make() -> None:
        async with opened(folder) as corpus:
            for number in range(ARTICLES):
                text = long_text(number)
                document = Document("typed", "Report", text)
                prepared = Prepared(document, digest_of(text.encode()), 1_800, analyse("Report", text))
                await corpus.articles.add(SHARED, prepared, added_by=None, now=datetime(2026, 5, 12, tzinfo=UTC))

    asyncio.run(make())
    return folder / "newsdesk.db"


@pytest.fixture
def library(tmp_path: Path, filled: Path) -> Path:
    """A library of some articles, closed."""
    return Path(shutil.copy(filled, tmp_path))


def flip(file: Path, places: range | list[int]) -> None:
    with file.open("r+b") as bytes_:
        for place in places:
            bytes_.seek(place)
            byte = bytes_.read(1)[0]
            bytes_.seek(place)
            bytes_.write(bytes([byte ^ 0xFF]))


def flip_some(library: Path, seed: int) -> None:
    """One byte somewhere, or some, or many."""
    chance = random.Random(seed)
    flip(library, [chance.randrange(library.stat().st_size) for _ in range(chance.choice([1, 30, 2_000]))])


def digest(file: str | Path) -> str:
    return digest_of(Path(file).read_bytes())


def digest_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


async def test_a_damaged_beginning_is_said_and_the_file_left_alone(library: Path) -> None:
    flip(library, range(16))
    before = digest(library)
    error = await refused(library.parent, CorpusDamaged)
    assert error.exit_code == EX_DATAERR
    assert "restore the newest backup" in str(error)
    assert digest(library) == before


async def test_a_damaged_page_is_said_when_it_is_read_and_ends_whoever_waits_for_that(library: Path) -> None:
    _break_pages_of(library, "article")
    async with opened(library.parent) as corpus:
        with pytest.raises(CorpusDamaged, match="is damaged: restore the newest backup") as caught:
            await texts(corpus)
        assert caught.value.exit_code == EX_DATAERR
        with pytest.raises(CorpusDamaged):
            await corpus.damaged()
        with pytest.raises(CorpusDamaged):
            await corpus.integrity()


def _break_pages_of(library: Path, table: str) -> None:
    """Flip the header of every page that the table's tree has below its root."""
    with closing(sqlite3.connect(library)) as connection:
        (root,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    with library.open("rb") as file:
        file.seek((root - 1) * size)
        page = file.read(size)
    assert page[0] == 5, "the table has so many rows that its root leads on to other pages"
    first = int.from_bytes(page[12:14])
    child = int.from_bytes(page[first : first + 4])
    flip(library, range((child - 1) * size, (child - 1) * size + 8))


@pytest.mark.parametrize("seed", some(range(20), few=5))
async def test_whatever_byte_is_flipped_there_is_a_sentence_or_an_answer_and_never_another_fault(
    library: Path, seed: int
) -> None:
    flip_some(library, seed)
    told: CorpusError | None = None
    try:
        async with opened(library.parent) as corpus:
            await texts(corpus)
            await corpus.integrity()
    except CorpusError as error:
        told = error
    assert told is None or (str(told).endswith(".") and told.exit_code in (EX_DATAERR, EX_IOERR, EX_CONFIG))


@pytest.mark.parametrize("seed", some(range(8), few=2))
async def test_a_write_ahead_log_that_was_damaged_costs_at_most_what_came_after(
    tmp_path: Path, blank_library: Path, prepare: Prepare, now: datetime, seed: int
) -> None:
    """SQLite's checksums end the log at the damage: what was written before is all there, and nothing is half there."""
    shutil.copy(blank_library, tmp_path / "newsdesk.db")
    left = tmp_path / "left"
    left.mkdir()
    async with opened(tmp_path) as corpus:
        for number in range(10):
            await add(corpus, prepare, now, number)
        for suffix in ("", "-wal"):  # what `kill -9` leaves
            shutil.copy(tmp_path / f"newsdesk.db{suffix}", left)
    log = left / "newsdesk.db-wal"
    assert log.stat().st_size > 0
    flip(log, [random.Random(seed).randrange(32, log.stat().st_size)])
    async with opened(left) as corpus:
        kept = await texts(corpus)
        assert await corpus.integrity() == []
    assert kept == sorted(long_text(number) for number in range(len(kept)))


# Which fault is which


@pytest.mark.parametrize(
    ("fault", "kind", "code"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), CorpusError, EX_IOERR),
        (OSError(errno.EROFS, "Read-only file system"), CorpusError, EX_IOERR),
        (PermissionError(errno.EACCES, "Permission denied"), CorpusError, EX_IOERR),
        ("SQLITE_FULL", CorpusError, EX_IOERR),
        ("SQLITE_IOERR_WRITE", CorpusError, EX_IOERR),
        ("SQLITE_READONLY_DIRECTORY", CorpusError, EX_IOERR),
        ("SQLITE_BUSY_SNAPSHOT", CorpusInUse, EX_TEMPFAIL),
        ("SQLITE_CORRUPT_INDEX", CorpusDamaged, EX_DATAERR),
        ("SQLITE_NOTADB", CorpusDamaged, EX_DATAERR),
        ("SQLITE_ERROR", CorpusError, EX_IOERR),
        (ValueError(), CorpusError, EX_IOERR),
    ],
    ids=str,
)
def test_every_fault_of_the_file_has_a_sentence_and_a_code(
    fault: str | Exception, kind: type[CorpusError], code: int
) -> None:
    if isinstance(fault, str):
        named, fault = fault, sqlite3.OperationalError("full of busy readonly corrupt words")
        fault.sqlite_errorname = named
    told = explain(fault, Path("/somewhere/newsdesk.db"))
    assert type(told) is kind
    assert told.exit_code == code
    assert "newsdesk.db" in str(told)
    assert "somewhere" not in str(told)


async def test_an_address_that_is_none_is_a_setting_to_mend() -> None:
    for url in ("postgresql://me:hunter2@db.example/news", "sqlite+aiosqlite:///", "nonsense"):
        with pytest.raises(CorpusMisnamed) as caught:
            async with Corpus.open(url, bot=True):
                pass
        assert caught.value.exit_code == EX_CONFIG
        assert "hunter2" not in str(caught.value)
