"""Who said what, as people ask it: the people of a library, what one of them said, one quotation by its id, and what
admins correct. `Newsdesk.spoken`; it knows nothing of Discord.

corpus.speeches, corpus.aliases -> language.people -> editions.statements -> a `Record`
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Final

from bot.corpus import Corpus, Undone
from bot.corrections import Correction
from bot.dates import PartialDate
from bot.desks.indexes import Indexes
from bot.desks.keeping import Kept
from bot.desks.second import Second, answered_by_second
from bot.editions.statements import Record, about, between, record
from bot.errors import NotFound, Refused
from bot.language.names import full_names
from bot.language.passages import said_in, speaker_of
from bot.language.people import people
from bot.language.sentences import sentences
from bot.language.tokens import terms
from bot.model import Article, Kind, Passage, Person, Quote, Span, Speech, Statement
from bot.quote_ids import QuoteId, parse_quote_id, quote_id
from bot.search.catalogue import Catalogue
from bot.search.names import name_key, named_by
from bot.search.query import Query

_RECALLED_SENTENCES: Final = 12  # as many as a quotation can be long; a passage has three
_RECALLED_CHARS: Final = 8_000
MOST_NAME_CHARS: Final = 100


@dataclass(frozen=True, slots=True)
class Corrected:
    """A correction that was made, and what it replaced: what undoing it needs."""

    article: Article
    made: Correction
    before: Undone


class Spoken:
    """Methods take the ``library`` of whoever asks, and raise `CorpusError` where the database cannot be used."""

    def __init__(self, corpus: Corpus, indexes: Indexes, now: Callable[[], datetime], second: Second) -> None:
        self._corpus = corpus
        self._second = second
        self._indexes = indexes
        self._now = now
        self._people = Kept[list[Person]]()

    # Questions

    async def people(self, library: int) -> list[Person]:
        """Everybody who is quoted in what ``library`` sees, most quoted first."""
        return await self._people.get(library, await self._corpus.changes.state(library), lambda: self._read(library))

    async def _read(self, library: int) -> list[Person]:
        uses = await self._corpus.speeches.names(library)
        told = await self._corpus.aliases.all(library)
        return await asyncio.to_thread(people, uses, told)

    @answered_by_second
    async def names(self, library: int, typed: str, limit: int) -> list[str]:
        """The first ``limit`` people with a name of which a word begins with each word typed, most quoted first."""
        fits = named_by(typed)
        found = (one.name for one in await self.people(library) if any(fits(name_key(name)) for name in one.names))
        return list(islice(found, limit))

    async def person(self, library: int, typed: str) -> Person:
        """The person of that name; of several whom a part of a name fits, the one quoted most. Raises `NotFound`."""
        known = await self.people(library)
        exact = name_key(typed)
        found = next((one for one in known if exact in map(name_key, (one.name, *one.names))), None)
        if found is None and exact:
            fits = named_by(typed)
            found = next((one for one in known if any(fits(name_key(name)) for name in one.names)), None)
        if found is None:
            shown = typed.strip()[:60]
            raise NotFound(f"Nobody called “{shown}” is quoted here: pick a name from the list as you type.")
        return found

    @answered_by_second
    async def record(self, library: int, name: str, asked: Query) -> Record:
        """What one person said, newest first, on what ``asked`` is about and within its days. Raises `NotFound`."""
        person = await self.person(library, name)
        said = await self._corpus.speeches.said_by(library, person.names)
        catalogue = await self._indexes.catalogue(library) if asked.terms else None
        made = await asyncio.to_thread(_record, person, said, asked, catalogue)
        if made is None:
            what = f" on “{asked.text[:60]}”" if asked.terms else ""
            when = " in that time" if asked.since or asked.until else ""
            raise NotFound(f"{person.name} is quoted here, but not{what}{when}: widen what you ask for.")
        return made

    async def with_names(self, library: int, query: Query) -> Query:
        """``query`` with all the names of the people whom an admin has given names that no rule would find."""
        if not query.speaker or not await self._corpus.aliases.all(library):
            return query
        fits = named_by(query.speaker)
        known = await self.people(library)
        joined = (one.names for one in known if any(fits(name_key(name)) for name in (one.name, *one.names)))
        return replace(query, speaker_keys=frozenset(name_key(name) for names in joined for name in names))

    async def of(self, library: int, article: Article) -> list[Speech]:
        """The speech of one article."""
        return (await self._corpus.speeches.of(library, [article.id])).get(article.id, [])

    async def recall(self, library: int, typed: str) -> Quote:
        """The quotation of an id (`bot.quote_ids`). Raises `NotFound`, also where the words have changed since.

        Words that stand elsewhere in the article since it was revised are found there.
        """
        wanted = parse_quote_id(typed, library)
        article = await self._corpus.articles.find(wanted.library, wanted.number) if wanted else None
        if wanted is None or article is None:
            shown = typed.strip()[:40]
            raise NotFound(f"There is no quotation “{shown}” here: its id stands on its card, such as q-s12-4h2k9x.")
        said = await self.of(library, article)
        passages = await self._corpus.articles.passages(library, article.id)
        span = _named(article, wanted, said, passages) or await self._moved(typed, article, wanted, said)
        return Quote(article, _passage(span, said, passages), 0.0, said=tuple(said_in(span, said)))

    async def _moved(self, typed: str, article: Article, wanted: QuoteId, said: Sequence[Speech]) -> Span:
        """Where the words of an id stand that was given before the article was revised. Raises `NotFound`."""
        shown = typed.strip()[:40]
        for earlier in await self._corpus.revisions.earlier(article):
            was = _named(earlier.article, wanted, earlier.speeches, earlier.passages)
            if was is None:
                continue
            found = _nearest(article.text, was, was.of(earlier.article.text), said)
            if found is None:
                day = PartialDate.of(earlier.until.date()).written
                raise NotFound(
                    f"Article {article.ref} was revised on {day}, and the words that {shown} named are no longer "
                    "in it: ask /quote for what it says now."
                )
            return found
        raise NotFound(f"The words that {shown} names are no longer in article {article.ref}.")

    # Changes

    async def correct(
        self, library: int, article: Article, span: Span, speaker: str | None, *, by: int | None
    ) -> Corrected:
        """Say for ``library`` who said the words at ``span``; None: the article does not say. Raises `Refused`."""
        name = None if speaker is None else " ".join(speaker.split())
        if name is not None and not 0 < len(name) <= MOST_NAME_CHARS:
            raise Refused(f"A name has 1 to {MOST_NAME_CHARS} characters: shorten it, or choose that nobody is named.")
        made = Correction(span, name)
        before = await self._corpus.corrections.add(
            library, article, made, subject=quote_id(article, span), by=by, now=self._now()
        )
        return Corrected(article, made, before)

    async def undo(self, library: int, corrected: Corrected, *, by: int | None) -> None:
        """Bring back what was there before a correction."""
        subject = quote_id(corrected.article, corrected.made.span)
        await self._corpus.corrections.undo(
            library, corrected.article, corrected.made, corrected.before, subject=subject, by=by, now=self._now()
        )

    async def candidates(self, library: int, article: Article) -> list[str]:
        """Names the article offers for its speech: who speaks in it first, then everybody it names in full."""
        said = await self.of(library, article)
        named = await asyncio.to_thread(full_names, article.text)
        return list(dict.fromkeys([*(one.speaker for one in said if one.speaker), *sorted(set(named.values()))]))

    async def join(self, library: int, name: str, person: str, *, by: int | None) -> Person:
        """Count all that is said under the names of one person as another's. Raises `NotFound`, `Refused`."""
        joined, into = await self.person(library, name), await self.person(library, person)
        if joined == into:
            raise Refused(f"{into.name} is one person already: {', '.join(into.names)}."[:300])
        for one in joined.names:
            await self._corpus.aliases.set(library, one, into.name, by=by, now=self._now())
        return await self.person(library, into.name)

    async def part(self, library: int, name: str, *, by: int | None) -> str:
        """Take one name out of its person, and leave it alone. Raises `NotFound` for a name nobody is quoted under."""
        known = {name_key(one): one for person in await self.people(library) for one in person.names}
        found = known.get(name_key(name))
        if found is None:
            shown = name.strip()[:60]
            raise NotFound(f"Nobody is quoted under the name “{shown}”: pick one from the list as you type.")
        await self._corpus.aliases.set(library, found, found, by=by, now=self._now())
        return found

    def tidy(self) -> None:
        """Forget what nobody has asked for since the last time."""
        self._people.tidy()


def _record(person: Person, said: Sequence[Statement], asked: Query, catalogue: Catalogue | None) -> Record | None:
    kept = between(said, asked.since, asked.until)
    if catalogue is not None:
        kept = about(kept, [_holding({term, *catalogue.spellings(term)}) for term in dict.fromkeys(asked.terms)])
    return record(person, kept) if kept else None


def _holding(wanted: set[str]) -> Callable[[str], bool]:
    return lambda text: not wanted.isdisjoint(terms(text))


def _named(article: Article, wanted: QuoteId, said: Sequence[Speech], passages: Sequence[Passage]) -> Span | None:
    """The span an id names, if the article still has it: speech, a passage, or whole sentences."""
    spans = (*(one.span for one in said), *(one.span for one in passages), *_from(article.text, wanted.start))
    return next((span for span in spans if span.start == wanted.start and wanted.names(span.of(article.text))), None)


def _nearest(text: str, was: Span, words: str, said: Sequence[Speech]) -> Span | None:
    """Where ``words`` stand in ``text``, as a quotation before as something else, the nearest to where they stood."""
    spans = [one.span for one in said if one.span.of(text) == words]
    spans = spans or [Span(*match.span()) for match in re.finditer(re.escape(words), text)]
    return min(spans, key=lambda span: abs(span.start - was.start), default=None)


def _from(text: str, start: int) -> Iterator[Span]:
    """The runs of sentences that begin at ``start``."""
    window = Span(start, min(len(text), start + _RECALLED_CHARS))
    for sentence in sentences(text, window)[:_RECALLED_SENTENCES] if start < len(text) else ():
        yield Span(start, sentence.end)


def _passage(span: Span, said: Sequence[Speech], passages: Sequence[Passage]) -> Passage:
    """The passage at ``span``: one that is stored, or one made of the passage it lies in."""
    around = next((one for one in passages if one.span == span), None) or next(
        (one for one in passages if one.span.start < span.end and span.start < one.span.end), None
    )
    if around is None:
        return Passage(span, Kind.PROSE)
    return Passage(span, around.kind, speaker_of(span, said), around.question)
