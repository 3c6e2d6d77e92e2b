"""Near-duplicates of a whole library: articles that print mostly the same text, whatever their dates.

articles -> shingles (`bags`) -> pairs that share enough -> **groups**, each with its oldest. It is the rule of
`stories.near_duplicates`, found another way: there each pair with anything in common is counted, which ten thousand
articles with the same footer make fifty million of. Here a shingle that many articles print joins each of them only to
the next, and what is joined is compared in full.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

import numpy as np

from bot.dates import PartialDate
from bot.editions.bags import shingles_of
from bot.editions.stories import COPIED, components, joined_by
from bot.model import Article
from bot.tallies import Ints

_COMMON: Final = 16
"""A shingle of more articles than this is a common phrase or part of a text that was copied often."""


@dataclass(frozen=True, slots=True)
class Printed:
    """What is compared of an article, and what a report says of it. No text."""

    article_id: int
    library: int
    ref: str
    number: int
    title: str
    outlet: str | None
    published: PartialDate | None
    filed: date  # the day it is of, or else was added
    words: int
    shingles: Ints

    @classmethod
    def of(cls, article: Article) -> Printed:
        """Takes a millisecond or so."""
        filed = article.published.first_day if article.published else article.added_at.date()
        about = (article.id, article.library, article.ref, article.number, article.title, article.outlet)
        return cls(*about, article.published, filed, article.words, shingles_of(article))

    @property
    def age(self) -> tuple[date, int]:
        """To sort by: the oldest first."""
        return self.filed, self.article_id


def printed_of(articles: Iterable[Article]) -> list[Printed]:
    """What is compared of several articles."""
    return [Printed.of(article) for article in articles]


class Copy(NamedTuple):
    """An article and how much of it, 0 to 1, it has in common with the oldest of its group (Jaccard, of shingles)."""

    printed: Printed
    common: float


@dataclass(frozen=True, slots=True)
class Duplicates:
    """Articles that print mostly the same text: the ``oldest``, and the others, the most alike to it first."""

    oldest: Printed
    others: tuple[Copy, ...]


def duplicates(every: Sequence[Printed]) -> list[Duplicates]:
    """The groups of two and more; the largest first. Some two seconds for ten thousand articles."""
    ordered = sorted(every, key=lambda one: one.age)
    beside = joined_by(_alike([one.shingles for one in ordered]))
    groups = [places for places in components(len(ordered), lambda at: beside.get(at, [])) if len(places) > 1]
    found = [_group([ordered[place] for place in places]) for places in groups]
    return sorted(found, key=lambda group: (-len(group.others), group.oldest.age))


def _group(together: Sequence[Printed]) -> Duplicates:
    oldest = together[0]
    copies = [Copy(one, _in_common(oldest.shingles, one.shingles)) for one in together[1:]]
    return Duplicates(oldest, tuple(sorted(copies, key=lambda copy: (-copy.common, copy.printed.age))))


def _alike(texts: Sequence[Ints]) -> set[tuple[int, int]]:
    """The pairs of texts, the earlier first, that share at least `COPIED` of their shingles."""
    if not texts:
        return set()
    owners, same, holders = _runs(texts)
    joined, few_shared = _joined(owners, same, holders, len(texts))
    firsts, seconds = np.divmod(joined, len(texts))
    # Of the shingles that many texts have, which were not counted, a pair may share all.
    many = np.bincount(owners[holders > _COMMON], minlength=len(texts))
    sizes = np.bincount(owners, minlength=len(texts))
    enough = COPIED / (1 + COPIED) * (sizes[firsts] + sizes[seconds])
    maybe = np.flatnonzero(few_shared + np.minimum(many[firsts], many[seconds]) >= enough)
    pairs = zip(firsts[maybe].tolist(), seconds[maybe].tolist(), strict=True)
    return {(first, second) for first, second in pairs if _in_common(texts[first], texts[second]) >= COPIED}


def _runs(texts: Sequence[Ints]) -> tuple[Ints, Ints, Ints]:
    """Of every shingle of every text, equal ones together: whose it is, its number, and how many texts have it."""
    owners = np.repeat(np.arange(len(texts)), [len(text) for text in texts])
    every = np.concatenate(texts)
    order = np.argsort(every, kind="stable")  # owners ascend among equal ones
    every, owners = every[order], owners[order]
    same = np.cumsum(np.concatenate(([0], every[1:] != every[:-1]))[: len(every)])
    return owners, same, np.bincount(same)[same]


def _joined(owners: Ints, same: Ints, holders: Ints, texts: int) -> tuple[Ints, Ints]:
    """The pairs that a shingle joins, as first × ``texts`` + second, and how many join each."""
    found = []
    for apart in range(1, _COMMON):
        is_joined = same[apart:] == same[:-apart]
        if apart > 1:
            is_joined &= holders[apart:] <= _COMMON
        at = np.flatnonzero(is_joined)
        found.append(owners[at] * texts + owners[at + apart])
    return np.unique(np.concatenate(found), return_counts=True)


def _in_common(one: Ints, other: Ints) -> float:
    """Both are ascending, each shingle once."""
    shared = len(np.intersect1d(one, other, assume_unique=True))
    return shared / max(len(one) + len(other) - shared, 1)
