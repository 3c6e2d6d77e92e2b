"""Newsdesk, asked directly: who sees what, what a change does to the next answer, and what a period holds."""

from __future__ import annotations

import asyncio
import random
import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.corpus import Outcome
from bot.dates import PartialDate
from bot.desks.preparing import prepare
from bot.errors import NotFound, Refused, UnreadableDocument
from bot.model import SHARED, Document, Span
from bot.newsdesk import Newsdesk, as_period
from tests.clock import Clock
from tests.reading.made import pdf
from tests.web import Web

NEWSROOM, RIVAL = 101, 202  # two servers

FERRY = (
    "The ferry to the islands will run all winter, the harbour office said.\n\n"
    "“We could not leave four villages without a doctor,” said Ines Duarte, who runs the line.\n\n"
    "Two crossings a day are planned until March. Freight goes on Thursdays. Dogs travel free."
)
MARKET = "The market hall closes for repairs in spring. Ninety traders will move to the old bus depot."
SECRET = "The zeppelin contract was signed in Novgorod. Only Quillfeather knew of the zeppelin."


@pytest.fixture
async def newsdesk(library_url: str, clock: Clock) -> AsyncIterator[Newsdesk]:
    async with Newsdesk.open(library_url, bot=True, now=clock, chance=random.Random(1)) as opened:
        yield opened


def document(text: str, title: str = "Untitled", outlet: str | None = None, published: str | None = None) -> Document:
    when = PartialDate.parse(published) if published else None
    return Document("typed", title, text, outlet=outlet, published=when)


async def texts(newsdesk: Newsdesk, library: int, asked: str) -> list[str]:
    return [quote.text for quote in await newsdesk.quotes(library, newsdesk.query(asked))]


async def titles(newsdesk: Newsdesk, library: int, asked: str) -> list[str]:
    return [hit.article.title for hit in await newsdesk.search(library, newsdesk.query(asked))]


# Who sees what


async def test_what_a_server_adds_no_other_server_finds(newsdesk: Newsdesk) -> None:
    await newsdesk.add(NEWSROOM, document(SECRET, "Zeppelin"))
    assert len(await texts(newsdesk, NEWSROOM, "zeppelin")) == 1
    for stranger in (RIVAL, SHARED):
        assert await texts(newsdesk, stranger, "zeppelin") == []
        assert await titles(newsdesk, stranger, "zeppelin") == []
        assert await texts(newsdesk, stranger, "") == []
        assert await newsdesk.headings(stranger) == []
        assert (await newsdesk.counts(stranger)).words == 0
        assert (await newsdesk.digest(stranger, "all")).article_count == 0


async def test_words_of_another_server_are_not_even_suggested(newsdesk: Newsdesk) -> None:
    await newsdesk.add(NEWSROOM, document(SECRET))
    await newsdesk.add(RIVAL, document(FERRY))
    asked = newsdesk.query("quillfeathr zepelin")
    assert await newsdesk.suggest(NEWSROOM, asked) == ["Quillfeather", "zeppelin"]
    assert await newsdesk.suggest(RIVAL, asked) == []


async def test_another_servers_articles_do_not_change_a_score(newsdesk: Newsdesk) -> None:
    await newsdesk.add(RIVAL, document(FERRY))
    await newsdesk.add(RIVAL, document(MARKET))
    before = await newsdesk.quotes(RIVAL, newsdesk.query("ferry harbour traders"))
    for number in range(5):
        await newsdesk.add(NEWSROOM, document(f"Ferry number {number} left the harbour with its traders."))
    assert await newsdesk.quotes(RIVAL, newsdesk.query("ferry harbour traders")) == before


async def test_an_article_of_another_server_cannot_be_named(newsdesk: Newsdesk) -> None:
    stored = (await newsdesk.add(NEWSROOM, document(SECRET, "Zeppelin"))).article
    assert (await newsdesk.article(NEWSROOM, stored.ref)).title == "Zeppelin"
    for ref in ("1", "#1", "S1", "zeppelin", str(stored.id), f"S{stored.id}"):
        with pytest.raises(NotFound):
            await newsdesk.article(RIVAL, ref)
        with pytest.raises(NotFound):
            await newsdesk.summary(RIVAL, ref)
        with pytest.raises(NotFound):
            await newsdesk.remove(RIVAL, ref)
    assert await newsdesk.articles_by_id(RIVAL, [stored.id]) == {}
    assert await newsdesk.articles_by_id(SHARED, [stored.id]) == {}
    assert list(await newsdesk.articles_by_id(NEWSROOM, [stored.id])) == [stored.id]


async def test_the_same_text_in_two_servers_is_two_articles(newsdesk: Newsdesk) -> None:
    first = await newsdesk.add(NEWSROOM, document(SECRET))
    second = await newsdesk.add(RIVAL, document(SECRET))
    assert (first.outcome, second.outcome) == (Outcome.ADDED, Outcome.ADDED)
    await newsdesk.remove(NEWSROOM, "1")
    assert await texts(newsdesk, NEWSROOM, "zeppelin") == []
    assert len(await texts(newsdesk, RIVAL, "zeppelin")) == 1


async def test_every_server_reads_the_shared_library_with_its_own_as_one(newsdesk: Newsdesk) -> None:
    await newsdesk.add(SHARED, document(FERRY, "Ferry"))
    await newsdesk.add(NEWSROOM, document("The ferry was late on Friday.", "Late"))
    assert sorted(await titles(newsdesk, NEWSROOM, "ferry")) == ["Ferry", "Late"]
    assert await titles(newsdesk, RIVAL, "ferry") == ["Ferry"]
    assert await titles(newsdesk, SHARED, "ferry") == ["Ferry"]
    refs = {heading.ref for heading in await newsdesk.headings(NEWSROOM)}
    assert refs == {"S1", "1"}


async def test_only_its_host_changes_the_shared_library(newsdesk: Newsdesk) -> None:
    await newsdesk.add(SHARED, document(FERRY))
    with pytest.raises(Refused, match="S1 belongs to the shared library"):
        await newsdesk.remove(NEWSROOM, "S1")
    await newsdesk.remove(SHARED, "S1")
    with pytest.raises(NotFound):
        await newsdesk.restore(NEWSROOM, "S1")
    assert (await newsdesk.restore(SHARED, "S1")).ref == "S1"


# Changes


async def test_an_added_article_is_found_by_the_next_question(newsdesk: Newsdesk) -> None:
    assert await texts(newsdesk, NEWSROOM, "ferry") == []
    await newsdesk.add(NEWSROOM, document(FERRY))
    assert (await texts(newsdesk, NEWSROOM, "ferry"))[0].startswith("The ferry to the islands")


async def test_a_removed_article_is_gone_from_every_answer_and_a_restored_one_is_back(newsdesk: Newsdesk) -> None:
    stored = (await newsdesk.add(NEWSROOM, document(FERRY, "Ferry"))).article
    asked = newsdesk.query("ferry doctor")
    before = await newsdesk.quotes(NEWSROOM, asked)
    await newsdesk.remove(NEWSROOM, "1")
    assert await newsdesk.quotes(NEWSROOM, asked) == []
    assert await newsdesk.search(NEWSROOM, asked) == []
    assert await newsdesk.quotes(NEWSROOM, newsdesk.query("")) == []
    assert await newsdesk.suggest(NEWSROOM, newsdesk.query("fery")) == []
    assert await newsdesk.headings(NEWSROOM) == []
    assert await newsdesk.articles_by_id(NEWSROOM, [stored.id]) == {}
    assert (await newsdesk.digest(NEWSROOM, "all")).archive is None
    assert (await newsdesk.restore(NEWSROOM, "1")).ref == "1"
    assert await newsdesk.quotes(NEWSROOM, asked) == before


async def test_what_was_never_removed_cannot_be_restored(newsdesk: Newsdesk) -> None:
    await newsdesk.add(NEWSROOM, document(FERRY))
    for ref in ("1", "2", "S1", "ferry", ""):
        with pytest.raises(NotFound, match="can no longer be brought back"):
            await newsdesk.restore(NEWSROOM, ref)


async def test_removing_one_article_renumbers_none(newsdesk: Newsdesk) -> None:
    for number in range(3):
        await newsdesk.add(NEWSROOM, document(f"Crossing {number} was on time.", f"Crossing {number}"))
    await newsdesk.remove(NEWSROOM, "3")
    assert (await newsdesk.article(NEWSROOM, "2")).title == "Crossing 1"
    assert (await newsdesk.add(NEWSROOM, document(MARKET))).article.ref == "4"


async def test_the_same_text_is_one_article_however_it_is_wrapped_and_titled(newsdesk: Newsdesk) -> None:
    first = await newsdesk.add(NEWSROOM, document(MARKET, "Market"))
    again = await newsdesk.add(NEWSROOM, document(MARKET.replace(". ", ".\r\n") + "\n\n", "Another title"))
    assert again.outcome is Outcome.UNCHANGED
    assert again.article == first.article
    assert (await newsdesk.counts(NEWSROOM)).articles == 1


async def test_a_text_of_the_shared_library_is_not_stored_twice(newsdesk: Newsdesk) -> None:
    await newsdesk.add(SHARED, document(MARKET))
    assert (await newsdesk.add(NEWSROOM, document(MARKET))).outcome is Outcome.UNCHANGED
    assert [heading.ref for heading in await newsdesk.headings(NEWSROOM)] == ["S1"]


async def test_adding_a_removed_text_brings_it_back_unless_it_is_to_stay_out(newsdesk: Newsdesk) -> None:
    await newsdesk.add(NEWSROOM, document(MARKET))
    await newsdesk.remove(NEWSROOM, "1")
    assert (await newsdesk.add(NEWSROOM, document(MARKET), restore=False)).outcome is Outcome.REMOVED
    assert await texts(newsdesk, NEWSROOM, "traders") == []
    assert (await newsdesk.add(NEWSROOM, document(MARKET))).outcome is Outcome.RESTORED
    assert len(await texts(newsdesk, NEWSROOM, "traders")) == 1


@pytest.mark.parametrize("text", ["", " \n\t", "\u200b\ufeff\0"])
async def test_a_document_without_text_is_refused_with_its_title(newsdesk: Newsdesk, text: str) -> None:
    with pytest.raises(Refused, match="“Ferry” has no text"):
        await newsdesk.add(NEWSROOM, document(text, "Ferry"))


async def test_an_uploaded_file_is_an_article_or_a_reason(newsdesk: Newsdesk) -> None:
    data = f"---\ntitle: Ferry\npublished: 2025-05\n---\n{FERRY}".encode()
    stored = (await newsdesk.add_file(NEWSROOM, "ferry.md", data, added_by=7)).article
    assert (stored.title, stored.added_by, str(stored.published)) == ("Ferry", 7, "2025-05")
    with pytest.raises(UnreadableDocument, match=r"ferry\.txt: .*binary"):
        await newsdesk.add_file(NEWSROOM, "ferry.txt", bytes(range(256)))


async def test_an_import_goes_on_after_a_bad_file_in_the_order_given(newsdesk: Newsdesk, tmp_path: Path) -> None:
    (tmp_path / "bad.txt").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "blank.jsonl").write_text('{"id": "a", "text": "The ferry sails."}\n{"id": "b", "text": " "}\n')
    (tmp_path / "good.txt").write_text(MARKET, encoding="utf-8")
    files = [tmp_path / name for name in ("bad.txt", "blank.jsonl", "good.txt")]
    seen = [imported async for _, imported in newsdesk.import_files(NEWSROOM, files)]
    assert [one.added is not None for one in seen] == [False, True, False, True]
    assert all((one.added is None) == (one.fault is not None) for one in seen)
    assert seen[1].source_id == "a"


def test_what_is_typed_beside_the_text_is_cleaned_like_it() -> None:
    typed = Document("typed", "Fer\u202ery\n now", "We sail.", "Gaz\u202eette\0\n", ("Ines\u2066\n Duarte",))
    stored = prepare(typed).document
    assert (stored.title, stored.outlet, stored.authors) == ("Ferry now", "Gazette", ("Ines Duarte",))


def test_a_document_without_a_title_has_the_name_it_came_under() -> None:
    assert prepare(Document("notes.txt", "\u200b \n", "We sail.")).document.title == "notes.txt"


# Articles by name


async def test_an_article_is_named_by_its_id_in_every_way_people_write_it(newsdesk: Newsdesk) -> None:
    await newsdesk.add(SHARED, document(FERRY, "Ferry"))
    await newsdesk.add(NEWSROOM, document(MARKET, "Market"))
    for ref in ("1", "#1", " 1 ", "001"):
        assert (await newsdesk.article(NEWSROOM, ref)).title == "Market"
    for ref in ("S1", "s1", "#S1", " #s1 "):
        assert (await newsdesk.article(NEWSROOM, ref)).title == "Ferry"


async def test_words_of_a_title_name_the_newest_article_that_has_them_all(newsdesk: Newsdesk) -> None:
    await newsdesk.add(NEWSROOM, document("One.", "Ferry sails all winter", published="2024"))
    await newsdesk.add(NEWSROOM, document("Two.", "Ferry stays in harbour", published="2025"))
    await newsdesk.add(NEWSROOM, document("Three.", "Market closes", published="2026"))
    assert (await newsdesk.article(NEWSROOM, "FERRY")).text == "Two."
    assert (await newsdesk.article(NEWSROOM, "winter ferry")).text == "One."


async def test_a_title_that_is_a_number_names_its_article(newsdesk: Newsdesk) -> None:
    await newsdesk.add(NEWSROOM, document("A book review.", "1984"))
    assert (await newsdesk.article(NEWSROOM, "1984")).title == "1984"


@pytest.mark.parametrize(
    "ref", ["", " ", "fe", "S", "#", "ferry market", "99", "S1", "-1", "1.0", "²", "1" * 400, "\0"]
)
async def test_what_names_no_article_is_said_in_one_short_sentence(newsdesk: Newsdesk, ref: str) -> None:
    await newsdesk.add(NEWSROOM, document(FERRY, "Ferry"))
    with pytest.raises(NotFound, match="There is no article") as caught:
        await newsdesk.article(NEWSROOM, ref)
    assert len(str(caught.value)) < 160


# Answers


async def test_the_sentences_around_a_quote_are_two_on_each_side(newsdesk: Newsdesk) -> None:
    sentences = [f"Sentence {word} stands here." for word in ("one", "two", "three", "four", "five", "six", "seven")]
    text = "\n\n".join(sentences)
    await newsdesk.add(NEWSROOM, document(text))
    (quote,) = await newsdesk.quotes(NEWSROOM, newsdesk.query("four"))
    assert newsdesk.around(quote).of(text) == "\n\n".join(sentences[1:6])
    assert newsdesk.around(quote, 1).of(text) == "\n\n".join(sentences[2:5])


@pytest.mark.parametrize("marks", [("- ", "- "), ("• ", "• "), ("1. ", "2. "), ("Interviewer: ", "Ines Duarte: ")])
async def test_a_list_mark_or_a_label_is_no_sentence_around_a_quote(newsdesk: Newsdesk, marks: tuple[str, str]) -> None:
    words = ("one", "two", "three", "four", "five", "six", "seven", "eight")
    text = "\n\n".join(f"{marks[n % 2]}The point called {word} stands here." for n, word in enumerate(words))
    await newsdesk.add(NEWSROOM, document(text))
    (quote,) = await newsdesk.quotes(NEWSROOM, newsdesk.query("four"))
    around = newsdesk.around(quote).of(text)
    assert [word for word in words if word in around] == ["two", "three", "four", "five", "six"]


async def test_around_a_text_of_one_sentence_there_is_nothing_more(newsdesk: Newsdesk) -> None:
    await newsdesk.add(NEWSROOM, document("The ferry sails."))
    (quote,) = await newsdesk.quotes(NEWSROOM, newsdesk.query("ferry"))
    assert newsdesk.around(quote) == Span(0, 16)


async def test_a_quote_by_chance_keeps_to_the_limits(newsdesk: Newsdesk) -> None:
    await newsdesk.add(NEWSROOM, document(FERRY, "Ferry", outlet="Harbour Gazette", published="2025-05"))
    await newsdesk.add(NEWSROOM, document(MARKET, "Market", outlet="Evening Post", published="2024"))
    for _ in range(20):
        (by_source,) = await newsdesk.quotes(NEWSROOM, newsdesk.query("", source="evening"))
        (by_date,) = await newsdesk.quotes(NEWSROOM, newsdesk.query(" ", since="2025-05-31"))
        assert (by_source.article.title, by_date.article.title) == ("Market", "Ferry")
    assert await newsdesk.quotes(NEWSROOM, newsdesk.query("", source="nobody")) == []
    assert await newsdesk.quotes(NEWSROOM, newsdesk.query("", until="2023")) == []


async def test_a_quote_by_chance_is_somebodys_words_where_there_are_any(newsdesk: Newsdesk) -> None:
    await newsdesk.add(NEWSROOM, document(MARKET))
    await newsdesk.add(NEWSROOM, document(FERRY))
    for _ in range(20):
        (quote,) = await newsdesk.quotes(NEWSROOM, newsdesk.query(""))
        assert quote.passage.speaker == "Ines Duarte"


async def test_no_more_results_than_asked_for(newsdesk: Newsdesk) -> None:
    for number in range(15):
        await newsdesk.add(NEWSROOM, document(f"The ferry made crossing {number} on time."))
    asked = newsdesk.query("ferry crossing")
    assert [len(await newsdesk.quotes(NEWSROOM, asked, limit)) for limit in (1, 3, 10)] == [1, 3, 10]
    assert len(await newsdesk.quotes(NEWSROOM, asked)) == 10
    assert len({hit.article.id for hit in await newsdesk.search(NEWSROOM, asked, 15)}) == 15


async def test_dates_are_read_relative_to_the_day_of_the_clock(newsdesk: Newsdesk, clock: Clock) -> None:
    await newsdesk.add(NEWSROOM, document("The ferry sailed.", published="2026-05-11"))
    assert len(await newsdesk.quotes(NEWSROOM, newsdesk.query("ferry", since="yesterday"))) == 1
    clock.advance(days=1)
    assert await newsdesk.quotes(NEWSROOM, newsdesk.query("ferry", since="yesterday")) == []


# Digests


async def test_a_period_holds_what_was_added_in_it(newsdesk: Newsdesk, clock: Clock) -> None:
    added_hours_ago = {"Old": 24 * 30, "Days": 24 * 6, "Night": 20, "Morning": 3}
    start = clock.now
    for number, (title, hours) in enumerate(added_hours_ago.items()):
        clock.now = start - timedelta(hours=hours)
        await newsdesk.add(NEWSROOM, document(f"The {title} ferry made crossing {number} on time.", title))
    clock.now = start
    counts = {
        p: (await newsdesk.digest(NEWSROOM, as_period(p))).article_count for p in ("today", "24 hours", "7 days", "all")
    }
    assert counts == {"today": 1, "24 hours": 2, "7 days": 3, "all": 4}


async def test_today_begins_where_the_asker_is(newsdesk: Newsdesk, clock: Clock) -> None:
    await newsdesk.add(NEWSROOM, document(FERRY))
    clock.now = datetime(2026, 5, 13, 1, 0, tzinfo=UTC)
    assert (await newsdesk.digest(NEWSROOM, "today")).article_count == 0
    in_new_york = datetime(2026, 5, 12, 4, 0, tzinfo=UTC)  # midnight there
    assert (await newsdesk.digest(NEWSROOM, "today", day_start=in_new_york)).article_count == 1


async def test_a_period_includes_its_first_moment_and_not_the_one_before(newsdesk: Newsdesk, clock: Clock) -> None:
    await newsdesk.add(NEWSROOM, document(FERRY))
    clock.advance(hours=24)
    assert (await newsdesk.digest(NEWSROOM, "24 hours")).article_count == 1
    clock.advance(microseconds=1)
    assert (await newsdesk.digest(NEWSROOM, "24 hours")).article_count == 0


async def test_a_quiet_period_offers_an_article_that_the_server_can_see(newsdesk: Newsdesk, clock: Clock) -> None:
    await newsdesk.add(SHARED, document(FERRY, "Ferry", published="2024"))
    await newsdesk.add(NEWSROOM, document(MARKET, "Market", published="2025"))
    offered: dict[int, set[str]] = {NEWSROOM: set(), RIVAL: set()}
    for _ in range(4):
        clock.advance(days=1, hours=1)
        for server, seen in offered.items():
            made = await newsdesk.digest(server, "24 hours")
            assert (made.title, made.is_quiet, made.stories) == ("The last 24 hours", True, ())
            assert made.archive is not None
            seen.add(made.archive.article.title)
    assert offered == {NEWSROOM: {"Ferry", "Market"}, RIVAL: {"Ferry"}}


async def test_a_full_period_offers_nothing_else_and_quotes_word_for_word(newsdesk: Newsdesk) -> None:
    await newsdesk.add(NEWSROOM, document(FERRY, "Ferry"))
    made = await newsdesk.digest(NEWSROOM, "today")
    assert made.archive is None
    (story,) = made.stories
    assert story.line.of(story.lead.text) in FERRY
    assert story.quote is not None
    article, speech = story.quote
    assert speech.span.of(article.text) == "We could not leave four villages without a doctor,"
    assert made.most_quoted == (("Ines Duarte", 1),)


def test_a_period_nobody_knows_is_a_day() -> None:
    assert as_period("fortnight") == "24 hours"
    assert as_period("7 days") == "7 days"


# Many at once


@pytest.mark.many
async def test_fifty_adds_and_fifty_questions_at_once_lose_nothing(newsdesk: Newsdesk) -> None:
    async def add(number: int) -> None:
        library = (NEWSROOM, RIVAL)[number % 2]
        await newsdesk.add(library, document(f"The ferry made crossing w{number}w on time.", f"Crossing {number}"))
        (found,) = await texts(newsdesk, library, f"w{number}w")
        assert f"w{number}w" in found

    async def ask(number: int) -> None:
        for library, parity in ((NEWSROOM, 0), (RIVAL, 1)):
            for hit in await newsdesk.search(library, newsdesk.query("ferry crossing"), 100):
                assert hit.article.library == library
                assert int(hit.article.title.split()[1]) % 2 == parity

    await asyncio.gather(*(task for number in range(50) for task in (add(number), ask(number))))
    for library in (NEWSROOM, RIVAL):
        assert (await newsdesk.counts(library)).articles == 25
        hits = await newsdesk.search(library, newsdesk.query("ferry crossing"), 100)
        assert len({hit.article.number for hit in hits}) == 25


async def test_the_same_text_added_fifty_times_at_once_is_one_article(newsdesk: Newsdesk) -> None:
    added = await asyncio.gather(*(newsdesk.add(NEWSROOM, document(FERRY)) for _ in range(50)))
    assert sorted(one.outcome for one in added) == [Outcome.ADDED] + [Outcome.UNCHANGED] * 49
    assert len({one.article.id for one in added}) == 1


async def test_adding_and_removing_at_once_leaves_what_the_last_one_did(newsdesk: Newsdesk) -> None:
    for number in range(10):
        await newsdesk.add(NEWSROOM, document(f"The ferry made crossing {number} on time."))
    questions = (texts(newsdesk, NEWSROOM, "ferry crossing") for _ in range(20))
    removals = (newsdesk.remove(NEWSROOM, str(number)) for number in range(1, 11))
    await asyncio.gather(*questions, *removals)
    assert await texts(newsdesk, NEWSROOM, "ferry crossing") == []
    await asyncio.gather(*(newsdesk.restore(NEWSROOM, str(number)) for number in range(1, 6)))
    assert len(await texts(newsdesk, NEWSROOM, "ferry crossing")) == 5


async def test_what_a_second_newsdesk_adds_is_found_at_once(newsdesk: Newsdesk, library_url: str) -> None:
    assert await texts(newsdesk, NEWSROOM, "ferry") == []
    async with Newsdesk.open(library_url, bot=False) as beside:
        await beside.add(SHARED, document(FERRY))
        assert len(await texts(newsdesk, NEWSROOM, "ferry")) == 1
        await beside.remove(SHARED, "S1")
        assert await texts(newsdesk, NEWSROOM, "ferry") == []


# Links


async def test_a_link_becomes_a_document_with_the_address_it_was_found_at(tmp_path: Path, blank_library: Path) -> None:
    lines = ["The ferry to the islands will run all winter, the harbour office said."]
    web = Web()
    web.put("https://short.org/x", pdf([lines]), found_at="https://news.org/f.pdf?utm_source=x")
    url = f"sqlite+aiosqlite:///{shutil.copy(blank_library, tmp_path / 'newsdesk.db')}"
    async with Newsdesk.open(url, bot=True, fetcher=web) as newsdesk:
        found = await newsdesk.fetch("https://short.org/x")
    assert found.text == lines[0]
    assert found.url == "https://news.org/f.pdf"


async def test_an_article_is_known_under_every_link_to_its_page_and_in_its_library_alone(newsdesk: Newsdesk) -> None:
    link = "https://www.example.org/ferry?id=7"
    added = await newsdesk.add(NEWSROOM, Document("typed", "Ferry", FERRY, url=link))
    for same in (link, "http://m.example.org/ferry/?utm_source=x&id=7#top", "https://amp.example.org/ferry?id=7"):
        assert await newsdesk.by_link(NEWSROOM, same) == added.article
        assert await newsdesk.by_link(RIVAL, same) is None
    assert await newsdesk.by_link(NEWSROOM, "https://www.example.org/ferry?id=8") is None
    await newsdesk.remove(NEWSROOM, added.article.ref)
    assert await newsdesk.by_link(NEWSROOM, link) is None


async def test_a_shared_article_is_known_by_its_link_after_a_servers_own(newsdesk: Newsdesk) -> None:
    link = "https://example.org/ferry"
    shared = await newsdesk.add(SHARED, Document("typed", "Ferry", FERRY, url=link))
    assert await newsdesk.by_link(NEWSROOM, link) == shared.article
    own = await newsdesk.add(NEWSROOM, Document("typed", "Ferry again", MARKET, url=link))
    assert await newsdesk.by_link(NEWSROOM, link) == own.article
    assert await newsdesk.by_link(RIVAL, link) == shared.article


async def test_links_from_before_there_were_keys_are_known_once_the_library_is_opened(
    tmp_path: Path, blank_library: Path
) -> None:
    path = shutil.copy(blank_library, tmp_path / "newsdesk.db")
    async with Newsdesk.open(f"sqlite+aiosqlite:///{path}", bot=True) as newsdesk:
        await newsdesk.add(NEWSROOM, Document("typed", "Ferry", FERRY, url="https://example.org/ferry"))
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE article SET url_key = NULL")
        database.execute("DELETE FROM note WHERE key = 'links keyed'")
    async with Newsdesk.open(f"sqlite+aiosqlite:///{path}", bot=True) as newsdesk:
        assert await newsdesk.by_link(NEWSROOM, "https://www.example.org/ferry/") is not None
