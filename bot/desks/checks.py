"""Checking a text against the library: what `/check` and `newsdesk check` ask. It knows nothing of Discord.

    text -> claims -> (index) seeds -> (corpus) texts and speech -> `Checks`

No more texts are read than may hold a claim, and the work on them is done in a thread of its own, so that nobody waits
for it who has asked something else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple, TypeVar

from bot.corpus import Corpus
from bot.desks.indexes import Indexes
from bot.errors import Refused
from bot.language.normal import clean
from bot.language.tokens import terms
from bot.model import SHARED, Kind, Passage, Quote, Speech, SpeechKind
from bot.search.catalogue import Catalogue
from bot.search.checks import Checked, Checks, Place, judge, known_speaker, places
from bot.search.claims import MOST_CHARS, MOST_CLAIMS, Claim, claims_in

_Named = TypeVar("_Named", Claim, Speech)


class _Seeded(NamedTuple):
    """A claim, what each of its words says about where it stands, and the row ids of articles that may hold it."""

    claim: Claim
    rarity: Mapping[str, float]
    article_ids: list[int]
    is_complete: bool


async def check(corpus: Corpus, indexes: Indexes, library: int, text: str) -> Checks:
    """Each quotation of ``text``, or the whole of it, against all that ``library`` sees.

    Raises `Refused` for a text without a word, `CorpusError`.
    """
    typed = clean(text[:MOST_CHARS])
    claims = await asyncio.to_thread(claims_in, typed)
    if not claims:
        raise Refused("There is nothing to check: give the words that are said to have been said.")
    catalogue, aliases = await indexes.catalogue(library), await corpus.aliases.all(library)
    known = [_called(claim, aliases) for claim in claims[:MOST_CLAIMS]]
    checked = [await _checked(corpus, indexes, library, typed, catalogue, claim, aliases) for claim in known]
    return Checks(tuple(checked), len(claims) - len(checked))


async def _checked(
    corpus: Corpus,
    indexes: Indexes,
    library: int,
    typed: str,
    catalogue: Catalogue,
    claim: Claim,
    aliases: Mapping[str, str],
) -> Checked:
    seeded = await indexes.think(_seeded, catalogue, claim)
    read = await corpus.articles.get(seeded.article_ids)
    articles = [read[id_] for id_ in seeded.article_ids if id_ in read and read[id_].library in (SHARED, library)]
    found = await asyncio.to_thread(places, typed, claim, seeded.rarity, articles)
    said = await corpus.speeches.within(library, [(place.article.id, place.span) for place in found]) if found else {}
    said = {id_: [_called(one, aliases) for one in speeches] for id_, speeches in said.items()}
    return judge(typed, claim, found, said, _quote, is_complete=seeded.is_complete)


def _called(named: _Named, aliases: Mapping[str, str]) -> _Named:
    """The same with the person's name for one that admins have joined to a person."""
    return named if named.speaker is None else replace(named, speaker=aliases.get(named.speaker, named.speaker))


def _seeded(catalogue: Catalogue, claim: Claim) -> _Seeded:
    term_of = {word.term: found[0] for word in claim.words if (found := terms(word.term))}
    known = catalogue.rarities(set(term_of.values()))
    ids, is_complete = catalogue.seeds(known)
    return _Seeded(claim, {word: known[term] for word, term in term_of.items()}, ids, is_complete)


def _quote(place: Place, speech: Speech | None) -> Quote:
    kind = Kind.ANSWER if speech is not None and speech.kind is SpeechKind.TURN else Kind.PROSE
    passage = Passage(place.span, kind, known_speaker(speech))
    return Quote(place.article, passage, place.score, place.differences.parts)
