"""What a person asks: words and phrases to look for, what must not occur, and the limits on where.

    text and options -> `syntax.take_apart` -> `Query` -> catalogue

Nothing a person can type is an error here: a query of stop words, emoji or nothing at all is a query without terms.
What is kept of a text is bounded, so that no question can take long: its first `MOST_CHARS` characters, and of those
so many distinct terms, phrases and exclusions as the constants below say.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from bot.dates import parse_day
from bot.language.normal import clean
from bot.language.tokens import terms, words
from bot.search.syntax import take_apart

MOST_CHARS: Final = 10_000
"""A text that is longer is a document: its beginning is looked for."""
MOST_TERMS: Final = 256
"""Distinct ones; later ones are left out. The questions of TIME have up to 17 and of MED 36, a long paragraph 100."""
MOST_PHRASES: Final = 8
"""Later ones are looked for as words."""
MOST_EXCLUSIONS: Final = 32
"""Later ones are left out."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """``words`` stand in a row, folded, unstemmed, stop words kept; ``terms`` are the index terms among them."""

    words: tuple[str, ...]
    terms: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> Phrase:
        """A phrase as it was typed."""
        return cls(_words(text), tuple(terms(text)))


@dataclass(frozen=True, slots=True)
class Query:
    """A question, ready for the index.

    ``text`` is what was typed, cleaned. ``terms`` are what to rank by: tokens as the index holds them, those of phrases
    included, in the order typed, repeats kept as rank-bm25 counts them. Each of ``phrases`` must occur word for word,
    none of ``excluded`` may: one that is a single word is compared by its term, a longer one word for word.
    ``source``, ``speaker`` are names as typed. ``since`` and ``until`` are included in what is allowed. ``sought`` is
    the part of ``text`` that is to be found: without operators, exclusions and quotation marks. ``by_chance``: nothing
    was typed, or limits alone, so that any passage within them will do.
    """

    text: str
    terms: tuple[str, ...]
    phrases: tuple[Phrase, ...] = ()
    excluded: tuple[Phrase, ...] = ()
    source: str | None = None
    speaker: str | None = None
    speaker_keys: frozenset[str] = frozenset()  # of names that are this speaker's, too: see `search.names.name_key`
    since: date | None = None
    until: date | None = None
    sought: str = ""
    by_chance: bool = False

    @classmethod
    def of(
        cls,
        text: str,
        *,
        source: str | None = None,
        speaker: str | None = None,
        since: str | None = None,
        until: str | None = None,
        today: date,
    ) -> Query:
        """Read what a person typed and gave as options, which win over operators in the text.

        Raises `Refused` for a date given as an option that cannot be read.
        """
        text = clean(text[:MOST_CHARS]).strip()
        typed = take_apart(text, today)
        phrases = _distinct((piece for piece, is_phrase in typed.sought if is_phrase), MOST_PHRASES)
        excluded = _distinct(typed.excluded, MOST_EXCLUSIONS)
        return cls(
            text=text,
            terms=_within(term for piece, _ in typed.sought for term in terms(piece)),
            phrases=tuple(phrases),
            excluded=tuple(phrase for phrase in excluded if phrase.terms or len(phrase.words) > 1),
            source=_name(source) or typed.source,
            speaker=_name(speaker) or typed.speaker,
            since=parse_day(since, today)[0] if since and since.strip() else typed.since,
            until=parse_day(until, today)[1] if until and until.strip() else typed.until,
            sought=" ".join(piece.strip() for piece, _ in typed.sought).strip(),
            by_chance=not typed.sought and not typed.excluded,
        )

    def as_words(self) -> Query:
        """The same limits with every word that was typed, those with a minus too, wherever they stand."""
        unwanted = (term for phrase in self.excluded for term in phrase.terms)
        return replace(self, terms=(*self.terms, *unwanted), phrases=(), excluded=())

    @property
    def finds_nothing(self) -> bool:
        """Whether there is nothing in it to go by: words that are too common, or what is no word."""
        return not (self.terms or self.phrases or self.excluded or self.has_limits or self.by_chance)

    @property
    def has_limits(self) -> bool:
        """Whether it asks only for some outlet, speaker or time."""
        return bool(self.source or self.speaker or self.since or self.until)

    @property
    def limits(self) -> dict[str, str]:
        """The limits as options that give them again, whatever the day: dates in ISO form, absent ones left out."""
        given = {"source": self.source, "speaker": self.speaker, "since": self.since, "until": self.until}
        return {name: str(value) for name, value in given.items() if value}


def _words(text: str) -> tuple[str, ...]:
    return tuple(token.term for token in words(text))


def _distinct(texts: Iterable[str], most: int) -> Iterator[Phrase]:
    """The phrases of these texts without repetition, at most ``most``; texts without a word are none."""
    found: dict[Phrase, None] = {}
    for text in texts:
        if len(found) < most and (phrase := Phrase.of(text)).words:
            found[phrase] = None
    return iter(found)


def _within(found: Iterable[str]) -> tuple[str, ...]:
    """``found`` without what would be more than `MOST_TERMS` distinct terms."""
    kept: dict[str, None] = {}
    return tuple(term for term in found if term in kept or (len(kept) < MOST_TERMS and not kept.update({term: None})))


def _name(option: str | None) -> str | None:
    return (clean(option).strip() or None) if option else None
