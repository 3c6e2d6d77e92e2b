"""What admins do to articles that are there: edit what is said of one, revise its text, bring one back, purge one, and
ask what was done. `Newsdesk.editing`; it knows nothing of Discord.

    new text -> prepared as any article's -> its quotations against those of the text before -> corpus.revisions
    what was removed -> thirty days -> corpus.removals -> nothing is left to read
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.corpus import Corpus, Event, Prepared, Removed
from bot.desks.indexes import Indexes
from bot.errors import CorpusError, NotFound, Refused
from bot.model import Article, Document, Facts, parse_ref
from bot.reading.fields import MAX_AUTHORS, MAX_NAME_CHARS, split_names
from bot.reading.metadata import title_of
from bot.search.revisions import Revised, compare

_log = logging.getLogger(__name__)

KEEP_REMOVED: Final = timedelta(days=30)
"""For so long a removed article can be brought back, and a digest that quoted a revised one be corrected."""
EVENTS_A_PAGE: Final = 10


@dataclass(frozen=True, slots=True)
class Revision:
    """A text for an article and what it does to the article's quotations, before it is stored."""

    article: Article
    prepared: Prepared
    revised: Revised


class Editing:
    """Methods take the ``library`` of whoever asks: only what is its own is changed. They raise `CorpusError`."""

    def __init__(
        self,
        corpus: Corpus,
        indexes: Indexes,
        now: Callable[[], datetime],
        prepare: Callable[[Document], Prepared],
    ) -> None:
        self._corpus = corpus
        self._indexes = indexes
        self._now = now
        self._prepare = prepare
        self._unwiped = False

    # Editing

    async def edit(self, article: Article, facts: Facts, *, by: int | None) -> Article:
        """Say something else of an article. Raises `Refused`, `Overtaken`."""
        made = await asyncio.to_thread(self._prepare, _document(article, facts, article.text))
        edited = await self._corpus.revisions.edit(article, made, by=by, now=self._now())
        _log.info("article %s of library %d was edited", article.ref, article.library)
        return edited

    # Revising

    async def compare(self, article: Article, text: str) -> Revision:
        """What ``text`` would do to an article's quotations. Raises `Refused` for an empty one."""
        said = (await self._corpus.speeches.of(article.library, [article.id])).get(article.id, [])

        def made() -> Revision:
            prepared = self._prepare(_document(article, Facts.of(article), text))
            stored, said_there = prepared.document.text, prepared.analysis.speeches
            return Revision(article, prepared, compare(article.text, said, stored, said_there))

        return await asyncio.to_thread(made)

    async def revise(self, revision: Revision, *, by: int | None) -> Article:
        """Put the new text in the place of the old one. Raises `Refused`, `Overtaken`."""
        revised, before = revision.revised, revision.article
        details = {
            "words": [before.words, revision.prepared.words],
            "quotations": [len(revised.added), len(revised.removed), len(revised.changed)],
        }
        same = [(one.span, other.span) for one, other in revised.same]
        article = await self._corpus.revisions.revise(
            before, revision.prepared, same, by=by, now=self._now(), details=details
        )
        _log.info("article %s of library %d was revised", article.ref, article.library)
        return article

    async def last_revision(self, library: int, row_id: int) -> tuple[Article, Article, Revised]:
        """What the latest revision of an article did: the article before, as it is now, and its quotations.

        ``row_id`` is that of the text it has. Raises `Refused` where it has another by now.
        """
        after = (await self._corpus.articles.get([row_id])).get(row_id)
        earlier = await self._corpus.revisions.earlier(after, most=1) if after and after.library == library else []
        if after is None or not earlier:
            raise Refused("This article was revised again or removed since: nothing was posted.")
        said = (await self._corpus.speeches.of(library, [row_id])).get(row_id, [])
        before = earlier[0]
        revised = await asyncio.to_thread(compare, before.article.text, before.speeches, after.text, said)
        return before.article, after, revised

    # Removing

    async def removed(self, library: int) -> list[Removed]:
        """What can be brought back, the latest first."""
        return await self._corpus.removals.list(library, self._now() - KEEP_REMOVED)

    async def restore(self, library: int, ref: str, *, by: int | None) -> Article:
        """Bring back what was removed, by its id. Raises `NotFound`."""
        place = parse_ref(ref, library)
        restored = None
        if place and place[0] == library:
            since = self._now() - KEEP_REMOVED
            restored = await self._corpus.articles.restore(*place, by=by, now=self._now(), since=since)
        if restored is None:
            raise NotFound(
                "This article can no longer be brought back: it was not removed, or not within the last "
                f"{KEEP_REMOVED.days} days; add it again with /article add."
            )
        return restored

    async def purge(self, library: int, number: int, *, by: int | None) -> bool:
        """Make an article unreadable for good, removed or not. Raises `NotFound`.

        False where the last traces in the file can only be overwritten later: `tidy` tries again.
        """
        if not await self._corpus.removals.purge(library, number, by=by, now=self._now()):
            raise NotFound(f"There is no article {number} to purge: it may have been purged already.")
        _log.info("article %d of library %d was purged", number, library)
        return await self._forget([library])

    async def purge_removed(self) -> None:
        """Purge what was removed more than `KEEP_REMOVED` ago, and forget digests that old."""
        before = self._now() - KEEP_REMOVED
        purged = await self._corpus.removals.purge_removed(before, now=self._now())
        if digests := await self._corpus.removals.forget_digests(before):
            _log.info("forgot the text of %d old digests", digests)
        if purged:
            _log.info("purged %d articles of %d libraries", sum(purged.values()), len(purged))
            await self._forget(purged)

    async def tidy(self) -> None:
        """Try again to overwrite the traces of a purge where that was not possible."""
        if self._unwiped:
            await self._forget([])

    async def _forget(self, libraries: Collection[int]) -> bool:
        """Let nothing of what is purged stay in memory, in snapshots or between the rows; False where it must wait."""
        for library in libraries:
            await self._indexes.forget(library)
        try:
            await self._corpus.removals.wipe()
        except CorpusError as error:
            self._unwiped = True
            _log.warning("traces of what was purged are still in the database, trying again later: %s", error)
        else:
            self._unwiped = False
        return not self._unwiped

    # History

    async def history(self, library: int, number: int, page: int) -> tuple[list[Event], int]:
        """A page (from 0) of what was done to an article, the newest first, and how many events there are."""
        limit, offset = EVENTS_A_PAGE, page * EVENTS_A_PAGE
        return await self._corpus.audit.of_article(library, number, limit=limit, offset=offset)


def authors_typed(typed: str) -> tuple[str, ...]:
    """The names in what was typed. Raises `Refused` for too many."""
    names = split_names(typed)
    if len(names) > MAX_AUTHORS or any(len(name) > MAX_NAME_CHARS for name in names):
        raise Refused(f"There may be {MAX_AUTHORS} authors, of {MAX_NAME_CHARS} characters each: leave some out.")
    return names


def _document(article: Article, facts: Facts, text: str) -> Document:
    """The document that would make this article."""
    return Document(
        name=f"article {article.ref}",
        title=facts.title,
        text=text,
        outlet=facts.outlet,
        authors=facts.authors,
        url=facts.url,
        published=facts.published,
        source_id=article.source_id,
        title_in_text=title_of(text) == facts.title,
    )
