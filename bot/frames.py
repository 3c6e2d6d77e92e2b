"""Messages between two of our processes over a pipe: each a pickle behind its length.

The pipe has one reader and one writer, both of this program, so that a pickle is as safe as a call.
"""

from __future__ import annotations

import pickle
from struct import Struct
from typing import Any, Final

_LENGTH: Final = Struct("!I")


def packed(message: Any) -> bytes:
    """``message`` as it goes over the pipe. Raises what pickling it raises."""
    body = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    return _LENGTH.pack(len(body)) + body


class Frames:
    """The messages in what a pipe has given so far, which may end in the middle of one."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def feed(self, data: bytes) -> list[Any]:
        """The messages that ``data`` completes, in order."""
        self._waiting += data
        messages, start = [], 0
        with memoryview(self._waiting) as view:
            while len(view) >= start + _LENGTH.size:
                (length,) = _LENGTH.unpack_from(view, start)
                body = start + _LENGTH.size
                if len(view) < body + length:
                    break
                messages.append(pickle.loads(view[body : body + length]))  # noqa: S301 - of our own process
                start = body + length
        del self._waiting[:start]
        return messages
