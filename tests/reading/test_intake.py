"""From an entry to a document: whose text, whose title, whose day."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dates import PartialDate
from bot.model import Document
from bot.reading.entries import Entry, FeedContent, marks_of
from bot.reading.intake import Waiting, from_feed, from_page, is_cut, is_whole, pack, stands_alone, unpack
from bot.reading.links import link_key
from tests.feed_site import story

TODAY = date(2025, 5, 13)
WHEN = datetime(2025, 5, 12, 23, 30, tzinfo=UTC)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


def entry(**given_: object) -> Entry:
    link = "https://coast.example/1?utm_source=rss"
    parts = {"key": "1", "link": link, "title": "Ferry", "published": WHEN, "authors": ("Jo Vale",), "text": story(1)}
    return Entry(**{**parts, **given_})  # type: ignore[arg-type]


def test_the_feeds_own_text_becomes_a_document() -> None:
    made = from_feed(entry(), "Harbour News", TODAY)
    assert (made.title, made.outlet, made.authors, str(made.published)) == (
        "Ferry", "Harbour News", ("Jo Vale",), "2025-05-12",
    )  # fmt: skip
    assert made.text == story(1)
    assert made.url == "https://coast.example/1"


def test_what_the_page_says_goes_before_what_the_feed_says() -> None:
    page = Document("p", "The ferry", story(1), outlet="The Coast", published=PartialDate(2025, 5, 11))
    made = from_page(page, entry(), "Harbour News", TODAY)
    assert (made.title, made.outlet, made.authors, str(made.published)) == (
        "The ferry", "The Coast", ("Jo Vale",), "2025-05-11",
    )  # fmt: skip
    silent = from_page(Document("p", "The ferry", story(1)), entry(), "Harbour News", TODAY)
    assert (silent.outlet, str(silent.published)) == ("Harbour News", "2025-05-12")


def test_a_day_to_come_is_no_day() -> None:
    assert from_feed(entry(published=datetime(2099, 1, 1, tzinfo=UTC)), "H", TODAY).published is None
    assert from_feed(entry(published=None), "H", TODAY).published is None


@pytest.mark.parametrize(
    "end", ["…", "...", " […]", " [...]", "\n\nContinue reading →", "\n\nRead more", "\nRead the full story »", "... "]
)
def test_texts_that_go_on_elsewhere(end: str) -> None:
    assert is_cut(f"{story(1)}{end}")
    assert not is_whole(f"{story(1)}{end}")
    assert is_whole(story(1))


def test_short_texts_are_not_whole_but_may_stand_alone() -> None:
    text = story(1, 4)
    assert not is_whole(text)
    assert stands_alone(text)
    assert not stands_alone("A boat came.")
    assert is_cut("A boat came. Continue reading A boat came")
    assert not is_cut("He said to read more books, and went on to talk about the quay for another hour or so.")


@given(
    st.builds(Entry, TEXTS, st.none() | TEXTS, TEXTS, st.none() | st.datetimes(timezones=st.just(UTC)),
              st.tuples(TEXTS, TEXTS), TEXTS),
    st.integers(0, 3),
    st.none()
    | st.builds(Document, TEXTS, TEXTS, TEXTS, published=st.just(PartialDate(2025, 5)), authors=st.tuples(TEXTS)),
)  # fmt: skip
def test_what_is_kept_in_the_queue_comes_back_the_same(one: Entry, tries: int, document: Document | None) -> None:
    waiting = Waiting(one, tries, document)
    assert unpack(pack(waiting)) == waiting


def marks(*entries: Entry, home: str | None = None) -> list[str | None]:
    content = FeedContent("H", entries, home)
    return [mark.url_key for mark in marks_of(content.entries, link_key, content.link)]


def test_a_link_that_several_entries_have_or_that_leads_home_tells_nothing() -> None:
    live = "https://coast.example/live"
    assert marks(entry(key="1", link=live), entry(key="2", link=live, text=story(2))) == [None, None]
    assert marks(entry(link="https://coast.example/news"), home="https://www.coast.example/news/") == [None]
    assert marks(entry(link="https://coast.example/")) == [None]
    assert marks(entry(link=live), entry(link=f"{live}?utm_source=x")) == [link_key(live)] * 2


def test_a_short_text_is_not_what_an_entry_is_recognised_by() -> None:
    (short,) = marks_of([entry(text="Read on.")], link_key)
    (long,) = marks_of([entry()], link_key)
    assert short.text_key is None
    assert long.text_key is not None
