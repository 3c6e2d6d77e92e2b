"""Connections to a server that may be lost: taken from the host that answers, given up together, closed in time.

    pool -> `connect` -> the host that can be written to, of several the one that did so last
    pool -> `Connections` -> whatever was open when one of them was lost is not used again

A host that is switched off, or a network that swallows everything, says nothing. So nothing here waits for longer than
it says, and what one connection has found out no other one has to find out again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.util import await_only
from sqlalchemy.util.concurrency import in_greenlet

CLOSE_SECONDS: Final = 1.0
_POOL: Final = "newsdesk's connections"  # in what SQLAlchemy keeps beside a connection
_ROUND: Final = "newsdesk's round"


class Connections:
    """Those of one engine's pool."""

    def __init__(self) -> None:
        self._round = 0

    @classmethod
    def watch(cls, engine: AsyncEngine) -> None:
        """See from now on to the connections of ``engine``."""
        made, of = cls(), engine.sync_engine
        event.listen(of, "connect", made._connected)
        event.listen(of, "checkout", made._taken)
        event.listen(of, "close", made._closing)

    @staticmethod
    async def give_up(connection: AsyncConnection) -> None:
        """Use this one no more, nor any that was open with it: they go the same way, and one may be lost unnoticed."""
        raw = await connection.get_raw_connection()
        driver: Any = raw.driver_connection
        pool: Connections = raw.info[_POOL]
        if raw.info[_ROUND] == pool._round:
            pool._round += 1
        driver.terminate()
        await connection.invalidate()

    def _connected(self, _: Any, record: Any) -> None:
        record.info.update({_POOL: self, _ROUND: self._round})

    def _taken(self, connection: Any, record: Any, _: Any) -> None:
        driver = connection.driver_connection
        if record.info[_ROUND] < self._round:
            driver.terminate()
        if driver.is_closed():
            raise DisconnectionError

    def _closing(self, connection: Any, record: Any) -> None:
        """Take leave, which a server that is there answers at once; SQLAlchemy would wait for the answer for long."""
        driver = connection.driver_connection
        if record.info.get(_ROUND, 0) == self._round and in_greenlet():
            try:
                await_only(driver.close(timeout=CLOSE_SECONDS))
            except Exception:  # noqa: BLE001 - whatever it was, it is closed by force
                self._round += 1
        driver.terminate()


class Hosts:
    """The servers that one address names, in the order in which they are tried."""

    def __init__(self) -> None:
        self._order: list[tuple[Any, Any]] = []

    async def connect(self, **how: Any) -> Any:
        """A connection of asyncpg's, which tries several hosts itself, but gives all its time to a silent first one.

        Raises what asyncpg raises.
        """
        from asyncpg import connect  # noqa: PLC0415 - it is an extra

        hosts, ports = how.get("host"), how.get("port")
        if not isinstance(hosts, list) or not isinstance(ports, list):
            return await connect(**how)
        if not self._order:
            self._order = list(zip(hosts, ports, strict=True))
        faults: list[Exception] = []
        for host, port in list(self._order):
            each = {**how, "host": host, "port": port, "timeout": how["timeout"] / len(self._order)}
            try:
                made = await connect(**each)
            except Exception as error:  # noqa: BLE001 - one of them may have no such database, and the next one has
                faults.append(error)
            else:
                self._order.remove((host, port))
                self._order.insert(0, (host, port))
                return made
        raise _most_telling(faults)


def _most_telling(faults: Sequence[Exception]) -> Exception:
    """What a server said, rather than that another one said nothing."""
    return next((one for one in faults if getattr(one, "sqlstate", None)), faults[0])
