"""What a question needs of the corpus, read at one moment and in one trip: `Corpus.look`."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from bot.corpus import parts
from bot.corpus.articles import by_id
from bot.corpus.changes import revisions
from bot.corpus.corrections import are_any
from bot.corpus.fixed import Raw
from bot.corpus.small import Whole, whole
from bot.model import Article, Passage, Span, Speech


class View:
    """The corpus at one moment, in the thread of the look and until it ends. What it gives may be kept."""

    def __init__(self, connection: Raw) -> None:
        self._connection = connection
        self._corrected: dict[int, bool] = {}

    def revisions(self, libraries: Sequence[int]) -> dict[int, tuple[int, int]]:
        """As `LibraryChanges.revisions`."""
        return revisions(self._connection, libraries)

    def whole(self, library: int) -> Whole | None:
        """As `small.whole`."""
        found = whole(self._connection, library)
        if found is not None:
            self._corrected[library] = False
        return found

    def articles(self, ids: Collection[int]) -> dict[int, Article]:
        """As `Articles.get`."""
        return by_id(self._connection, ids)

    def is_corrected(self, reader: int) -> bool:
        """Whether anything that ``reader`` sees may be corrected: what follows is as it was read in the texts."""
        if reader not in self._corrected:
            self._corrected[reader] = are_any(self._connection, reader)
        return self._corrected[reader]

    def passages(self, places: Collection[tuple[int, int]]) -> dict[tuple[int, int], Passage]:
        """Passages by the row id of their article and their position in it."""
        return parts.passages_at(self._connection, places)

    def said(self, places: Collection[tuple[int, Span]]) -> dict[int, list[Speech]]:
        """As `Speeches.within`."""
        return parts.speeches_within(self._connection, places)
