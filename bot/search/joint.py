"""One numbering of terms over several vocabularies: what statistics over a server's own and the shared library need."""

from __future__ import annotations

import threading
from functools import cached_property

import numpy as np

from bot.search.vocabulary import Vocabulary
from bot.tallies import Ints


class Link:
    """The ids of one vocabulary as those of another: what statistics over both need. It grows as they do."""

    def __init__(self, first: Vocabulary, second: Vocabulary) -> None:
        self.joins = self._first, self._second = first, second
        self._ids = np.zeros(0, np.int32)
        self._seen = 0, 0
        self._turn = threading.Lock()

    def ids(self) -> Ints:
        """By id of the second vocabulary, the id in the first, or -1. Any thread may ask."""
        with self._turn:
            return self._extended()

    def _extended(self) -> Ints:
        of_first = dict(self._first.items(self._seen[0]))
        of_second = dict(self._second.items(self._seen[1]))
        ids = np.full(self._seen[1] + len(of_second), -1, np.int32)
        ids[: self._seen[1]] = self._ids
        for term in of_first.keys() & of_second.keys():
            ids[of_second[term]] = of_first[term]
        if self._seen != (0, 0):
            for term, number in of_first.items():
                if (id_ := self._second.id_of(term)) is not None:
                    ids[id_] = number
            for term, number in of_second.items():
                if (id_ := self._first.id_of(term)) is not None:
                    ids[number] = id_
        self._ids, self._seen = ids, (self._seen[0] + len(of_first), len(ids))
        return ids


class Joint:
    """One numbering of the terms of all parts: ``ids`` by part and id there; ``frequencies`` in living documents."""

    def __init__(self, ids: list[Ints], frequencies: Ints) -> None:
        self.ids, self.frequencies = ids, frequencies

    @cached_property
    def known(self) -> list[Ints]:
        """By part and joint id, the id in the part, or -1."""
        found = []
        for ids in self.ids:
            known = np.full(len(self.frequencies), -1)
            known[ids] = np.arange(len(ids))
            found.append(known)
        return found
