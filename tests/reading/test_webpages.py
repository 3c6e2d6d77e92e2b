"""Web pages: what is stored of one, whom it may speak for, and that no bytes break the reader."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import UnreadableDocument
from bot.language.blocks import blocks
from bot.model import Kind
from bot.reading.webpages import MAX_WEBPAGE_BYTES, read_webpage
from tests.sizes import cases

STORY = (
    "<p>The zeppelin landed in Novgorod at dawn, two days after it had left its hangar with nine people.</p>"
    "<p>Nobody there had expected a zeppelin. “We had expected the milk,” said the mayor, <b>Olga Petrova</b>.</p>"
)


def page(story: str = STORY, head: str = "", around: str = "") -> bytes:
    html = f"<!DOCTYPE html><html><head><title>Zeppelin over Novgorod</title>{head}</head><body>{around}"
    return f"{html}<article><h1>Zeppelin over Novgorod</h1>{story}</article></body></html>".encode()


def test_headings_and_lists_come_in_the_form_that_blocks_reads() -> None:
    document = read_webpage(
        page(f"{STORY}<h2>What was on board</h2><ul><li>nine people</li><li>a goat</li></ul>"), None
    )
    assert document.text.endswith("## What was on board\n\n- nine people\n- a goat")
    kinds = [block.kind for block in blocks(document.text)]
    assert kinds == [Kind.PROSE, Kind.PROSE, Kind.HEADING, Kind.ITEM, Kind.ITEM]


def test_the_words_of_a_page_come_without_marks() -> None:
    assert "said the mayor, Olga Petrova." in read_webpage(page(), None).text


@pytest.mark.parametrize(
    ("said", "stored"),
    [
        ("https://example.org/zeppelin", "https://example.org/zeppelin"),
        ("/zeppelin", "https://www.example.org/zeppelin"),
        ("https://news.example.org/z", "https://news.example.org/z"),
        ("https://bbc.example.com/zeppelin", "https://www.example.org/a?id=1"),
        ("https://www.example.org/", "https://www.example.org/a?id=1"),
        ("javascript:alert(1)", "https://www.example.org/a?id=1"),
        ("http://[", "https://www.example.org/a?id=1"),
        ("http://[]@", "https://www.example.org/a?id=1"),
    ],
)
def test_a_page_may_name_its_address_on_its_own_site_alone(said: str, stored: str) -> None:
    html = page(head=f'<link rel="canonical" href="{said}">')
    assert read_webpage(html, "https://www.example.org/a?id=1&utm_source=x").url == stored


def test_a_copy_in_an_amp_cache_names_the_page_it_is_of() -> None:
    html = page(head='<link rel="canonical" href="https://example.org/zeppelin">')
    cached = "https://example-org.cdn.ampproject.org/c/s/example.org/zeppelin.amp"
    assert read_webpage(html, cached).url == "https://example.org/zeppelin"


@pytest.mark.parametrize(
    ("head", "day"),
    [
        ('<meta property="article:published_time" content="2025-05-12T23:30:00-07:00">', "2025-05-12"),
        ('<meta name="date" content="2025-13-45">', None),
        (
            '<script type="application/ld+json">{"@type": "NewsArticle", "datePublished": "2025-05-12"}</script>',
            "2025-05-12",
        ),
        ('<script type="application/ld+json">{"@type": "NewsArticle", "datePublished": </script>', None),
        ('<script type="application/ld+json">[[[{"@type": "Report", "datePublished": 7}]]]</script>', None),
    ],
)
def test_the_day_is_the_one_the_page_says_or_none(head: str, day: str | None) -> None:
    published = read_webpage(page(head=head), None).published
    assert (None if published is None else str(published)) == day


def test_a_year_in_the_copyright_line_is_no_day() -> None:
    assert read_webpage(page(around="<footer>© 2024 Example Media</footer>"), None).published is None


def test_an_author_is_a_name_and_not_the_outlet_or_a_link() -> None:
    head = (
        '<meta property="og:site_name" content="The Gazette"><meta name="author" content="The Gazette">'
        '<meta property="article:author" content="https://social.example/gazette">'
    )
    document = read_webpage(page(head=head), None)
    assert document.outlet == "The Gazette"
    assert document.authors == ()


def test_a_script_in_a_page_says_nothing() -> None:
    assert "alert" not in read_webpage(page(f"<script>alert('x')</script>{STORY}<style>alert</style>"), None).text


def test_a_form_around_the_whole_page_does_not_empty_it() -> None:
    html = page().replace(b"<article>", b"<form id='aspnetForm' class='share'><article>")
    assert "Nobody there had expected a zeppelin" in read_webpage(html, None).text


def test_a_page_over_the_cap_is_refused() -> None:
    with pytest.raises(UnreadableDocument, match="larger than 5 MiB"):
        read_webpage(b" " * (MAX_WEBPAGE_BYTES + 1), None)


@settings(max_examples=cases(60, few=15), deadline=None)
@given(
    st.one_of(
        st.binary(max_size=300), st.text(alphabet="<>/\"'= abdhilprtv!-&;\n\x00é漢", max_size=300).map(str.encode)
    )
)
def test_no_bytes_raise_anything_else(data: bytes) -> None:
    for html in (data, page(data.decode("latin-1")), page(head=data.decode("latin-1"))):
        with suppress(UnreadableDocument):
            assert read_webpage(html, "https://example.org/a").text


def test_the_box_with_the_long_paragraphs_is_the_story_whatever_it_is_called() -> None:
    long = "".join(
        f"<p>The zeppelin was seen over the town of Novgorod for the {n}th time on Monday.</p>" for n in range(4)
    )
    html = (
        "<html><body><div class='x1'><p>Buy tea.</p></div><div class='x2'><h1>Zeppelin</h1>"
        f"<p>It flies, it flies again, said the mayor.</p>"
        f"<div class='x3'>{long}<h2>On board</h2><ul><li>a goat</li></ul></div></div>"
        "<div class='x4'><p>Tea is good for you.</p></div></body></html>"
    )
    text = read_webpage(html.encode(), None).text
    assert text.startswith("It flies, it flies again, said the mayor.\n\nThe zeppelin was seen")
    assert text.endswith("## On board\n\n- a goat")


def test_no_page_is_slow_to_judge() -> None:
    html = page(STORY + "<div>" * 200 + "<p>The zeppelin flew on.</p>" * 2_000 + "</div>" * 200)
    began = time.process_time()
    read_webpage(html, None)
    assert time.process_time() - began < 5
