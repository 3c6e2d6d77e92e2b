"""The counts that search is made of: a sample of every library's articles, counted anew and scored with rank-bm25."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from typing import Final

from bot.corpus import Corpus, Sample
from bot.findings import Finding, careful, damage, ok, warning
from bot.language.counting import count
from bot.model import SHARED
from bot.search.index import Index, Part
from bot.search.reference import TOLERANCE, largest_difference
from bot.search.shelf import Shelf
from bot.tallies import Tally, unpack

SAMPLE_ARTICLES: Final = 300
_QUERIES = 25
_TERMS_A_QUERY = 4


async def examine_indexes(corpus: Corpus, chance: random.Random) -> AsyncIterator[Finding]:
    """A finding for each library that was ever written to. Raises `CorpusError`."""
    if outdated := await corpus.changes.outdated():
        said = f"{outdated} articles are read anew at the next start; what search counts can be examined after that."
        yield warning("libraries", said)
        return
    for library in await corpus.changes.libraries():
        about = "shared library" if library == SHARED else f"library {library}"
        async for finding in careful(about, _examine_library(corpus, library, about, chance)):
            yield finding


async def _examine_library(corpus: Corpus, library: int, about: str, chance: random.Random) -> AsyncIterator[Finding]:
    sample = await corpus.changes.sample(library, SAMPLE_ARTICLES, chance)
    yield await asyncio.to_thread(_examine_index, about, sample, chance)


def _examine_index(about: str, sample: Sample, chance: random.Random) -> Finding:
    """Count a sample of articles anew, and score it with the index and with rank-bm25."""
    counted = [count(one.title, one.text, one.passages) for one in sample.articles]
    terms = sample.terms
    stored = [_units(unpacked, terms) if (unpacked := _unpacked(one.filed.counts)) else [] for one in sample.articles]
    fresh = [_units(one.tally, dict(enumerate(one.terms))) for one in counted]
    wrong = sum(one != other for one, other in zip(stored, fresh, strict=True))
    if wrong:
        said = f"{wrong} of {len(stored)} articles are counted otherwise than they read: run `newsdesk reread`."
        return damage(about, said)
    difference = _difference(sample, fresh, chance)
    if difference > TOLERANCE:
        said = f"scores differ from rank-bm25's by {difference:.1g}: please report this with the version of Newsdesk."
        return damage(about, said)
    return ok(about, f"{len(stored)} articles are counted as they read, and score as with rank-bm25.")


def _unpacked(counts: bytes) -> Tally | None:
    try:
        return unpack(counts)
    except ValueError:
        return None


def _units(tally: Tally, terms: dict[int, str]) -> list[Counter[str]]:
    """What a tally counts, unit by unit; ids that mean no term count as "?"."""
    units, start = [], 0
    ids, frequencies = tally.terms.tolist(), tally.frequencies.tolist()
    for size in tally.sizes.tolist():
        here = slice(start, start + size)
        units.append(Counter({terms.get(i, "?"): n for i, n in zip(ids[here], frequencies[here], strict=True)}))
        start += size
    return units


def _difference(sample: Sample, units: Sequence[Sequence[Counter[str]]], chance: random.Random) -> float:
    """The largest difference between the scores of an index of the sample and rank-bm25's."""
    shelf = Shelf.empty().after(sample.as_changes())
    documents = [list(unit.elements()) for passages in units for unit in passages[1:]]
    spoken = [document for document in documents if document]
    queries = [chance.choices(chance.choice(spoken), k=_TERMS_A_QUERY) for _ in range(_QUERIES if spoken else 0)]
    return largest_difference(Index([Part(shelf.vocabulary, shelf.passages)]), documents, queries)
