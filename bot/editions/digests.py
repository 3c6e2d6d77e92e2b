"""Digests: what is in a library for a period, told as stories.

articles and their speech -> stories -> **digests** -> deliveries, cards. The story most sources tell comes first; each
has one line, chosen as a summary of one sentence would be, and one quotation that says something else. Below stands
who was quoted most, a statement that several outlets print counting once.
"""

from __future__ import annotations

from bisect import bisect
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Final

from bot.editions.context import is_question, is_unfinished, leans_back
from bot.editions.repeats import grouped, words_of
from bot.editions.stories import group, sources
from bot.editions.summaries import best_sentence
from bot.language.people import people
from bot.language.sentences import sentences
from bot.language.tokens import terms
from bot.model import Archived, Article, Digest, Span, Speech, Story

MOST_STORIES: Final = 10
MOST_PEOPLE: Final = 5
MOST_GROUPED: Final = 500
"""Stories are made of the newest articles, so many at most: comparing all with all costs the square of their number."""
QUOTE_WORDS: Final = (6, 40)
"""The length of a quotation that says something and is read to its end."""
_LENGTHS: Final = (150, 600, 1_500)
"""Words from which a story is no brief, told at length, told in several articles. Between these, newer comes first."""

Speeches = Mapping[int, Sequence[Speech]]


def digest(
    title: str,
    articles: Sequence[Article],
    speeches: Speeches,
    *,
    told_before: Collection[int] = frozenset(),
    most: int = MOST_STORIES,
) -> Digest:
    """The digest of ``articles``; ``speeches`` are the quotations by `Article.id`. The order of input does not matter.

    Stories are ranked by number of sources, then new ones before those of which most articles are ``told_before`` (ids
    of articles with something like them in the library already), then by length, then by day; ``most`` are told.
    ``article_count`` counts all articles.
    """
    counted = [(sources(story), story) for story in group(newest(articles))]
    stories = sorted(counted, key=lambda one: _rank(one[0], one[1], told_before))
    return Digest(
        title,
        tuple(_story(sources, story, speeches) for sources, story in stories[:most]),
        tuple(most_quoted(articles, speeches)),
        len(articles),
        len(stories),
    )


def newest(articles: Sequence[Article]) -> list[Article]:
    """The articles that stories are made of, newest first."""
    return sorted(articles, key=lambda article: (_day(article), article.id), reverse=True)[:MOST_GROUPED]


def archived(article: Article, speeches: Sequence[Speech], why: str) -> Archived:
    """An article from the archive with its line and its quotation."""
    line = best_sentence(article)
    quote = best_quote([article], {article.id: speeches}, line.of(article.text))
    return Archived(article, line, quote[1] if quote else None, why)


def _rank(sources: int, story: Sequence[Article], told_before: Collection[int]) -> tuple[int, bool, int, int, int]:
    known = sum(article.id in told_before for article in story)
    length = bisect(_LENGTHS, sum(article.words for article in story))
    latest = max(_day(article) for article in story)
    return (
        -sources,
        2 * known > len(story),
        -length,
        -latest.toordinal(),
        -max(article.id for article in story),
    )


def _day(article: Article) -> date:
    return article.published.first_day if article.published else article.added_at.date()


def _story(sources: int, story: Sequence[Article], speeches: Speeches) -> Story:
    """The lead is the most typical article that has a sentence to tell; ``line`` is empty where none has."""
    lines = ((place, best_sentence(article)) for place, article in enumerate(story))
    lead, line = next(((place, line) for place, line in lines if len(line)), (0, Span(0, 0)))
    ordered = [story[lead], *story[:lead], *story[lead + 1 :]]
    quote = best_quote(ordered, speeches, line.of(story[lead].text))
    return Story(tuple(ordered), line, quote, sources)


def best_quote(story: Sequence[Article], speeches: Speeches, line: str) -> tuple[Article, Speech] | None:
    """The quotation of the story that says most by itself and does not repeat ``line``; None without any.

    A long statement is represented by its best sentence, still word for word.
    """
    told = set(terms(f"{story[0].title} {line}"))
    best: tuple[float, Article, Speech] | None = None
    for article in story:
        for speech in speeches.get(article.id, ()):
            for part in _parts(article, speech):
                worth = _worth(part.span.of(article.text), told, line)
                if worth is not None and (best is None or worth > best[0]):
                    best = worth, article, part
    return best[1:] if best else None


def _parts(article: Article, speech: Speech) -> list[Speech]:
    """A quotation of quotable length as it is; of a longer one each sentence."""
    if not _speaker(article, speech):
        return []
    if len(speech.span.of(article.text).split()) <= QUOTE_WORDS[1]:
        return [speech]
    return [replace(speech, span=span) for span in sentences(article.text, speech.span)]


def _speaker(article: Article, speech: Speech) -> str:
    """The name of whoever is quoted; empty for nobody, and for the article's own outlet and authors."""
    name = " ".join((speech.speaker or "").split()) if speech.is_named else ""
    own = {writer.strip().casefold() for writer in (article.outlet or "", *article.authors)}
    return "" if name.casefold() in own else name


def _worth(said: str, told: set[str], line: str) -> float | None:
    """How good a quotation is; None where it repeats the line. Length first, then standing alone, then the matter."""
    words = words_of(said)
    if not words or _contains(words_of(line), words) or _contains(words, words_of(line)):
        return None
    fits = QUOTE_WORDS[0] <= len(said.split()) <= QUOTE_WORDS[1]
    alone = not (leans_back(said) or is_question(said) or is_unfinished(said))
    whole = said.lstrip("“\"'‘")[:1].isupper()
    shared = len(told.intersection(terms(said))) / max(1, len(told))
    return 2.0 * fits + 1.0 * alone + 0.5 * whole + shared


def _contains(words: Sequence[str], part: Sequence[str]) -> bool:
    return bool(part) and f" {' '.join(part)} " in f" {' '.join(words)} "


def most_quoted(articles: Sequence[Article], speeches: Speeches) -> list[tuple[str, int]]:
    """Who was quoted most and how often, at most five. A surname and the full name, Zelensky and Zelenskyy, are one."""
    said: defaultdict[str, list[str]] = defaultdict(list)
    for article in articles:
        for speech in speeches.get(article.id, ()):
            if name := _speaker(article, speech):
                said[name].append(speech.span.of(article.text))
    known = people({name: len(texts) for name, texts in said.items()})
    counts = [(person.name, _different([text for name in person.names for text in said[name]])) for person in known]
    return sorted(counts, key=lambda counted: (-counted[1], counted[0]))[:MOST_PEOPLE]


def _different(texts: Sequence[str]) -> int:
    """How many quotations say different words."""
    return len(set(grouped(texts)))
