"""Feeds of each format, and broken in the ways feeds are."""

from __future__ import annotations

import asyncio
import json
import warnings
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import UnreadableDocument
from bot.reading import sandbox
from bot.reading.entries import FeedContent
from bot.reading.feeds import MAX_ENTRIES, feed_links, read_feed
from bot.reading.fragments import plain_text
from tests.feed_site import item, rss
from tests.sizes import some

URL = "https://coast.example/news/feed.xml"

RSS = """<?xml version="1.0"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel><title>Harbour &amp; Coast</title><link>https://coast.example/</link>
<item><title>The &lt;b&gt;ferry&lt;/b&gt; runs</title><link>/ferry?utm_source=rss</link>
<guid isPermaLink="false">post-1</guid><pubDate>Mon, 12 May 2025 23:30:00 -0400</pubDate>
<dc:creator>By Ines Duarte and Jo Vale</dc:creator><description>It runs&hellip;</description>
<content:encoded><![CDATA[<p>It runs&nbsp;all winter.</p><ul><li>twice a day<li>freight on Thursdays</ul>
<script>if (a<b) {}</script><p>Tickets<br>at the quay</p>
<p>The post <a href="x">The ferry runs</a>
appeared first on <a href="y">Harbour &amp; Coast</a>.</p>]]></content:encoded>
</item>
<item><title>By mail</title><guid>https://coast.example/mail</guid><author>desk@coast.example (Ann Lee)</author></item>
</channel></rss>"""

ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title type="html">Harbour &amp;amp; Coast</title>
<link href="https://coast.example/"/><entry><id>tag:coast.example,2025:1</id>
<title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">The <em>ferry</em></div></title>
<link rel="alternate" href="../ferry"/><updated>2025-05-12T10:00:00+02:00</updated>
<author><name>Zoë Lind</name></author><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">
<p>It runs — all winter.</p><p>Twice a day.</p></div></content></entry></feed>"""

JSON = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "Harbour & Coast",
    "home_page_url": "https://coast.example/",
    "authors": [{"name": "The desk"}],
    "items": [
        {
            "id": 7,
            "url": "/ferry",
            "title": "The ferry runs",
            "content_html": "<p>It runs.</p><p>All winter.</p>",
            "date_published": "2025-05-12T10:00:00Z",
            "authors": [{"name": "Ines Duarte"}],
        },
        {"id": "8", "content_text": "3 < 4 & so on", "author": {"name": "Jo Vale"}},
        {"title": "Without anything else"},
        "no item",
        {},
    ],
}


def read(text: str) -> FeedContent:
    return read_feed(text.encode(), URL)


def test_rss_with_whole_articles() -> None:
    feed = read(RSS)
    assert (feed.title, feed.link) == ("Harbour & Coast", "https://coast.example/")
    first, second = feed.entries
    assert first.key == "post-1"
    assert first.link == "https://coast.example/ferry?utm_source=rss"
    assert first.title == "The ferry runs"
    assert first.authors == ("Ines Duarte", "Jo Vale")
    assert first.text == "It runs all winter.\n\n- twice a day\n- freight on Thursdays\n\nTickets\nat the quay"
    assert (second.link, second.authors) == ("https://coast.example/mail", ("Ann Lee",))


def test_the_day_is_the_one_where_it_was_written() -> None:
    published = read(RSS).entries[0].published
    assert published == datetime(2025, 5, 12, 23, 30, tzinfo=timezone(timedelta(hours=-4)))
    assert published is not None
    assert published.day == 12


def test_atom_with_markup_in_its_titles() -> None:
    feed = read(ATOM)
    (entry,) = feed.entries
    assert feed.title == "Harbour & Coast"
    assert (entry.key, entry.title) == ("tag:coast.example,2025:1", "The ferry")
    assert entry.link == "https://coast.example/ferry"
    assert entry.authors == ("Zoë Lind",)
    assert entry.text == "It runs — all winter.\n\nTwice a day."


def test_json_feed() -> None:
    feed = read_feed(json.dumps(JSON).encode(), "https://coast.example/feed.json")
    first, second, third = feed.entries
    assert (feed.title, feed.link) == ("Harbour & Coast", "https://coast.example/")
    assert (first.key, first.link, first.text) == ("7", "https://coast.example/ferry", "It runs.\n\nAll winter.")
    assert (first.published, first.authors) == (datetime(2025, 5, 12, 10, tzinfo=UTC), ("Ines Duarte",))
    assert (second.key, second.link, second.text, second.authors) == ("8", None, "3 < 4 & so on", ("Jo Vale",))
    assert (third.title, third.authors) == ("Without anything else", ("The desk",))


def test_rss_1_and_atom_0_3() -> None:
    rdf = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">
    <channel rdf:about="x"><title>Old</title></channel>
    <item rdf:about="https://coast.example/1"><title>One</title><link>https://coast.example/1</link></item></rdf:RDF>"""
    old = """<feed version="0.3" xmlns="http://purl.org/atom/ns#"><title>Old</title><entry><title>One</title>
    <link rel="alternate" href="https://coast.example/1"/><id>1</id></entry></feed>"""
    for text in (rdf, old):
        assert [entry.link for entry in read(text).entries] == ["https://coast.example/1"]


@pytest.mark.parametrize(
    ("declared", "encoding", "charset"),
    [
        ("utf-8", "utf-8", None),
        ("iso-8859-1", "utf-8", None),  # declared wrongly
        ("utf-8", "cp1252", None),
        (None, "utf-8", "us-ascii"),
        (None, "cp1252", "windows-1252"),
        ("utf-16", "utf-16", None),
    ],
)
def test_encodings_declared_rightly_and_wrongly(declared: str | None, encoding: str, charset: str | None) -> None:
    declaration = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    (entry,) = read_feed((declaration + ATOM).encode(encoding), URL, charset).entries
    assert entry.authors == ("Zoë Lind",)
    assert entry.text == "It runs — all winter.\n\nTwice a day."


def test_undefined_entities_bare_ampersands_and_a_missing_end() -> None:
    text = rss(["<item><title>Fish &chips; &eacute; & more &undefined;</title><guid>1</guid></item>", item(2)])
    feed = read(text[: text.index("Sentence 3 of story 2")])
    assert feed.entries[0].title.startswith("Fish")
    assert "é & more" in feed.entries[0].title
    assert feed.entries[1].title == "Story 2"


@pytest.mark.parametrize(
    "written", ["", "yesterday", "0001-01-01T00:00:00Z", "Thu, 01 Jan 1970 00:00:00 GMT", "2025-13-45", "99999-01-01"]
)
def test_a_date_that_is_none_is_left_out(written: str) -> None:
    (entry,) = read(rss([f"<item><title>A</title><guid>1</guid><pubDate>{written}</pubDate></item>"])).entries
    assert entry.published is None


def test_links_that_are_no_web_links_are_left_out() -> None:
    for link in ("javascript:alert(1)", "mailto:a@example.org", "http://[broken", "file:///etc/passwd"):
        (entry,) = read(
            rss([f"<item><title>A</title><guid isPermaLink='false'>1</guid><link>{link}</link></item>"])
        ).entries
        assert entry.link is None, link


@pytest.mark.many
def test_no_more_entries_are_read_than_a_feed_may_have() -> None:
    assert len(read(rss(item(number, text="x") for number in range(MAX_ENTRIES + 5))).entries) == MAX_ENTRIES


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"[1", b"\x00\xff", b"<html><body>hi</body></html>", b"plain", b"[" * 99_999]
)
def test_what_is_no_feed_is_said_to_be_none(data: bytes) -> None:
    with pytest.raises(UnreadableDocument):
        read_feed(data, URL)


def test_bytes_that_name_a_file_open_none(tmp_path: Path) -> None:
    path = tmp_path / "feed.xml"
    path.write_text(RSS, encoding="utf-8")
    with pytest.raises(UnreadableDocument):
        read_feed(str(path).encode(), URL)


@pytest.mark.many
def test_external_and_nested_entities_are_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("the secret", encoding="utf-8")
    nested = "".join(f'<!ENTITY n{at} "{f"&n{at - 1};" * 10}">' for at in range(1, 9))
    text = (
        f'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x SYSTEM "{secret.as_uri()}"><!ENTITY n0 "ha">{nested}]>'
        f"<rss version='2.0'><channel><title>T</title><item><title>&x;&n8; ok</title></item></channel></rss>"
    )
    (entry,) = read(text).entries
    assert "secret" not in entry.title
    assert len(entry.title) < 1000


@given(st.binary(max_size=300) | st.text(alphabet="<>&;rsitemfdl=\"'/ ![]{}:?", max_size=200).map(str.encode))
def test_no_bytes_raise_anything_else(data: bytes) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            read_feed(b"<rss version='2.0'><channel><item>" + data, URL)
            read_feed(data, URL)
        except UnreadableDocument:
            pass


@given(st.text(max_size=200))
def test_plain_text_of_anything_is_stable_text(html: str) -> None:
    assert "\n\n\n" not in plain_text(html)
    assert plain_text(f"<p>{html}</p><script>SECRET</script>").count("SECRET") == html.count("SECRET")


def test_what_is_escaped_twice_is_read_as_meant() -> None:
    assert plain_text("Fish &amp;amp; chips &amp;#8217;til late") == "Fish & chips ’til late"


def test_figures_and_frames_are_no_text() -> None:
    assert (
        plain_text("<p>One<figure><img><figcaption>A boat</figcaption></figure><iframe>x</iframe></p>two")
        == "One\n\ntwo"
    )


def test_the_feeds_a_page_names() -> None:
    html = b"""<html><head><base href="/news/"><link rel="stylesheet" href="x.css">
    <link rel="alternate" type="application/rss+xml" title="RSS" href="feed.xml">
    <link rel='ALTERNATE home' type='application/atom+xml; charset=utf-8' href='https://coast.example/atom'>
    <link rel="alternate" hreflang="de" href="/de"><link rel="alternate" type="application/rss+xml" href="data:x">"""
    assert feed_links(html, "https://coast.example/") == [
        "https://coast.example/news/feed.xml",
        "https://coast.example/atom",
    ]


async def test_a_feed_is_read_in_the_sandbox() -> None:
    found = await sandbox.run_named("bot.reading.feeds:read_feed", RSS.encode(), URL, None)
    assert found == read(RSS)


def test_a_title_without_an_end_is_cut() -> None:
    (entry,) = read(rss([f"<item><title>{'x' * 5000}</title><guid>1</guid></item>"])).entries
    assert entry.title == "x" * 299 + "…"


@pytest.mark.many
@pytest.mark.parametrize(
    ("function", "data"),
    some(
        [
            ("read_feed", b"<rss version='2.0'><channel><item><description>" + b"<b>" * 700_000),
            ("read_feed", b"<rss version='2.0'><channel><item><title>" + b"&" * (2 << 20)),
            ("feed_links", b"<!--" * 500_000),
        ],
        few=1,
    ),
)
async def test_hostile_feeds_and_pages_end_in_the_sandbox(function: str, data: bytes) -> None:
    async with asyncio.timeout(20):
        with suppress(UnreadableDocument):  # a fast machine may read it within the limit
            await sandbox.run_named(f"bot.reading.feeds:{function}", data, URL)
        assert await sandbox.run_named("bot.reading.feeds:read_feed", RSS.encode(), URL) == read(RSS)
