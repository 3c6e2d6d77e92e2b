"""Links: what is stored, and what counts as the same page."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.reading.links import canonical, first_link, link_key, same_site

ANY_LINK = st.one_of(
    st.text(),
    st.text().map(lambda text: "https://www.example.org/" + text),
    st.text(alphabet="aé .:@[]%\\\u202e1/?#").map("https://".__add__),
    st.from_regex(
        r"https?://(www\.|m\.|amp\.){0,3}[a-z]{1,3}(\.[a-z]{1,3}){0,2}(:\d{1,4})?"
        r"(/(amp|a\.amp|%2[0-9F]|[a-z;+&= .]|\.\.)){0,4}/?(\?([a-z]|utm_x|%26|\+|;|=|&|amp=1){0,9})?(#.*)?",
        fullmatch=True,
    ),
)


@given(ANY_LINK)
def test_both_are_idempotent_and_agree(link: str) -> None:
    assert canonical(canonical(link)) == canonical(link)
    assert link_key(link_key(link)) == link_key(link)
    assert link_key(canonical(link)) == link_key(link)


@pytest.mark.parametrize(
    ("link", "stored"),
    [
        ("https://example.org/a?utm_source=x&id=7&fbclid=9#top", "https://example.org/a?id=7"),
        ("HTTP://Example.ORG:80/a", "http://example.org/a"),
        ("https://example.org/a?b=2&a=1", "https://example.org/a?b=2&a=1"),
        ("https://example.org:8443/", "https://example.org:8443/"),
        ("https://user:secret@example.org/a", "https://example.org/a"),
        ("mailto:someone@example.org", "mailto:someone@example.org"),
        ("https://exa mple.org/", "https://exa mple.org/"),
    ],
)
def test_what_only_tracks_is_taken_off(link: str, stored: str) -> None:
    assert canonical(link) == stored


@pytest.mark.parametrize(
    "link",
    [
        "http://example.org/news/harbour?page=2&id=7",
        "https://www.example.org/news/harbour/?id=7&page=2",
        "https://m.example.org/news/harbour?id=7&page=2&utm_campaign=x",
        "https://amp.example.org/news/harbour?id=7&page=2#comments",
        "https://example.org:443/news/harbour/amp/?id=7&page=2&amp=1",
        "https://www.google.com/amp/s/www.example.org/news/harbour?id=7&page=2",
        "https://example-org.cdn.ampproject.org/c/s/example.org/news/harbour.amp?id=7&page=2",
    ],
)
def test_links_to_one_page_have_one_key(link: str) -> None:
    assert link_key(link) == "https://example.org/news/harbour?id=7&page=2"


@pytest.mark.parametrize(
    "link",
    [
        "https://example.org/news/harbour?id=8",
        "https://example.org/news/harbours?id=7",
        "https://news.example.org/news/harbour?id=7",
        "https://example.org:8443/news/harbour?id=7",
        "https://example.org/news/Harbour?id=7",
        "https://example.org/news/harbour",
    ],
)
def test_links_to_other_pages_have_other_keys(link: str) -> None:
    assert link_key(link) != link_key("https://example.org/news/harbour?id=7")


def test_a_site_is_told_from_others() -> None:
    assert same_site("https://www.example.org/a", "https://m.example.org/b")
    assert same_site("https://news.example.org/a", "https://example.org/b")
    assert not same_site("https://example.org/a", "https://evil-example.org/b")
    assert not same_site("https://example.org/a", "https://example.org.evil.test/b")


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("see https://example.org/a.", "https://example.org/a"),
        ("(https://example.org/a_(b))", "https://example.org/a_(b)"),
        ("**https://example.org/a?b=1**", "https://example.org/a?b=1"),
        ("[words](https://example.org/a)", "https://example.org/a"),
        ("<https://example.org/a>", "https://example.org/a"),
        ("no link, only http:// and ftp://example.org", None),
    ],
)
def test_the_first_link_of_a_text_is_found(text: str, link: str | None) -> None:
    assert first_link([text]) == link


def test_the_key_of_a_long_link_is_short_and_its_own() -> None:
    long = "https://example.org/" + "й" * 1_900
    assert link_key(long) == link_key("http://www.example.org/" + "й" * 1_900 + "/")
    assert link_key(long) != link_key(long + "й")
    assert link_key(link_key(long)) == link_key(long)
    assert len(link_key(long).encode()) < 100
