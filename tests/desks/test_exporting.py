"""A library out and in again: the same bytes, the same numbers, the same that admins have said."""

from __future__ import annotations

import asyncio
import json
import shutil
import tempfile
import zipfile
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.dates import PartialDate
from bot.errors import Refused, UnreadableDocument
from bot.model import SHARED, Document
from bot.newsdesk import Newsdesk
from bot.reading.exports import ARTICLES, MANIFEST
from bot.reading.files import find_files, read_file
from tests.sizes import cases

HERE, THERE = 7, 9
WHEN = datetime(2026, 5, 12, 8, 0, 0, 123456, tzinfo=UTC)
FERRY = Document(
    "a.txt",
    "The ferry",
    "The ferry sails.\n\n“We stay,” said Ines Duarte.",
    outlet="Harbour Gazette",
    authors=("Tom Vale", "Mara Lind"),
    url="https://harbour.example/ferry",
    published=PartialDate(2025, 5),
    source_id="ferry-1",
)
Open = Callable[[str], "Opened"]


@dataclass
class Opened:
    """A new library by name, and a place for its files."""

    folder: Path
    url: str


@pytest.fixture
def library(blank_library: Path, tmp_path: Path) -> Open:
    def make(name: str) -> Opened:
        folder = tmp_path / name
        folder.mkdir()
        shutil.copy(blank_library, folder / "newsdesk.db")
        return Opened(folder, f"sqlite+aiosqlite:///{folder / 'newsdesk.db'}")

    return make


@pytest.fixture
async def filled(library: Open) -> AsyncIterator[tuple[Newsdesk, Path]]:
    """A server's library of four articles with a gap in their numbers, a corrected speaker and a joined name."""
    opened = library("first")
    async with Newsdesk.open(opened.url, bot=True, now=clock()) as desk:
        await desk.add(SHARED, Document("s", "Shared", "“All of us,” said Omar Haddad."))
        for number, document in enumerate(
            (FERRY, Document("b", "Gone", "Gone."), Document("c", "C", "Text.\n\nMore."))
        ):
            await desk.add(HERE, document, added_by=number or None)
        await desk.remove(HERE, "2")
        await desk.add(HERE, Document("d", "Text in it", "Text in it\n\nBody.", title_in_text=True), added_by=2**63 - 1)
        for ref, name in (("1", "Mara Lind"), ("S1", None)):
            article = await desk.article(HERE, ref)
            (said,) = (await desk.corpus.speeches.of(HERE, [article.id]))[article.id]
            await desk.spoken.correct(HERE, article, said.span, name, by=3)
        await desk.corpus.aliases.set(HERE, "Duarte", "Ines Duarte", by=1, now=WHEN)
        yield desk, opened.folder


def clock() -> Callable[[], datetime]:
    minutes = iter(range(10_000))
    return lambda: WHEN + timedelta(minutes=next(minutes))


async def export(desk: Newsdesk, path: Path, server: int = HERE) -> Path:
    await desk.export(server, path, lambda _done, _total: None)
    return path


async def bring(desk: Newsdesk, path: Path, server: int = HERE) -> list[str | None]:
    """What became of each document of an import."""
    files = await asyncio.to_thread(find_files, [path])
    return [one.fault or (one.added and one.added.outcome.value) async for _, one in desk.import_files(server, files)]


def bytes_of(path: Path) -> dict[str, bytes]:
    if path.is_file():
        return {path.name: path.read_bytes()}
    return {str(one.relative_to(path)): one.read_bytes() for one in path.rglob("*") if one.is_file()}


@pytest.mark.parametrize("name", ["out.zip", "out"])
async def test_out_and_in_and_out_again_are_the_same_bytes(
    filled: tuple[Newsdesk, Path], library: Open, name: str
) -> None:
    desk, folder = filled
    out = await export(desk, folder / name)
    second = library("second")
    async with Newsdesk.open(second.url, bot=True) as empty:
        assert await bring(empty, out, THERE) == ["added"] * 3
        again = await export(empty, second.folder / name, THERE)
        assert [one.number for one in await empty.headings(THERE)] == [4, 3, 1]
        assert await bring(empty, out, THERE) == ["unchanged"] * 3
    assert bytes_of(again) == bytes_of(out)
    assert bytes_of(out)


async def test_everything_that_is_known_of_an_article_comes_back(filled: tuple[Newsdesk, Path], library: Open) -> None:
    desk, folder = filled
    out = await export(desk, folder / "out.zip")
    async with Newsdesk.open(library("second").url, bot=True) as empty:
        await bring(empty, out)
        for ref in ("1", "3", "4"):
            first, second = await desk.article(HERE, ref), await empty.article(HERE, ref)
            assert replace(second, id=first.id) == first
            passages = await desk.corpus.articles.passages(HERE, first.id)
            assert await empty.corpus.articles.passages(HERE, second.id) == passages
        assert await empty.corpus.aliases.all(HERE) == {"Duarte": "Ines Duarte"}
        ferry = await empty.article(HERE, "1")
        (said,) = (await empty.corpus.speeches.of(HERE, [ferry.id]))[ferry.id]
        assert said.speaker == "Mara Lind"
        await empty.add(SHARED, Document("s", "Shared", "“All of us,” said Omar Haddad."))
        shared = await empty.article(HERE, "S1")
        assert (await empty.corpus.speeches.of(HERE, [shared.id]))[shared.id][0].speaker is None


async def test_an_export_is_read_by_people_too(filled: tuple[Newsdesk, Path]) -> None:
    desk, folder = filled
    out = await export(desk, folder / "out")
    files = await asyncio.to_thread(bytes_of, out)
    assert sorted(files) == [ARTICLES, MANIFEST, "texts/1.txt", "texts/3.txt", "texts/4.txt"]
    assert files["texts/1.txt"].decode() == f"{FERRY.text}\n"
    line = json.loads(files[ARTICLES].splitlines()[0])
    assert (line["number"], line["id"], line["added_by"]) == (1, "ferry-1", None)
    assert line["added_at"].startswith("2026-05-12T08:")


async def test_into_a_library_that_is_not_empty_articles_come_as_new(
    filled: tuple[Newsdesk, Path], library: Open
) -> None:
    desk, folder = filled
    out = await export(desk, folder / "out.zip")
    async with Newsdesk.open(library("second").url, bot=True) as other:
        await other.add(HERE, Document("own", "Own", "Own text."))
        await other.corpus.aliases.set(HERE, "Duarte", "Another", by=1, now=WHEN)
        await bring(other, out)
        assert sorted(one.number for one in await other.headings(HERE)) == [1, 2, 3, 4]
        assert (await other.article(HERE, "2")).added_at > WHEN + timedelta(days=1)
        assert await other.corpus.aliases.all(HERE) == {"Duarte": "Another"}


async def test_an_import_that_was_broken_off_keeps_the_numbers_to_its_end(
    filled: tuple[Newsdesk, Path], library: Open
) -> None:
    desk, folder = filled
    out = await export(desk, folder / "out")
    async with Newsdesk.open(library("second").url, bot=True) as empty:
        whole = (out / ARTICLES).read_bytes()
        (out / ARTICLES).write_bytes(whole.splitlines(keepends=True)[0])
        await bring(empty, out)
        (out / ARTICLES).write_bytes(whole)
        await bring(empty, out)
        assert [one.number for one in await empty.headings(HERE)] == [4, 3, 1]


async def test_nothing_is_written_over(filled: tuple[Newsdesk, Path]) -> None:
    desk, folder = filled
    out = await export(desk, folder / "out.zip")
    before = await asyncio.to_thread(bytes_of, out)
    with pytest.raises(Refused, match=r"out\.zip is there already"):
        await export(desk, out)
    with pytest.raises(Refused, match="does not exist"):
        await export(desk, folder / "gone" / "out.zip")
    assert await asyncio.to_thread(bytes_of, out) == before
    assert sorted(path.name for path in await asyncio.to_thread(lambda: list(folder.glob("out*")))) == ["out.zip"]


async def test_another_servers_articles_are_in_no_export(filled: tuple[Newsdesk, Path]) -> None:
    desk, folder = filled
    out = await export(desk, folder / "out", THERE)
    files = await asyncio.to_thread(bytes_of, out)
    assert files == {ARTICLES: b"", MANIFEST: b'{"newsdesk_export":1}\n'}


BAD_LINES = [
    ('{"newsdesk_export":2}', "this is no export that this version"),
    ('{"newsdesk_export":true}', "this is no export that this version"),
    ('{"newsdesk_export":1}\n{"name":"A"}', "“person” is missing"),
    ('{"newsdesk_export":1}\n{"name":"A","person":"' + "x" * 301 + '"}', "“person” is missing or longer"),
    ('{"newsdesk_export":1}\n{"x":1}', "a line is neither"),
    ('{"newsdesk_export":1}\n{"text_sha256":"' + "0" * 64 + '","start":5,"end":2}', "the words of a corrected speaker"),
    ("[]", "the line is not a JSON object"),
]


@pytest.mark.parametrize(("lines", "reason"), BAD_LINES)
def test_where_the_mark_of_an_export_is_damaged_nothing_of_it_is_read(tmp_path: Path, lines: str, reason: str) -> None:
    (tmp_path / MANIFEST).write_text(lines, encoding="utf-8")
    (tmp_path / ARTICLES).write_text('{"number":1,"title":"T","text":"Text."}\n', encoding="utf-8")
    with zipfile.ZipFile(tmp_path / "out.zip", "w") as archive:
        archive.write(tmp_path / MANIFEST, MANIFEST)
        archive.write(tmp_path / ARTICLES, ARTICLES)
    for path in (tmp_path / MANIFEST, tmp_path / "out.zip"):
        (found,) = read_file(path)
        assert isinstance(found, UnreadableDocument)
        assert found.reason.startswith(reason)


BAD_FIELDS = [{"number": 0}, {"number": 10**9}, {"number": "1"}, {"added_at": "today"}, {"added_by": -1}]
BAD_FIELDS += [{"number": True}, {"added_at": "2026-01-01"}, {"added_by": 2**64}, {"added_at": None}]


@pytest.mark.parametrize("bad", BAD_FIELDS, ids=str)
def test_an_article_whose_number_or_date_cannot_be_used_comes_as_new(tmp_path: Path, bad: dict[str, object]) -> None:
    line = {"number": 3, "added_at": "2026-01-01T00:00:00+00:00", "added_by": None, "title": "T", "text": "Text."}
    (tmp_path / MANIFEST).write_text('{"newsdesk_export":1}', encoding="utf-8")
    (tmp_path / ARTICLES).write_text(f"{json.dumps(line)}\n{json.dumps(line | bad)}\n[]\n", encoding="utf-8")
    good, changed, last = read_file(tmp_path / MANIFEST)
    assert isinstance(good, Document)
    assert good.origin is not None
    assert isinstance(changed, Document)
    assert changed.origin is None
    assert isinstance(last, UnreadableDocument)


def test_a_link_that_hides_where_it_goes_does_not_come_in_by_an_export(tmp_path: Path) -> None:
    line = {"title": "T", "text": "Text.", "url": "https://good.example@evil.example/"}
    (tmp_path / MANIFEST).write_text('{"newsdesk_export":1}', encoding="utf-8")
    (tmp_path / ARTICLES).write_text(json.dumps(line), encoding="utf-8")
    (found,) = read_file(tmp_path / MANIFEST)
    assert isinstance(found, Document)
    assert found.url is None


words = st.text(st.characters(codec="utf-8"), min_size=1, max_size=60)
documents = st.builds(
    Document,
    name=st.just("a.txt"),
    title=words,
    text=st.text(st.characters(codec="utf-8"), min_size=1, max_size=300).filter(lambda text: text.strip()),
    outlet=st.none() | words,
    authors=st.lists(words, max_size=3).map(tuple),
    url=st.none() | st.just("https://example.org/a?b=c"),
    published=st.none() | st.dates().map(lambda day: PartialDate(day.year, day.month, day.day)),
    source_id=st.none() | st.just("id-1"),
    title_in_text=st.booleans(),
)


@settings(max_examples=cases(25, few=8), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(made=st.lists(documents, max_size=6), removed=st.integers(1, 6))
def test_whatever_is_in_a_library_comes_back_to_the_byte(
    blank_library: Path, made: list[Document], removed: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_round_trip(blank_library, Path(folder), made, removed))


async def _round_trip(blank: Path, folder: Path, made: list[Document], removed: int) -> None:
    exports: list[Path] = []
    for name in ("first", "second"):
        shutil.copy(blank, folder / f"{name}.db")
        async with Newsdesk.open(f"sqlite+aiosqlite:///{folder / name}.db", bot=True) as desk:
            if exports:
                await bring(desk, exports[0])
            else:
                await _fill(desk, made, removed)
            exports.append(await export(desk, folder / f"{name}.zip"))
    assert exports[0].read_bytes() == exports[1].read_bytes()


async def _fill(desk: Newsdesk, made: list[Document], removed: int) -> None:
    for document in made:
        try:
            await desk.add(HERE, document, added_by=4)
        except Refused:
            continue
    await desk.corpus.articles.remove(HERE, removed, by=1, now=WHEN)
