"""What a question needs of the corpus, read at one moment and in one trip: `Corpus.look`."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from bot.corpus import parts
from bot.corpus.articles import by_id
from bot.corpus.changes import revisions, whole
from bot.corpus.corrections import are_any
from bot.corpus.fixed import Raw
from bot.model import Article, Passage, Span, Speech
from bot.tallies import Changes


class View:
    """The corpus at one moment, in the thread of the look and until it ends. What it gives may be kept."""

    def __init__(self, connection: Raw) -> None:
        self._connection = connection

    def revisions(self, libraries: Sequence[int]) -> dict[int, tuple[int, int]]:
        """As `LibraryChanges.revisions`."""
        return revisions(self._connection, libraries)

    def whole(self, library: int) -> Changes | None:
        """As `changes.whole`."""
        return whole(self._connection, library)

    def articles(self, ids: Collection[int]) -> dict[int, Article]:
        """As `Articles.get`."""
        return by_id(self._connection, ids)

    def is_corrected(self, reader: int) -> bool:
        """Whether anything that ``reader`` sees may be corrected: what follows is as it was read in the texts."""
        return are_any(self._connection, reader)

    def passages(self, places: Collection[tuple[int, int]]) -> dict[tuple[int, int], Passage]:
        """Passages by the row id of their article and their position in it."""
        return parts.passages_at(self._connection, places)

    def said(self, places: Collection[tuple[int, Span]]) -> dict[int, list[Speech]]:
        """As `Speeches.within`."""
        return parts.speeches_within(self._connection, places)
