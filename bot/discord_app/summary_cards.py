"""The answer to /summary topic: lines of several articles, each under its source; and Share under every summary.

`Newsdesk.topic_summary` -> card. What Share needs is kept in the corpus as places without text, so that what was
removed since is not shown again.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Self

import discord
from discord import ui

from bot.discord_app import markup
from bot.discord_app.cards import Card, byline, note, summary_card
from bot.discord_app.pages import GONE, article_button
from bot.editions.summaries import summarize
from bot.editions.topics import TopicLine, TopicSummary
from bot.errors import Refused
from bot.model import Article, Span, Summary
from bot.newsdesk import Newsdesk

_ARTICLE, _TOPIC = "summary", "topic"
_LINE_CHARS, _LINE_BYTES = 700, 1_800
_QUESTION_CHARS = 300
_END_CHARS = 200  # what follows the lines must fit too
_MOST_REFS = 4


def topic_card(made: TopicSummary, *, footer: str = "") -> Card:
    """The lines in order of time, those of an article under its title."""
    asked = markup.escape_within(made.asked, 120)
    if not made.lines:
        return note(f"The articles on {asked} have no sentence that can be read by itself: `/search` lists them.")
    card = Card().text(f"### Summary: {asked}\n-# {_counted(made)}, oldest first")
    for article, lines in groupby(made.lines, key=lambda line: line.article):
        block = "\n".join([byline(article, max_chars=150), *_shown(article, lines)])
        if not card.fits(block, spare_chars=_END_CHARS):
            break
        card.rule().text(block)
    return card.text(f"-# {footer}" if footer else "")


def _counted(made: TopicSummary) -> str:
    lines = "1 line" if len(made.lines) == 1 else f"{len(made.lines)} lines"
    articles = "1 article" if len(made.articles) == 1 else f"{len(made.articles)} articles"
    return f"{lines} from {articles}"


def _shown(article: Article, lines: Iterable[TopicLine]) -> Iterator[str]:
    for line in lines:
        if line.question is not None:
            yield f"-# Asked: {markup.passage(article.text, line.question, (), _QUESTION_CHARS)}"
        name = f"**{markup.escape_within(line.speaker, 80)}:** " if line.speaker else ""
        yield f"> {name}{markup.passage(article.text, line.span, (), _LINE_CHARS, _LINE_BYTES)}"
        if line.also:
            more = ", …" * (len(line.also) > _MOST_REFS)
            yield f"-# also in {', '.join(f'`#{one.ref}`' for one in line.also[:_MOST_REFS])}{more}"


@dataclass(frozen=True, slots=True)
class FoundSummary:
    """Who was given which summary in which server; ``kept`` tells how it is made again."""

    answer_id: str
    library: int
    user_id: int
    kind: str
    kept: dict[str, Any]

    @classmethod
    async def save(cls, newsdesk: Newsdesk, library: int, user_id: int, made: Summary, length: str) -> Self:
        """Keep the summary of an article, so that its buttons work."""
        return await cls._save(newsdesk, library, user_id, _ARTICLE, {"article": made.article.id, "length": length})

    @classmethod
    async def save_topic(cls, newsdesk: Newsdesk, library: int, user_id: int, made: TopicSummary) -> Self:
        """Keep the summary of a topic, so that its buttons work."""
        lines = [
            [line.article.id, *_numbers(line.span), *_numbers(line.question), [one.id for one in line.also]]
            for line in made.lines
        ]
        return await cls._save(newsdesk, library, user_id, _TOPIC, {"asked": made.asked, "lines": lines})

    @classmethod
    async def _save(cls, newsdesk: Newsdesk, library: int, user_id: int, kind: str, kept: dict[str, Any]) -> Self:
        answer_id = await newsdesk.corpus.answers.save(library, user_id, kind, json.dumps(kept), now=newsdesk.now())
        return cls(answer_id, library, user_id, kind, kept)

    @classmethod
    async def load(cls, newsdesk: Newsdesk, answer_id: str) -> Self | None:
        """The summary kept under an id; None where it is forgotten by now."""
        stored = await newsdesk.corpus.answers.load(answer_id)
        if stored is None or stored.kind not in (_ARTICLE, _TOPIC):
            return None
        return cls(stored.id, stored.guild, stored.user_id, stored.kind, json.loads(stored.payload))

    async def card(self, newsdesk: Newsdesk, *, footer: str) -> Card:
        """The summary as it is now, with the buttons that are for everybody. Raises `Refused` where nothing is left."""
        if self.kind == _TOPIC:
            made = await self._topic(newsdesk)
            return topic_card(made, footer=footer).buttons(*map(article_button, made.articles))
        row = self.kept["article"]
        article = (await newsdesk.articles_by_id(self.library, [row])).get(row)
        if article is None:
            raise Refused(GONE)
        summary = await asyncio.to_thread(summarize, article, self.kept["length"])
        return summary_card(summary).text(f"-# {footer}").buttons(article_button(article))

    async def _topic(self, newsdesk: Newsdesk) -> TopicSummary:
        """The lines whose articles are still there."""
        kept = self.kept["lines"]
        ids = {id_ for row, *_, also in kept for id_ in (row, *also)}
        articles = await newsdesk.articles_by_id(self.library, ids)
        there = [line for line in kept if line[0] in articles]
        if not there:
            raise Refused(GONE)
        return await asyncio.to_thread(_made_again, self.kept["asked"], there, articles)


def _made_again(asked: str, kept: Sequence[Sequence[Any]], articles: dict[int, Article]) -> TopicSummary:
    lines = []
    for row, start, end, asked_start, asked_end, also in kept:
        article, span = articles[row], Span(start, end)
        question = None if asked_start is None else Span(asked_start, asked_end)
        others = tuple(articles[id_] for id_ in also if id_ in articles)
        lines.append(TopicLine(article, span, question, also=others))
    return TopicSummary.of(asked, lines)


def _numbers(span: Span | None) -> tuple[int, int] | tuple[None, None]:
    return (span.start, span.end) if span else (None, None)


def share_button(found: FoundSummary) -> ui.Button[ui.LayoutView]:
    """A button that `buttons.SummaryButton` answers."""
    return ui.Button(
        label="Share",
        custom_id=f"newsdesk:summary-share:{found.answer_id}",
        style=discord.ButtonStyle.secondary,
    )
