"""A library moved to another database: nothing missing or changed, whatever is in it and whatever happens meanwhile."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise
from pathlib import Path
from threading import Thread
from typing import Any, Final

import pytest
from sqlalchemy import Column, LargeBinary, Table, Text, delete, insert, make_url

from bot.corpus import Corpus, ends, moving
from bot.corpus.copying import Watch, unwatched
from bot.corpus.moving import Moved, move
from bot.corpus.schema import REVISION, NamesText, UtcText, audit, metadata
from bot.errors import CorpusAway, CorpusDamaged, CorpusError, CorpusInUse, CorpusMisnamed, Refused
from bot.language.normal import fingerprint_of_clean
from tests.corpus.libraries import names, url_of
from tests.corpus.test_copying_kill import Killer, killer, unhurt
from tests.disks import grow, small
from tests.postgres import Server
from tests.sizes import cases

__all__ = ["killer"]

Content = Mapping[str, Sequence[tuple[Any, ...]]]
Places = tuple[str, str]

AT = datetime(2026, 5, 12, 8, 30, tzinfo=UTC)
STRANGE: Final = (
    "plain",
    "NUL \0 within",
    "beyond \U0001f5de the first plane \U00020bb7",
    "שלום וברכה والسلام",
    "e\u0301 is not \u00e9",
    "half \ud7ff\ue000\uffff of it, 'quoted' \\ \"twice\" %s :name $1 \t\r\n",
)
ROWS: Final = 2 * len(STRANGE)
STATE: Final = "SELECT version_num, (SELECT count(*) FROM article) FROM alembic_version"
# Where a constraint says what a value must be; all else follows from a column's type.
GIVEN: Final[Mapping[str, Callable[[int], Any]]] = {
    "article.published": lambda _: "2026-05",
    "article.filed": lambda _: "2026-05-12",
    "article.text": lambda number: text_of(number),
    "article.fingerprint": lambda number: fingerprint_of_clean(text_of(number)),
    "passage.question_start_char": lambda _: None,
    "passage.question_end_char": lambda _: None,
    "schedule.at": lambda _: "08:30",
    "delivery.local_date": lambda _: "2026-05-12",
    "delivery.nonce": lambda number: f"nonce {number}",
    "delivery.state": lambda _: "sent",
    "feed_entry.state": lambda _: "queued",
    "answer.id": lambda number: f"answer{number:04}",
}


def text_of(number: int) -> str:
    return f"{STRANGE[number % len(STRANGE)]} {number}".replace("\0", "").replace("\r", "")


def value(table: Table, column: Column[Any], number: int) -> Any:
    if (given := GIVEN.get(f"{table.name}.{column.name}")) is not None:
        return given(number)
    if column.nullable and number % 3 == 0:
        return None
    if column.foreign_keys or (column.primary_key and not isinstance(column.type, Text)):
        return 3 * number  # with gaps between
    if isinstance(column.type, UtcText):
        return AT + timedelta(days=number, microseconds=number)
    if isinstance(column.type, NamesText):
        return (STRANGE[number % len(STRANGE)].replace("\0", ""), "Åsa")
    if isinstance(column.type, LargeBinary):
        return bytes(range(256)) * number
    if isinstance(column.type, Text):
        strange = f"{STRANGE[number % len(STRANGE)]} {number}"
        return strange.replace("\0", "") if column.primary_key else strange  # keys are made of cleaned text
    return number


async def fill_every_table(url: str) -> None:
    async with Corpus.open(url, bot=True) as corpus, corpus._database.write() as begun:
        for table in metadata.sorted_tables:
            named = [one for one in table.columns if table is not audit or one is not audit.c.id]
            rows = [{one.name: value(table, one, number) for one in named} for number in range(1, ROWS + 1)]
            await begun.execute(insert(table), rows)
        await begun.execute(delete(audit).where(audit.c.id == ROWS))  # its number is given to no other


async def content(url: str, server: Server | None = None) -> Content:
    """Every row of every table there is, as another program reads them."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite+aiosqlite:///"))) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
            tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            names = {name for (name,) in tables} - {"sqlite_sequence"}
            return {name: connection.execute(everything(name)).fetchall() for name in names}
    assert server is not None
    database = make_url(url).database or ""
    there = await server.rows("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'", database=database)
    return {name: await server.rows(everything(name), database=database) for (name,) in there}


def everything(name: str) -> str:
    table = metadata.tables.get(name)
    if table is None:
        return f"SELECT * FROM {name}"
    columns, keys = (", ".join(f'"{one.name}"' for one in some) for some in (table.columns, table.primary_key.columns))
    return f'SELECT {columns} FROM "{name}" ORDER BY {keys}'


def with_replacements(rows: Content) -> Content:
    return {
        name: [tuple(one.replace("\0", "\ufffd") if isinstance(one, str) else one for one in row) for row in some]
        for name, some in rows.items()
    }


@pytest.fixture
def fresh(postgres: Server) -> Iterator[str]:
    """The address of a database without any table."""
    name = f"fresh_{os.getpid()}"
    postgres.query(f"CREATE DATABASE {name} TEMPLATE template0")
    yield postgres.url(name)
    postgres.drop(name)


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory, blank_library: Path) -> Path:
    """A library with rows in every table, some of them strange."""
    path = Path(shutil.copy(blank_library, tmp_path_factory.mktemp("full") / "newsdesk.db"))
    asyncio.run(fill_every_table(url_of(path)))
    return path


@pytest.fixture
def library(tmp_path: Path, full: Path) -> str:
    """The address of a copy of it for one test."""
    return url_of(Path(shutil.copy(full, tmp_path / "newsdesk.db")))


async def moved(source: str, target: str, watch: Watch = unwatched) -> Moved:
    return await move(ends.place(source), ends.place(target), watch)


async def test_every_row_of_every_table_is_moved_to_any_database_and_back(
    library: str, fresh: str, postgres: Server, postgres_url: str, tmp_path: Path
) -> None:
    before = await content(library, postgres)
    assert set(before) == {*metadata.tables, "alembic_version"}
    assert {name for name, rows in before.items() if not rows} == set()
    held = with_replacements(before)  # PostgreSQL has no NUL
    way = [library, fresh, postgres_url, url_of(tmp_path / "back.db"), url_of(tmp_path / "copy.db")]
    for source, target in pairwise(way):
        outcome = await moved(source, target)
        assert (outcome.rows, outcome.kept) == (sum(len(before[name]) for name in metadata.tables), 0)
        assert await content(target, postgres) == held
        if target is way[-1]:
            async with Corpus.open(target, bot=True) as corpus, corpus._database.write() as begun:
                row = {"at": AT, "library": 1, "what": "tried", "subject": "x"}
                assert await begun.insert(audit, row) == ROWS + 1
    assert await content(library, postgres) == before
    assert names(tmp_path) == {"newsdesk.db", "back.db", "copy.db"}


# Broken off


class Breaking(Exception):
    """What breaks a move off."""


def at(percent: int, do: Callable[[], object]) -> Watch:
    """Do something once, when a move is so far."""
    is_done = False

    def watch(done: int, _total: int) -> None:
        nonlocal is_done
        if done >= percent and not is_done:
            is_done = True
            do()

    return watch


def broken() -> None:
    raise Breaking


def beside(do: Callable[[], object]) -> Callable[[], None]:
    """Do something that needs an event loop of its own."""

    def act() -> None:
        thread = Thread(target=do)
        thread.start()
        thread.join()

    return act


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moving, "_ROWS", 5)


@pytest.fixture(params=["sqlite", "postgres"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where the library is moved: a new file, or an empty library on a server."""
    return request.getfixturevalue("postgres_url") if request.param == "postgres" else url_of(tmp_path / "target.db")


async def held(library: str, target: str) -> Content:
    """What of a library the target must hold."""
    before = await content(library)
    return before if target.startswith("sqlite") else with_replacements(before)


async def test_what_was_broken_off_is_gone_on_with(library: str, tmp_path: Path, small_pages: None) -> None:
    target = url_of(tmp_path / "target.db")
    for percent in (1, 25, 49, 75, 99):
        with pytest.raises(Breaking):
            await moved(library, target, at(percent, broken))
    outcome = await moved(library, target)
    assert outcome.kept == outcome.rows
    assert await content(target) == await content(library)


async def test_no_bot_starts_on_a_part_and_another_move_may_end_it(
    library: str, target: str, postgres: Server, small_pages: None
) -> None:
    with pytest.raises(Breaking):
        await moved(library, target, at(30, broken))
    for bot in (True, False):
        with pytest.raises(CorpusMisnamed, match=r"only a part of a library: let `newsdesk move` end what it began"):
            async with Corpus.open(target, bot=bot):
                pass
    with pytest.raises(CorpusMisnamed, match="only a part of a library"):
        await moved(target, f"{library}.other")
    assert (await moved(library, target)).kept > 0
    assert await content(target, postgres) == await held(library, target)


async def test_a_library_that_changed_meanwhile_is_moved_anew(
    library: str, target: str, postgres: Server, small_pages: None
) -> None:
    with pytest.raises(Breaking):
        await moved(library, target, at(40, broken))
    async with Corpus.open(library, bot=True) as corpus:
        await corpus.notes.set("plain 6", "changed")
    outcome = await moved(library, target)
    assert outcome.kept == 0
    assert await content(target, postgres) == await held(library, target)


async def test_a_row_that_came_meanwhile_is_moved_with_the_rest(
    library: str, tmp_path: Path, small_pages: None
) -> None:
    target = url_of(tmp_path / "target.db")
    with pytest.raises(Breaking):
        await moved(library, target, at(40, broken))
    async with Corpus.open(library, bot=True) as corpus, corpus._database.write() as begun:
        await begun.insert(audit, {"at": AT, "library": 1, "what": "tried", "subject": "x"})
    assert (await moved(library, target)).rows > 0
    assert await content(target) == await content(library)


@pytest.mark.parametrize(("kind", "kills"), [("sqlite", cases(40, few=2)), ("postgres", cases(10, few=2))])
def test_a_killed_move_leaves_nothing_that_is_taken_for_a_library(
    killer: Killer, library: str, blank_library: Path, postgres: Server, tmp_path: Path, kind: str, kills: int
) -> None:
    made: list[str] = []

    def new() -> str:
        made.append(postgres.create() if kind == "postgres" else f"target{len(made)}")
        if kind == "postgres":
            return postgres.url(made[-1])
        return url_of(Path(shutil.copy(blank_library, tmp_path / f"{made[-1]}.db")))

    def state() -> tuple[str, int]:
        """At which revision the target is, and how many articles it has."""
        if kind == "postgres":
            (row,) = postgres.query(STATE, database=made[-1])
        else:
            with closing(sqlite3.connect(tmp_path / f"{made[-1]}.db")) as connection:
                row = connection.execute(STATE).fetchone()
        return str(row[0]), int(row[1])

    def is_whole() -> bool:
        revision, articles = state()
        assert (revision, articles) in ((REVISION, 0), (REVISION, ROWS)) or revision == ends.PART
        return (revision, articles) == (REVISION, ROWS)

    target, found = new(), list[bool]()
    wanted = asyncio.run(held(library, target))
    while len(found) < kills or len(set(found)) < 2:
        found.append(killer.strike(is_whole, do="move", **{"from": library}, to=target))
        if found[-1]:
            assert asyncio.run(content(target, postgres)) == wanted
            target = new()
    unhurt(do="move", **{"from": library}, to=target)
    assert asyncio.run(content(target, postgres)) == wanted
    for database in made if kind == "postgres" else ():
        postgres.drop(database)


async def test_a_server_that_is_lost_is_one_sentence_and_the_move_goes_on(
    library: str, postgres: Server, postgres_url: str, small_pages: None
) -> None:
    lose = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'newsdesk move'"
    with pytest.raises(CorpusAway, match="does not answer: try again"):
        await moved(library, postgres_url, at(30, beside(lambda: postgres.query(lose))))
    assert (await moved(library, postgres_url)).kept > 0
    assert await content(postgres_url, postgres) == with_replacements(await content(library))


async def test_a_disk_that_is_full_is_one_sentence_and_the_move_goes_on(
    library: str, tmp_path: Path, small_pages: None
) -> None:
    with small(tmp_path / "disk", 300) as disk:
        target = url_of(disk / "target.db")
        with pytest.raises(CorpusError, match=r"The disk that holds target.db is full: make room and try again"):
            await moved(library, target)
        grow(disk, 8_000)
        await moved(library, target)
        assert await content(target) == await content(library)


# Held against the original


async def test_a_copy_that_is_not_what_the_library_is_does_not_become_one(
    library: str, postgres: Server, postgres_url: str
) -> None:
    database = make_url(postgres_url).database or ""
    for damage in (
        "UPDATE article SET title = title || '.' WHERE id = 6",
        "UPDATE article SET text = text || '.' WHERE id = 6",
        "DELETE FROM answer WHERE id = 'answer0003'",
        "INSERT INTO note (key, value) VALUES ('zzz', 'more')",
    ):
        do = beside(partial(postgres.query, damage, database=database))
        with pytest.raises(
            CorpusError, match=r"table of the database \w+ does not hold what that of newsdesk.db holds"
        ):
            await moved(library, postgres_url, at(50, do))
    with pytest.raises(CorpusMisnamed, match="only a part"):
        async with Corpus.open(postgres_url, bot=True):
            pass
    assert (await moved(library, postgres_url)).kept == 0
    assert await content(postgres_url, postgres) == with_replacements(await content(library))


async def test_a_counter_that_is_not_where_it_was_is_seen(library: str, postgres: Server, postgres_url: str) -> None:
    back = "SELECT setval(pg_get_serial_sequence('audit', 'id'), 3)"
    do = beside(lambda: postgres.query(back, database=make_url(postgres_url).database or ""))
    with pytest.raises(CorpusError, match="The audit table of the database"):
        await moved(library, postgres_url, at(100, do))


async def test_a_library_that_is_damaged_is_not_moved(library: str, target: str) -> None:
    file = library.removeprefix("sqlite+aiosqlite:///")
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE article SET text = 'other' WHERE id = 9")
    with pytest.raises(
        CorpusDamaged, match=r"newsdesk.db is damaged: the text of article row 9 is not what was stored"
    ):
        await moved(library, target)
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE article SET text = ? WHERE id = 9", (text_of(3),))
        connection.execute("DELETE FROM watch WHERE id = 9")  # SQLite does not see to it unless told
    with pytest.raises(CorpusDamaged, match="rows of notice contradict others"):
        await moved(library, target)


# Refused


async def test_nobody_may_use_either_meanwhile(library: str, target: str) -> None:
    for place in (library, target):
        async with Corpus.open(place, bot=True):
            with pytest.raises(CorpusInUse, match=r"Newsdesk runs on .*: stop it first, then move\."):
                await moved(library, target)


async def test_a_command_that_works_on_the_file_is_not_overtaken(library: str, tmp_path: Path) -> None:
    async with Corpus.open(library, bot=False):
        with pytest.raises(CorpusInUse, match=r"Another newsdesk command works on newsdesk.db: let it end, then move"):
            await moved(library, url_of(tmp_path / "target.db"))


async def test_what_wants_to_write_to_a_server_meanwhile_waits_or_is_told(
    library: str, postgres: Server, postgres_url: str, tmp_path: Path
) -> None:
    await moved(library, postgres_url)
    database, told = make_url(postgres_url).database or "", []
    late = (
        "DO $$ BEGIN PERFORM set_config('lock_timeout', '50', false);"
        " INSERT INTO note (key, value) VALUES ('late', 'x'); END $$"
    )

    def write() -> None:
        try:
            postgres.query(late, database=database)
        except Exception as error:  # noqa: BLE001 - the driver's
            told.append(getattr(error, "sqlstate", ""))

    await moved(postgres_url, url_of(tmp_path / "target.db"), at(60, beside(write)))
    assert told == ["55P03"]


async def test_a_database_that_holds_a_library_is_not_written_to(library: str, target: str, postgres: Server) -> None:
    async with Corpus.open(target, bot=True) as corpus:
        await corpus.notes.set("mine", "kept")
    before = await content(target, postgres)
    with pytest.raises(Refused, match="holds a library already: move to a database that is empty"):
        await moved(library, target)
    assert await content(target, postgres) == before


async def test_one_database_is_not_moved_onto_itself(library: str, postgres_url: str) -> None:
    for place in (library, postgres_url):
        with pytest.raises(Refused, match="The library is there already"):
            await moved(place, place)


async def test_where_there_is_no_library_nothing_is_moved(tmp_path: Path, fresh: str, target: str) -> None:
    for place in (url_of(tmp_path / "none.db"), fresh):
        with pytest.raises(CorpusError, match="There is no library"):
            await moved(place, target)
    assert not (tmp_path / "none.db").exists()


async def test_what_another_version_began_is_left_alone(library: str, tmp_path: Path, small_pages: None) -> None:
    target = tmp_path / "target.db"
    with pytest.raises(Breaking):
        await moved(library, url_of(target), at(30, broken))
    with closing(sqlite3.connect(target)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = 'moving 0001'")
    with pytest.raises(CorpusError, match="what a move of another version began: delete it and make it anew"):
        await moved(library, url_of(target))
