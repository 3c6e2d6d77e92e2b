"""The parts of a digest a page at a time: what it was made of, kept in the corpus so that its buttons work for long.

No text is kept: places in articles, which are read again for every page. What was removed since is left out, and a
quotation whose speaker was corrected has the speaker it has now.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

from bot.discord_app.cards import Card
from bot.discord_app.digest_cards import digest_cards
from bot.discord_app.paging import page_buttons
from bot.model import Archived, Article, Contribution, Digest, Inflow, Rising, Span, Speech, Story
from bot.newsdesk import Newsdesk

KIND = "digest"

Kept = dict[str, Any]
Said = Mapping[int, Iterable[Speech]]


@dataclass(frozen=True, slots=True)
class FoundDigest:
    """Who asked in which server for a digest, and what it was made of."""

    answer_id: str
    library: int
    user_id: int
    kept: Kept

    @classmethod
    async def save(cls, newsdesk: Newsdesk, library: int, user_id: int, digest: Digest) -> Self:
        """Keep a digest, so that its buttons work."""
        kept = _pack(digest)
        answer_id = await newsdesk.corpus.answers.save(library, user_id, KIND, json.dumps(kept), now=newsdesk.now())
        return cls(answer_id, library, user_id, kept)

    @classmethod
    async def load(cls, newsdesk: Newsdesk, answer_id: str) -> Self | None:
        """The digest kept under an id; None where it is forgotten by now."""
        stored = await newsdesk.corpus.answers.load(answer_id)
        if stored is None or stored.kind != KIND:
            return None
        return cls(stored.id, stored.guild, stored.user_id, json.loads(stored.payload))

    async def cards(self, newsdesk: Newsdesk, footer: str = "") -> list[Card]:
        """Every part of the digest, of what is still there."""
        stories, archive = self.kept["stories"], self.kept["archive"]
        ids = {id_ for story in stories for id_ in (*story["articles"], story["earlier"])}
        ids |= {archive["article"]} if archive else set()
        articles = await newsdesk.articles_by_id(self.library, ids - {None})
        quotes = [one["quote"] for one in (*stories, archive) if one and one["quote"]]
        said = await newsdesk.corpus.speeches.within(
            self.library, [(id_, Span(start, end)) for id_, start, end in quotes]
        )
        return await asyncio.to_thread(digest_cards, _unpack(self.kept, articles, said), footer=footer)


async def digest_page(newsdesk: Newsdesk, found: FoundDigest, page: int) -> Card:
    """Part ``page`` (from 0, as near as there is one) with its buttons."""
    cards = await found.cards(newsdesk)
    page = max(0, min(page, len(cards) - 1))
    return cards[page].buttons(*page_buttons("digest", found.answer_id, page, len(cards)))


async def shared_page(newsdesk: Newsdesk, found: FoundDigest, page: int, *, footer: str) -> Card:
    """Part ``page`` without buttons."""
    cards = await found.cards(newsdesk, footer)
    return cards[max(0, min(page, len(cards) - 1))]


def _pack(digest: Digest) -> Kept:
    """A digest as JSON holds it, articles by their row ids."""
    archive = digest.archive
    return {
        **asdict(replace(digest, stories=(), archive=None)),
        "stories": [
            {
                "articles": [article.id for article in story.articles],
                "line": [story.line.start, story.line.end],
                "quote": _place(*story.quote) if story.quote else None,
                "sources": story.sources,
                "earlier": story.earlier.id if story.earlier else None,
            }
            for story in digest.stories
        ],
        "archive": archive
        and {
            "article": archive.article.id,
            "line": [archive.line.start, archive.line.end],
            "quote": _place(archive.article, archive.quote) if archive.quote else None,
            "why": archive.why,
        },
    }


def _place(article: Article, speech: Speech) -> list[int]:
    return [article.id, speech.span.start, speech.span.end]


def _unpack(kept: Kept, articles: Mapping[int, Article], said: Said) -> Digest:
    """The digest of what is there of ``articles``; a story without its lead is left out, and not told of as untold."""
    stories = [_story(story, articles, said) for story in kept["stories"] if story["articles"][0] in articles]
    inflow, archive = kept["inflow"], kept["archive"]
    return Digest(
        title=kept["title"],
        stories=tuple(stories),
        most_quoted=tuple((name, count) for name, count in kept["most_quoted"]),
        article_count=kept["article_count"],
        story_count=kept["story_count"] - len(kept["stories"]) + len(stories),
        topic=kept["topic"],
        rising=tuple(Rising(**one) for one in kept["rising"]),
        added=tuple(Contribution(**one) for one in kept["added"]),
        inflow=inflow and _inflow(inflow),
        archive=_archived(archive, articles, said) if archive and archive["article"] in articles else None,
    )


def _story(kept: Kept, articles: Mapping[int, Article], said: Said) -> Story:
    there = tuple(articles[id_] for id_ in kept["articles"] if id_ in articles)
    quote = _quote(kept["quote"], articles, said)
    return Story(there, Span(*kept["line"]), quote, kept["sources"], articles.get(kept["earlier"]))


def _archived(kept: Kept, articles: Mapping[int, Article], said: Said) -> Archived:
    quote = _quote(kept["quote"], articles, said)
    return Archived(articles[kept["article"]], Span(*kept["line"]), quote[1] if quote else None, kept["why"])


def _inflow(kept: Kept) -> Inflow:
    columns = tuple((label, tuple(counts)) for label, counts in kept["columns"])
    return Inflow(kept["unit"], tuple(kept["outlets"]), columns)


def _quote(place: list[int] | None, articles: Mapping[int, Article], said: Said) -> tuple[Article, Speech] | None:
    """The quotation at a place as it is known now; a sentence of it where that was shown."""
    if place is None or place[0] not in articles:
        return None
    id_, span = place[0], Span(place[1], place[2])
    speech = next((one for one in said.get(id_, ()) if one.span.holds(span) and one.is_named), None)
    return None if speech is None else (articles[id_], replace(speech, span=span))
