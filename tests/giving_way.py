"""Transactions on PostgreSQL that have to give way: what a busy server does now and then, here done to every write.

The refusals are the server's own, with its codes: a statement raises one in place of the statement that was to be run,
or of the commit.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import Executable, text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.util import await_only

from bot.corpus import postgresql
from bot.corpus.postgresql_database import PostgresqlDatabase

CODES = ("40001", "40P01")
_RAISE = "DO $$ BEGIN RAISE EXCEPTION 'refused by a test' USING ERRCODE = '{code}'; END $$"


@dataclass
class Refusals:
    """At which statements a write is refused: one is drawn for each, or, of ``points``, each in turn at one attempt."""

    draw: random.Random
    points: Sequence[int] = ()
    made: list[tuple[str, int]] = field(default_factory=list)
    """The code and the statement of every refusal; -1 is the commit."""


@dataclass
class _Attempt:
    """One try of a write: ``left`` statements are let through. None: all of them, and the commit."""

    of: Refusals
    left: int | None
    code: str
    number: int = 0
    reached_its_end: bool = False

    def refused(self, *, commits: bool = False) -> str | None:
        """The statement to run instead, where it is this one's turn."""
        if self.left is None or not (commits or self.number == self.left):
            self.number += 1
            return None
        self.of.made.append((self.code, -1 if commits else self.number))
        self.left, self.reached_its_end = None, commits
        return _RAISE.format(code=self.code)


_attempt: ContextVar[_Attempt | None] = ContextVar("attempt", default=None)


@contextmanager
def giving_way(patch: pytest.MonkeyPatch, refusals: Refusals) -> Iterator[Refusals]:  # noqa: C901 - five small ones
    """Refuse every write that can be repeated, until the block ends."""
    repeat, execute, say = PostgresqlDatabase.repeat, postgresql._OnServer.execute, postgresql._say
    fetch, run_all = postgresql.Raw.fetch, postgresql.Raw.run_all

    async def repeated(self: PostgresqlDatabase, work: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
        points = list(refusals.points) or [refusals.draw.randrange(12)]

        async def tried() -> Any:
            left = points.pop(0) if points else None
            attempt = _Attempt(refusals, left, refusals.draw.choice(CODES))
            token = _attempt.set(attempt)
            try:
                return await work()
            finally:
                _attempt.reset(token)
                if attempt.reached_its_end:
                    points.clear()  # there is no statement further on

        return await repeat(self, tried)

    async def executed(self: Any, statement: Executable, parameters: Any = None) -> Any:
        attempt = _attempt.get()
        if attempt is not None and self.begin == postgresql.WRITE and (refusal := attempt.refused()):
            statement, parameters = text(refusal), None
        return await execute(self, statement, parameters)

    async def said(connection: AsyncConnection, statement: str) -> None:  # only writes are committed
        attempt = _attempt.get()
        if attempt is not None and statement == "COMMIT" and (refusal := attempt.refused(commits=True)):
            driver = await postgresql.driver_of(connection)
            try:
                await driver.execute(refusal)
            finally:
                await driver.execute("ROLLBACK")  # as a server that refuses to commit
        await say(connection, statement)

    def fetched(self: Any, statement: str, values: Sequence[Any]) -> Any:
        attempt = _attempt.get()
        if attempt is not None and (refusal := attempt.refused()):
            await_only(self._driver.execute(refusal))
        return fetch(self, statement, values)

    def run(self: Any, statement: str, values: Sequence[Sequence[Any]]) -> None:
        attempt = _attempt.get()
        if attempt is not None and (refusal := attempt.refused()):
            await_only(self._driver.execute(refusal))
        run_all(self, statement, values)

    with patch.context() as patched:
        patched.setattr(PostgresqlDatabase, "repeat", repeated)
        patched.setattr(postgresql._OnServer, "execute", executed)
        patched.setattr(postgresql, "_say", said)
        patched.setattr(postgresql.Raw, "fetch", fetched)
        patched.setattr(postgresql.Raw, "run_all", run)
        yield refusals
