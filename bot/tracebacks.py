"""A traceback that may be logged: where it happened and what kind of fault it was, without what was being read.

The messages of some exceptions quote what the program was given: a ``KeyError`` the name of a speaker, a ``ValueError``
a line of an article, a `NewsdeskError` the words of a query. Of these only the kind is told; where it was raised stands
in the lines above it. What the system, the network, the database and Discord say is kept.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from typing import Final

from bot.errors import CorpusError, NewsdeskError, SettingsError

_QUOTING: Final = (LookupError, ValueError, AssertionError, NewsdeskError)
_HARMLESS: Final = (CorpusError, SettingsError)
_MOST_EXCEPTIONS = 20  # of a chain with its groups; a loop of causes ends there, too
_MOST_FRAMES = 40  # of one exception: the innermost


def kind(error: BaseException) -> str:
    """The exception's type as a traceback writes it: ``KeyError``, ``discord.errors.Forbidden``."""
    made = type(error)
    return made.__qualname__ if made.__module__ == "builtins" else f"{made.__module__}.{made.__qualname__}"


def lines(error: BaseException) -> list[str]:
    """The traceback of ``error``, of what caused it and of what a group holds, oldest first, line by line."""
    return list(_chain(error, [], ""))


def _chain(error: BaseException, seen: list[BaseException], indent: str) -> Iterator[str]:
    if len(seen) >= _MOST_EXCEPTIONS or any(error is one for one in seen):
        return
    seen.append(error)
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None:
        yield from _chain(before, seen, indent)
        yield f"{indent}{'which caused:' if error.__cause__ else 'and while that was handled:'}"
    frames = traceback.extract_tb(error.__traceback__)
    for frame in traceback.StackSummary.from_list(frames[-_MOST_FRAMES:]).format():
        yield from (indent + line for line in frame.rstrip("\n").split("\n"))
    yield indent + _told(error)
    if isinstance(error, BaseExceptionGroup):
        for number, one in enumerate(error.exceptions, 1):
            yield f"{indent}  {number} of {len(error.exceptions)}:"
            yield from _chain(one, seen, f"{indent}    ")


def _told(error: BaseException) -> str:
    if isinstance(error, _QUOTING) and not isinstance(error, _HARMLESS):
        return kind(error)
    try:
        said = str(error)
    except Exception:  # noqa: BLE001 - an exception of a library that cannot even say what it is
        said = ""
    return f"{kind(error)}: {said}" if said else kind(error)
