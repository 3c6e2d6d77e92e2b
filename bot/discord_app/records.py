"""Pages of what one person said: the record as it was found, kept in the corpus so that its buttons work for long."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Any, Self

from bot.dates import PartialDate
from bot.discord_app import markup
from bot.discord_app.cards import Card, byline
from bot.discord_app.paging import page_buttons
from bot.editions.charts import bar_chart, in_words
from bot.editions.statements import Bars, Record
from bot.model import Article, Confidence, Method, Span, Speech, Statement
from bot.newsdesk import Newsdesk
from bot.quote_ids import quote_id

KIND = "record"
STATEMENTS_A_PAGE = 5
_FEWEST_BARS = 2  # one bar says no more than the words beside it
_STATEMENT_CHARS, _STATEMENT_BYTES = 420, 1_200
_MOST_REFS = 4


@dataclass(frozen=True, slots=True)
class Shown:
    """A statement of the list, without its words."""

    article_id: int
    span: Span
    repeats: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class FoundRecord:
    """Who asked in which server for what whom said, and what there was, newest first."""

    answer_id: str
    library: int
    user_id: int
    title: str
    facts: str
    bars: Bars
    statements: tuple[Shown, ...]

    @property
    def pages(self) -> int:
        """How many pages it has."""
        return -(-len(self.statements) // STATEMENTS_A_PAGE)

    @classmethod
    async def save(cls, newsdesk: Newsdesk, library: int, user_id: int, made: Record, asked: str) -> Self:
        """Store a record; ``asked`` is what it was narrowed down to, in words."""
        title = made.person.name + (f" on {asked}" if asked else "")
        shown = tuple(Shown(one.article_id, one.speech.span, one.repeats) for one in made.statements)
        payload = {
            "title": title,
            "facts": _facts(made),
            "bars": made.bars,
            "statements": [[one.article_id, one.span.start, one.span.end, list(one.repeats)] for one in shown],
        }
        answer_id = await newsdesk.corpus.answers.save(library, user_id, KIND, json.dumps(payload), now=newsdesk.now())
        return cls(answer_id, library, user_id, title, payload["facts"], made.bars, shown)  # type: ignore[arg-type]

    @classmethod
    async def load(cls, newsdesk: Newsdesk, answer_id: str) -> Self | None:
        """The record kept under an id; None where it is forgotten by now."""
        stored = await newsdesk.corpus.answers.load(answer_id)
        if stored is None or stored.kind != KIND:
            return None
        kept: dict[str, Any] = json.loads(stored.payload)
        statements = tuple(Shown(id_, Span(start, end), tuple(also)) for id_, start, end, also in kept["statements"])
        bars = tuple((label, count) for label, count in kept["bars"])
        return cls(stored.id, stored.guild, stored.user_id, kept["title"], kept["facts"], bars, statements)


def _facts(made: Record) -> str:
    quoted = "1 quotation" if made.quoted == 1 else f"{made.quoted} quotations"
    if len(made.statements) < made.quoted:
        quoted += f", {len(made.statements)} without repeats"
    if len(made.statements) == 1:
        return f"{quoted} · {_day(made.first)}"
    return f"{quoted} · first {_day(made.first)} · latest {_day(made.latest)}"


def _day(one: Statement) -> str:
    return one.published.written if one.published else f"added {PartialDate.of(one.filed).written}"


async def record_page(newsdesk: Newsdesk, found: FoundRecord, page: int, *, footer: str = "") -> Card:
    """Page ``page`` (from 0) without its buttons; the first one has the chart."""
    shown = found.statements[page * STATEMENTS_A_PAGE : (page + 1) * STATEMENTS_A_PAGE]
    articles = await newsdesk.articles_by_id(
        found.library, {id_ for one in shown for id_ in (one.article_id, *one.repeats[:_MOST_REFS])}
    )
    said = await newsdesk.corpus.speeches.within(found.library, [(one.article_id, one.span) for one in shown])
    card = Card().text(f"### {markup.escape_within(found.title, 200)}\n-# {found.facts}")
    for one in shown:
        article = articles.get(one.article_id)
        speech = next((speech for speech in said.get(one.article_id, ()) if speech.span == one.span), None)
        if article is None or speech is None:
            card.rule().text("-# This article has been removed or read anew since.")
        else:
            said_there = markup.passage(article.text, speech.span, (), _STATEMENT_CHARS, _STATEMENT_BYTES)
            also = [articles[id_] for id_ in one.repeats if id_ in articles]
            card.rule().text(f"> “{said_there}”").text(_source(article, speech, also, len(one.repeats)))
    if page == 0 and len(found.bars) >= _FEWEST_BARS:
        alt = f"Quotations by time: {in_words(found.bars)}"
        card.picture(await asyncio.to_thread(bar_chart, found.bars), alt)
    pages = f"newest first · page {page + 1} of {found.pages}" if found.pages > 1 else "newest first"
    return card.text(f"-# {footer or pages}")


async def record_card(newsdesk: Newsdesk, found: FoundRecord, page: int) -> Card:
    """Page ``page`` (from 0, as near as there is one) with its buttons."""
    page = max(0, min(page, found.pages - 1))
    card = await record_page(newsdesk, found, page)
    return card.buttons(*page_buttons("record", found.answer_id, page, found.pages))


def _source(article: Article, speech: Speech, also: list[Article], repeats: int) -> str:
    """Where a statement stands and how it is known whose it is; ``also`` are some of the articles that repeat it."""
    known = f"-# {how_known(article, speech)} · `{quote_id(article, speech.span)}`"
    if repeats:
        articles = "1 article" if repeats == 1 else f"{repeats} articles"
        refs = ", ".join(f"`#{one.ref}`" for one in also[:_MOST_REFS])
        known += f" · also in {articles}: {refs}{', …' * (repeats > _MOST_REFS)}"
    return f"{byline(article, max_chars=150)}\n{known}"


def how_known(article: Article, speech: Speech) -> str:
    """How it is known who said something, in a few words."""
    if speech.method is Method.CORRECTED:
        return "corrected by an admin"
    if speech.method is Method.TURN:
        return "an answer in an interview"
    written = "" if speech.mention is None else markup.escape_within(speech.mention.of(article.text), 60)
    if speech.confidence is Confidence.RESOLVED:
        return f"“{written}” there, named elsewhere in the article" if written else "from the quotation before it"
    if written in ("he", "she"):
        return f"“{written}” there, where it tells of nobody else it could be"
    if speech.method is Method.CONTINUED:
        return "goes on from a quotation that names the speaker"
    return f"named beside it as “{written}”" if written else "named beside it"
