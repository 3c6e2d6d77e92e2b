"""What else tells of an article's event, as of now: `Newsdesk.story` and `newsdesk stories`.

    article -> index -> the articles nearest to it, and to those that are alike -> bags -> story -> what is shared

Nothing is stored, so nothing goes stale: a story is a function of the articles that can be seen, whatever the order in
which they came. Articles that are alike enough are followed from one to the next (`bot.editions.stories.neighbours`),
and what is found is linked as `group` would link the whole library: the rest of it cannot change the outcome.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

import numpy as np

from bot.corpus import Corpus
from bot.dates import PartialDate
from bot.desks.indexes import Indexes
from bot.desks.second import Second, answered_by_second
from bot.editions.bags import LEAD_SHARE, Bag, Floats, Vectors, bag, idf_of
from bot.editions.stories import DAYS_APART, connected, copied, gather, joined_by, neighbours
from bot.editions.tellings import Rarity, Telling, rarity_of, tell, told_first
from bot.model import Article
from bot.search.catalogue import Catalogue, Placed
from bot.search.vocabulary import Vocabulary
from bot.tallies import Ints

NEAREST: Final = 32
"""Articles looked at for each that is followed; an event of ECB+ has 22 reports at most."""
NEAR_ENOUGH: Final = 0.08
"""How alike by the index alone what is read must be: on ECB+ 1 pair in 1,000 that is `ALIKE` by its bags is less."""
_ASKED_TERMS = 24  # the heaviest of a bag: the others find next to nothing that these do not
_ROUNDS = 3
_MOST_FOLLOWED = 8  # a round; in the order of what they say
_MOST_KEPT = 2_000  # bags, of some 8 kB


@dataclass(frozen=True, slots=True, eq=False)
class _Numbered:
    """A bag with the ids of its terms in the vocabulary of its shelf."""

    placed: Placed
    bag: Bag
    vocabulary: Vocabulary
    ids: Ints


class Told:
    """Shared by all libraries; every answer is made of what its ``library`` can see."""

    def __init__(self, corpus: Corpus, indexes: Indexes, second: Second) -> None:
        self._corpus = corpus
        self._second = second
        self._indexes = indexes
        self._kept: OrderedDict[int, _Numbered] = OrderedDict()
        self._asked = False

    @answered_by_second
    async def story(self, library: int, article: Article) -> Telling:
        """The story of ``article`` in what ``library`` sees; of itself alone where it is not, or no longer, there."""
        self._asked = True
        catalogue = await self._indexes.catalogue(library)
        placed = catalogue.placed(article.id)
        if placed is None:
            return tell([article], _rarity(catalogue))
        search, read, wanted = _Search(catalogue, article.id), {article.id: article}, [placed]
        while wanted:
            kept = self._kept_of(catalogue, wanted)
            missing = [one for one in wanted if one.article_id not in kept]
            unread = [one.article_id for one in missing if one.article_id not in read]
            read |= await self._corpus.articles.get(unread) if unread else {}
            # The bags of several articles take longer than a question should wait for.
            in_thread = self._indexes.think if len(missing) < 2 else asyncio.to_thread
            wanted = await in_thread(search.go_on, list(kept.values()), missing, read)
            self._keep(search.pool)
        unread = [one for one in search.story if one not in read]
        read |= await self._corpus.articles.get(unread) if unread else {}
        found = [read[one] for one in search.story if one in read]
        rarity = _rarity(catalogue)
        return tell(found, rarity) if len(found) == 1 else await asyncio.to_thread(tell, found, rarity)

    async def stories(self, library: int) -> list[Telling]:
        """Every story of what ``library`` sees, that of most sources first: what `story` says of each article."""
        catalogue = await self._indexes.catalogue(library)
        articles = {article.id: article for article in await self._corpus.articles.visible(library)}
        placed = [one for one in map(catalogue.placed, articles) if one is not None]
        every = list((await self._numbered(catalogue, placed, articles)).values())
        rarity = _rarity(catalogue)

        def told() -> list[Telling]:
            every.sort(key=lambda one: one.bag.order)
            stories = _grouped(catalogue, every)
            return sorted((tell([articles[one] for one in ids], rarity) for ids in stories), key=told_first)

        return await asyncio.to_thread(told) if every else []

    def tidy(self) -> None:
        """Forget the bags if nobody has asked for a story since the last time."""
        if not self._asked:
            self._kept.clear()
        self._asked = False

    async def _numbered(
        self, catalogue: Catalogue, wanted: Sequence[Placed], known: Mapping[int, Article]
    ) -> dict[int, _Numbered]:
        """The bags of these articles, from memory where they are there, by row id; without what is gone by now."""
        found = self._kept_of(catalogue, wanted)
        missing = [one for one in wanted if one.article_id not in found]
        if missing:
            unread = [one.article_id for one in missing if one.article_id not in known]
            texts = {**known, **(await self._corpus.articles.get(unread) if unread else {})}
            made = await asyncio.to_thread(_made, catalogue, missing, texts)
            found.update((one.placed.article_id, one) for one in made)
        self._keep(found)
        return found

    def _kept_of(self, catalogue: Catalogue, wanted: Iterable[Placed]) -> dict[int, _Numbered]:
        """The bags of these articles that are in memory, by row id."""
        return {
            placed.article_id: replace(self._kept[placed.article_id], placed=placed)
            for placed in wanted
            if self._is_kept(catalogue, placed)
        }

    def _keep(self, found: Mapping[int, _Numbered]) -> None:
        for row, one in found.items():
            self._kept[row] = one
            self._kept.move_to_end(row)
        while len(self._kept) > _MOST_KEPT:
            self._kept.popitem(last=False)

    def _is_kept(self, catalogue: Catalogue, placed: Placed) -> bool:
        """Whether a bag is in memory that is still of this text and this vocabulary: the database may be another."""
        kept = self._kept.get(placed.article_id)
        return (
            kept is not None and kept.placed == placed and kept.vocabulary is catalogue.shelves[placed.shelf].vocabulary
        )


class _Search:
    """The way from an article to all that pairs alike enough connect it with, as far as it takes no text to be read."""

    def __init__(self, catalogue: Catalogue, article_id: int) -> None:
        self.pool: dict[int, _Numbered] = {}
        self.story: list[int] = []
        """When the search is over, the row ids of the articles on the event, the most typical first."""
        self._catalogue = catalogue
        self._article_id = article_id
        self._followed: set[int] = set()
        self._rounds = 0

    def go_on(self, kept: Iterable[_Numbered], missing: Iterable[Placed], texts: Mapping[int, Article]) -> list[Placed]:
        """Take in what was wanted, by bag or by text, and say which articles are wanted next: none at the end."""
        self.pool |= {one.placed.article_id: one for one in (*kept, *_made(self._catalogue, missing, texts))}
        reached = self._reached()
        while following := self._following(reached):
            self._rounds += 1
            self._followed.update(one.placed.article_id for one in following)
            near = [one for one in _nearest(self._catalogue, following) if one.article_id not in self.pool]
            if near:
                return near
        grouped = _grouped(self._catalogue, reached) if len(reached) > 1 else [[self._article_id]]
        self.story = next(ids for ids in grouped if self._article_id in ids)
        return []

    def _following(self, reached: Iterable[_Numbered]) -> list[_Numbered]:
        if self._rounds == _ROUNDS:
            return []
        return [one for one in reached if one.placed.article_id not in self._followed][:_MOST_FOLLOWED]

    def _reached(self) -> list[_Numbered]:
        """What pairs that are alike enough connect with the article, in the order of what it says."""
        if len(self.pool) == 1:
            return list(self.pool.values())
        pool = sorted(self.pool.values(), key=lambda one: one.bag.order)
        bags = [one.bag for one in pool]
        vectors, joined = _vectors(self._catalogue, pool), joined_by(copied([one.shingles for one in bags]))
        start = next(place for place, one in enumerate(bags) if one.article_id == self._article_id)
        return [pool[place] for place in sorted(connected(start, lambda at: neighbours(bags, vectors, joined, at)))]


def _made(catalogue: Catalogue, missing: Iterable[Placed], texts: Mapping[int, Article]) -> list[_Numbered]:
    made = []
    for placed in missing:
        if article := texts.get(placed.article_id):
            found = bag(article)
            ids = catalogue.numbered(placed.shelf, found.terms)
            made.append(_Numbered(placed, found, catalogue.shelves[placed.shelf].vocabulary, ids))
    return made


def _rarity(catalogue: Catalogue) -> Rarity:
    return rarity_of(catalogue.article_frequency, catalogue.size)


def _idf(catalogue: Catalogue, one: _Numbered) -> tuple[Ints, Floats]:
    """The numbers of a bag's terms and their idf; what search leaves out, such as bylines, weighs nothing here too."""
    numbers, frequencies = catalogue.counted(one.placed.shelf, one.ids)
    return numbers, np.where(frequencies > 0, idf_of(frequencies, catalogue.size), 0.0)


def _nearest(catalogue: Catalogue, following: Iterable[_Numbered]) -> list[Placed]:
    """The articles nearest to each of those that are followed, by the heaviest of its terms; each once."""
    near: dict[int, Placed] = {}
    for one in following:
        _, idf = _idf(catalogue, one)
        weights = ((1 - LEAD_SHARE) * one.bag.text + LEAD_SHARE * one.bag.lead) * idf
        heaviest = np.argsort(-weights, kind="stable")[:_ASKED_TERMS].tolist()
        asked = {one.bag.terms[at]: float(weights[at]) for at in heaviest if weights[at] > 0}
        found = catalogue.near(one.placed, asked, _days(one.bag.published), NEAREST, least=NEAR_ENOUGH)
        near |= {placed.article_id: placed for placed in found}
    return list(near.values())


def _days(published: PartialDate | None) -> tuple[date, date] | None:
    """The days on which an article on the same event may be; None for any."""
    if published is None:
        return None
    apart = timedelta(days=DAYS_APART)
    first, last = published.first_day, published.last_day
    return (
        first - apart if first > date.min + apart else date.min,
        last + apart if last < date.max - apart else date.max,
    )


def _vectors(catalogue: Catalogue, pool: Sequence[_Numbered]) -> Vectors:
    numbers, idfs = zip(*(_idf(catalogue, one) for one in pool), strict=True)
    _, columns = np.unique(np.concatenate(numbers), return_inverse=True)
    idf = np.concatenate(idfs)
    return Vectors(columns, idf, idf, [one.bag for one in pool])


def _grouped(catalogue: Catalogue, ordered: Sequence[_Numbered]) -> list[list[int]]:
    """The row ids of these articles, which are in the order of what they say, by story, the most typical first."""
    bags = [one.bag for one in ordered]
    return [[bags[place].article_id for place in story] for story in gather(bags, _vectors(catalogue, ordered))]
