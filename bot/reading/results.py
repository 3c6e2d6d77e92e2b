"""What comes back from the child that parses documents, read without trusting it.

A result is pickled, as it is made of our own dataclasses; the unpickler makes those and plain data, and calls nothing
else, so that a parser a document has taken over cannot reach into the bot through its answer.
"""

from __future__ import annotations

import dataclasses
import io
import pickle
import sys
from datetime import UTC, date, datetime, time, timedelta, timezone
from enum import Enum

MAX_RESULT_BYTES = 8 << 20  # a text of a million characters is at most 4 MB

_PLAIN = {kind.__name__: kind for kind in (date, datetime, time, timedelta, timezone)} | {"UTC": UTC}


class NotAResult(Exception):
    """The bytes are no result of ours."""


def load(data: bytes) -> object:
    """The result in ``data``. Raises `NotAResult`."""
    try:
        return _Unpickler(io.BytesIO(data)).load()
    except Exception as error:  # pickle raises whatever the bytes lead to
        raise NotAResult from error


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> object:
        """Our dataclasses and enums, and dates; only from modules that are loaded already, so that nothing runs."""
        if module == "datetime" and name in _PLAIN:
            return _PLAIN[name]
        if module.startswith("bot.") and module in sys.modules and name.isidentifier():
            found = getattr(sys.modules[module], name, None)
            if isinstance(found, type) and found.__module__ == module and _is_data(found):
                return found
        raise NotAResult


def _is_data(kind: type) -> bool:
    return dataclasses.is_dataclass(kind) or issubclass(kind, Enum)
