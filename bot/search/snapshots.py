"""Snapshots: a large shelf as a file, so that opening its library does not have to sort millions of postings again.

Only a cache. A snapshot is used where it was made of exactly the state the library is in, by this tokeniser and in this
format, and where every byte of it is as it was written (each array has its CRC-32); else it is as if there were none.
"""

from __future__ import annotations

import json
import logging
import zipfile
import zlib
from dataclasses import fields
from pathlib import Path
from typing import Any, Final

import numpy as np

from bot.language.tokens import TOKENISER_VERSION
from bot.search.postings import Postings
from bot.search.shelf import Cards, Names, Shelf
from bot.search.vectors import Chunk, Vectors
from bot.search.vocabulary import Sorted, Vocabulary
from bot.tallies import Ints

_log = logging.getLogger(__name__)

FORMAT: Final = 1
_DAMAGED = (zipfile.BadZipFile, zlib.error, ValueError, KeyError, EOFError, OSError, TypeError)


def save(path: Path, library: int, shelf: Shelf) -> None:
    """Write the shelf of ``library`` to ``path``, in place of what is there. Blocks; raises `OSError`."""
    shelf = shelf.compacted()
    shelf.vocabulary.settle()
    arrays: dict[str, Any] = {
        "about": _as_array(json.dumps(_about(library, shelf.revision, shelf.stamp)).encode()),
        "outlets": _as_array(json.dumps(shelf.outlets.all()).encode()),
        "speakers": _as_array(json.dumps(shelf.speakers.all()).encode()),
        "owners": shelf.owners,
        "speaking": shelf.speaking,
        **_packed("terms", shelf.vocabulary.terms),
        **_packed("names", shelf.vocabulary.names),
        **_packed("cards", shelf.cards),
        **_packed("articles", shelf.articles),
        **_packed("vectors", shelf.vectors.chunks[0]),
        **_packed("passages", shelf.passages),
    }
    unfinished = path.with_name(path.name + ".part")
    try:
        with unfinished.open("wb") as file:
            np.savez(file, **arrays)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def load(path: Path, library: int, revision: int, stamp: int) -> Shelf | None:
    """The shelf of ``library`` at this state; None where there is no such snapshot, or no sound one. Blocks."""
    if not path.exists():
        return None
    try:
        with np.load(path, allow_pickle=False) as arrays:
            if json.loads(arrays["about"].tobytes()) != _about(library, revision, stamp):
                return None
            return Shelf(
                revision=revision,
                stamp=stamp,
                vocabulary=Vocabulary(_unpacked(Sorted, "terms", arrays), _unpacked(Sorted, "names", arrays)),
                outlets=Names(json.loads(arrays["outlets"].tobytes())),
                speakers=Names(json.loads(arrays["speakers"].tobytes())),
                cards=_unpacked(Cards, "cards", arrays),
                articles=_unpacked(Postings, "articles", arrays),
                vectors=Vectors.of(_unpacked(Chunk, "vectors", arrays)),
                passages=_unpacked(Postings, "passages", arrays),
                owners=arrays["owners"],
                speaking=arrays["speaking"],
            )
    except _DAMAGED as error:
        _log.warning("the snapshot %s is damaged (%s): the index is built anew", path.name, type(error).__name__)
        return None


def _about(library: int, revision: int, stamp: int) -> dict[str, int]:
    versions = {"format": FORMAT, "tokeniser": TOKENISER_VERSION}
    return {**versions, "library": library, "revision": revision, "stamp": stamp}


def _packed(name: str, whole: Any) -> dict[str, Ints]:
    """The fields of a dataclass of arrays, bytes and whole numbers, as arrays by ``name.field``."""
    values = {field.name: getattr(whole, field.name) for field in fields(whole)}
    return {f"{name}.{part}": _as_array(value) for part, value in values.items()}


def _unpacked(kind: Any, name: str, arrays: Any) -> Any:
    """The inverse of `_packed`."""
    return kind(**{field.name: _as_field(field.type, arrays[f"{name}.{field.name}"]) for field in fields(kind)})


def _as_array(value: Any) -> Ints:
    return np.frombuffer(value, np.uint8) if isinstance(value, bytes) else np.asarray(value)


def _as_field(kind: Any, array: Ints) -> Any:
    if kind == "bytes":
        return array.tobytes()
    return int(array) if kind == "int" else array
