"""A socket that takes in little at a time, and no more in all than it is allowed: what the gate of fetching hands out.

An HTTP parser goes through all it is given before anything else in the bot has its turn. asyncio gives it 256 KiB: ten
thousand times "100 Continue", say, which held the loop for 140 ms. And such answers, or a chunk's trailers, may go on
for as long as the deadline lets them, though no body ever grows.
"""

from __future__ import annotations

import socket
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

RECEIVE_BYTES = 1 << 14


@dataclass(slots=True)
class Allowance:
    """What the sockets of one request may still take in."""

    left_bytes: int

    @classmethod
    def begin(cls, count: int) -> Self:
        """An allowance for the sockets that this task, and those it starts, make from now on."""
        allowance = cls(count)
        _current.set(allowance)
        return allowance


_current: ContextVar[Allowance] = ContextVar("allowance")


class MeasuredSocket(socket.socket):
    """Raises `ConnectionAbortedError` once its `Allowance` is used up."""

    __slots__ = ("_allowance",)

    def __init__(self, family: int, kind: int, protocol: int) -> None:
        super().__init__(family, kind, protocol)
        self._allowance = _current.get()

    def recv(self, size: int, flags: int = 0, /) -> bytes:
        """As of any socket, but less."""
        data = super().recv(min(size, RECEIVE_BYTES), flags)
        self._take(len(data))
        return data

    def recv_into(self, buffer: WriteableBuffer, size: int = 0, flags: int = 0) -> int:
        """As of any socket, but less; TLS is read by this."""
        view = memoryview(buffer)
        count = super().recv_into(view, min(size or view.nbytes, RECEIVE_BYTES), flags)
        self._take(count)
        return count

    def _take(self, count: int) -> None:
        self._allowance.left_bytes -= count
        if self._allowance.left_bytes < 0:
            raise ConnectionAbortedError
