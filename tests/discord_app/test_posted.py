"""Which posted digests showed words that are gone: by the article's id and those words, and never without both."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.discord_app.cards import Card
from bot.discord_app.digest_cards import digest_cards
from bot.discord_app.posted import _shown
from bot.language.analysis import analyse
from bot.model import Article, Digest, Span, Speech, Story
from bot.search.revisions import Revised, compare

SAIL = "We sail at *dawn* (see #rules), whatever the 2. weather brings; that is what we do"
LONG = " ".join(f"and then on day {number} we sailed" for number in range(40))


def article(text: str, number: int = 1, row: int = 1) -> Article:
    now = datetime(2026, 5, 12, tzinfo=UTC)
    return Article(row, 5, number, "Ferry", "The Gazette", (), None, None, now, 1, None, len(text.split()), text)


def text_of(words: str) -> str:
    return f"The ferry was late.\n\n“{words},” said Elena Marsh."


def revised(before: str, after: str) -> Revised:
    return compare(before, analyse("", before).speeches, after, analyse("", after).speeches)


def posted(of: Article, said: Speech | None = None, line: Span | None = None) -> str:
    """What a digest of one story froze."""
    quote = None if said is None else (of, said)
    story = Story((of,), line or Span(0, 19), quote)
    (card,) = digest_cards(Digest("Today", (story,), (), 1, 1))
    return card.freeze()


def shown(payload: str, before: str, after: str, ref: str = "1") -> list[str]:
    return [one.span.of(before) for one in _shown(payload, ref, revised(before, after))]


@pytest.mark.parametrize("words", [SAIL, LONG, f"{SAIL}. {LONG}"])
def test_a_quotation_is_known_however_it_was_escaped_and_cut(words: str) -> None:
    before, after = text_of(words), text_of(words.replace("sail", "swim"))
    (said,) = analyse("", before).speeches
    assert shown(posted(article(before), said), before, after) == [f"{words},"]


def test_words_in_the_line_of_a_story_count_too() -> None:
    before, after = text_of(SAIL), text_of(SAIL.replace("sail", "swim"))
    line = Span(before.index("“"), len(before))
    assert shown(posted(article(before), line=line), before, after) == [f"{SAIL},"]
    longer = text_of(LONG)
    line = Span(longer.index("“"), len(longer))
    assert shown(posted(article(longer), line=line), longer, text_of(LONG.replace("sail", "swim"))) == [f"{LONG},"]


def test_a_part_that_is_still_there_word_for_word_needs_no_correction() -> None:
    before, after = text_of(f"{SAIL}. {LONG}"), text_of(f"{SAIL}. {LONG.replace('39', '40')}")
    (said,) = analyse("", before).speeches
    sentence = Speech(Span(said.span.start, said.span.start + len(SAIL)), said.kind, said.confidence, said.method, "E")
    assert shown(posted(article(before), sentence), before, after) == []


def test_another_article_with_the_same_words_or_nearly_the_same_id_is_another() -> None:
    before, after = text_of(SAIL), text_of(SAIL.replace("sail", "swim"))
    (said,) = analyse("", before).speeches
    assert shown(posted(article(before, number=12), said), before, after) == []
    assert shown(posted(article(before, number=12), said), before, after, ref="12") == [f"{SAIL},"]


def test_a_digest_that_told_of_it_without_the_words_is_left_alone() -> None:
    before, after = text_of(SAIL), text_of(SAIL.replace("sail", "swim"))
    assert shown(posted(article(before)), before, after) == []
    assert shown(Card().text("Nothing new was added in this period.").freeze(), before, after) == []
    assert (
        shown('["### Today", null, "**Ferry** `#1`"]', before, after) == []
    )  # as was frozen before there were pictures
