"""Stories: which articles tell of the same event.

articles -> **stories** -> digests. Two articles belong together when their words are alike, the words of the lead and
the names counting more, and when their dates allow it; likeness alone would merge a war's every round of talks.
Clusters are joined by average link: a chain of articles, each like the next, is not yet one event.

Settings measured on ECB+ (tests/quality/test_stories.py prints the figures). Cost grows with the square of the number
of articles, in memory (8 bytes a pair) and time: about a second for 500.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.dates import PartialDate
from bot.language.sentences import sentences
from bot.language.tokens import terms
from bot.model import Article, Span

ALIKE: Final = 0.22
"""Average cosine from which two clusters are one story: on ECB+ the plateau is 0.20 to 0.24."""
COPIED: Final = 0.3
"""Share of common shingles from which two texts are copies (0.992 B-cubed F1 in the measurements behind the design)."""
_SHINGLE_TERMS = 4
_APART = timedelta(days=4)  # reports on one event come within days; the next round of the same talks, weeks later
_READ_CHARS = 3_000  # who, what and where come early; background paragraphs make different events look alike
_LEAD_SENTENCES = 2
_NAME_WEIGHT = 3
_BACKGROUND = (
    20  # articles without any of the terms stand behind every batch: a word in two of two must weigh something
)
_MID_SENTENCE = re.compile(r"(?<=[\w,;] )[^\W\d_]\w*")

Matrix = NDArray[np.float64]


def group(articles: Sequence[Article]) -> list[list[Article]]:
    """The articles by story: each article once, in a story the most typical first; stories in the order of their ids.

    The order of ``articles`` makes no difference. Articles whose dates cannot lie within four days of each other never
    join; see `may_join` for dates known only in part.
    """
    articles = sorted(articles, key=_identity)
    likeness = _likeness(articles)
    copied = _copied(articles)
    for first, second in copied:
        likeness[first, second] = likeness[second, first] = 1.0
    for first, second in _barred(articles, copied):
        likeness[first, second] = likeness[second, first] = -np.inf
    stories = sorted(sorted(story) for story in _average_link(likeness, ALIKE))
    return [[articles[place] for place in _most_typical_first(story, likeness)] for story in stories]


def near_duplicates(articles: Sequence[Article]) -> list[list[Article]]:
    """The articles by text: copies of one text (see `COPIED`) together, whatever their dates; each article once."""
    articles = sorted(articles, key=_identity)
    above = list(range(len(articles)))

    def root(place: int) -> int:
        while above[place] != place:
            above[place] = place = above[above[place]]
        return place

    for first, second in sorted(_copied(articles)):
        above[root(second)] = root(first)
    copies: dict[int, list[Article]] = defaultdict(list)
    for place, article in enumerate(articles):
        copies[root(place)].append(article)
    return list(copies.values())


def may_join(first: PartialDate | None, second: PartialDate | None) -> bool:
    """Whether articles of these dates can be on one event.

    A month is every day in it, so "May 2025" may join 3 June but not 20 June. A bare year is too wide to place an event
    and joins nothing but an article without a date, of which nothing is known.
    """
    if first is None or second is None:
        return True
    if first.month is None or second.month is None:
        return False
    earlier, later = sorted((first, second), key=lambda day: day.first_day)
    return later.first_day - earlier.last_day <= _APART


def _identity(article: Article) -> tuple[int, str, str]:
    return article.id, article.title, article.text


def _barred(articles: Sequence[Article], copied: set[tuple[int, int]]) -> Iterable[tuple[int, int]]:
    """The pairs that must not be one story. Copies may share a bare year: a text is on its own event."""
    dates = [article.published for article in articles]
    for second, later in enumerate(dates):
        for first, earlier in enumerate(dates[:second]):
            same = earlier == later and (first, second) in copied
            if not (same or may_join(earlier, later)):
                yield first, second


def _likeness(articles: Sequence[Article]) -> Matrix:
    """Cosines of the articles' weighted terms, (articles, articles), zero on the diagonal."""
    bags = [_bag(article) for article in articles]
    document_frequency = Counter(term for bag in bags for term in bag)
    behind = len(bags) + _BACKGROUND
    postings: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for place, bag in enumerate(bags):
        weights = {
            term: (1 + math.log(count)) * math.log(behind / document_frequency[term]) for term, count in bag.items()
        }
        length = math.sqrt(sum(weight * weight for weight in weights.values()))
        for term, weight in weights.items():
            if document_frequency[term] > 1:
                postings[term].append((place, weight / length))
    likeness = np.zeros((len(bags), len(bags)))
    for posting in postings.values():
        places, weights_of = zip(*posting, strict=True)
        likeness[np.ix_(places, places)] += np.outer(weights_of, weights_of)
    np.fill_diagonal(likeness, 0.0)
    return likeness


def _bag(article: Article) -> Counter[str]:
    """The terms that tell the event: title and lead counted twice, names three times as much as other words."""
    body = article.text[:_READ_CHARS]
    lead = sentences(body, Span(0, len(body)))[:_LEAD_SENTENCES]
    bag = Counter(terms(article.title)) + Counter(terms(article.title)) + Counter(terms(body))
    for sentence in lead:
        bag.update(terms(sentence.of(body)))
    names = " ".join(word for word in _MID_SENTENCE.findall(body) if word[0].isupper())
    for name in bag.keys() & set(terms(names)):
        bag[name] *= _NAME_WEIGHT
    return bag


def _copied(articles: Sequence[Article]) -> set[tuple[int, int]]:
    """Pairs (earlier place, later place) whose texts share at least `COPIED` of their runs of four terms (Jaccard)."""
    holders: dict[tuple[str, ...], list[int]] = defaultdict(list)
    sizes = []
    for place, article in enumerate(articles):
        shingles = _shingles(terms(article.text[: 2 * _READ_CHARS]))
        sizes.append(len(shingles))
        for shingle in shingles:
            holders[shingle].append(place)
    together = Counter(tuple(places) for places in holders.values() if len(places) > 1)
    common = np.zeros((len(articles), len(articles)))
    for places, count in together.items():
        common[np.ix_(places, places)] += count
    every = np.add.outer(sizes, sizes) - common
    return {(int(a), int(b)) for a, b in np.argwhere(np.triu((common > 0) & (common >= COPIED * every), 1))}


def _shingles(words: Sequence[str]) -> set[tuple[str, ...]]:
    """Runs of four terms; a shorter text is one run."""
    return {tuple(words[at : at + _SHINGLE_TERMS]) for at in range(max(1, len(words) - _SHINGLE_TERMS + 1))} - {()}


def _average_link(likeness: Matrix, threshold: float) -> list[list[int]]:
    """Join the two clusters of highest average likeness until none reaches ``threshold``; ties by place."""
    links = likeness.copy()
    np.fill_diagonal(links, -np.inf)
    clusters = [[place] for place in range(len(links))]
    while len(clusters) > 1:
        first, second = sorted(divmod(int(links.argmax()), len(links)))
        if links[first, second] < threshold:
            break
        sizes = len(clusters[first]), len(clusters[second])
        joined = (sizes[0] * links[first] + sizes[1] * links[second]) / sum(sizes)
        links[first], links[:, first] = joined, joined
        links[second], links[:, second] = -np.inf, -np.inf
        clusters[first] += clusters[second]
        clusters[second] = []
    return [cluster for cluster in clusters if cluster]


def _most_typical_first(story: Sequence[int], likeness: Matrix) -> list[int]:
    """The places of a story, the one most like the others first: it tells the whole event, not one side of it."""
    total = likeness[np.ix_(story, story)].sum(axis=1)
    return [story[at] for at in sorted(range(len(story)), key=lambda at: (-round(float(total[at]), 9), story[at]))]
