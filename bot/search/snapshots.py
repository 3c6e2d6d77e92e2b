"""Snapshots: a large shelf as a file, so that opening its library does not have to sort millions of postings again.

Only a cache. A snapshot is used where it was made of exactly the state the library is in, by this tokeniser and in this
format, and where every byte of it is as it was written; else it is as if there were none.

The file: one line of JSON (what it is of, and the arrays in it), a line with the CRC-32 of that line, and the arrays,
each as its bytes and their CRC-32.
"""

from __future__ import annotations

import json
import logging
import sys
import zlib
from dataclasses import fields
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np

from bot.language.analysis import ANALYSIS_VERSION
from bot.search.postings import Postings
from bot.search.shelf import Cards, Names, Shelf
from bot.search.vectors import Chunk, Vectors
from bot.search.vocabulary import Sorted, Vocabulary
from bot.tallies import Ints

_log = logging.getLogger(__name__)

FORMAT: Final = 1
_LONGEST_LINE_BYTES = 100_000
_CRC_BYTES = 4


class _Damaged(Exception):
    """The file is not as it was written."""


def save(path: Path, library: int, shelf: Shelf) -> None:
    """Write the shelf of ``library`` to ``path``, in place of what is there. Blocks; raises `OSError`."""
    shelf = shelf.compacted()
    shelf.vocabulary.settle()
    arrays = {
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
    unfinished = path.with_name(path.name + ".part")  # should two processes write at once, `load` will find it damaged
    try:
        with unfinished.open("wb") as file:
            _write(file, _about(library, shelf.revision, shelf.stamp), arrays)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def load(path: Path, library: int, revision: int, stamp: int) -> Shelf | None:
    """The shelf of ``library`` at this state; None where there is no such snapshot, or no sound one. Blocks."""
    try:
        with path.open("rb") as file:
            arrays = _read(file, _about(library, revision, stamp))
    except FileNotFoundError:
        return None
    except (OSError, _Damaged) as error:
        _log.warning("the snapshot %s cannot be used (%s): the index is made anew", path.name, error)
        return None
    if arrays is None:
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


def _write(file: BinaryIO, about: dict[str, Any], arrays: dict[str, Ints]) -> None:
    listed = [(name, array.dtype.str, array.shape) for name, array in arrays.items()]
    line = json.dumps({**about, "arrays": listed}).encode()
    file.write(b"%b\n%010d\n" % (line, zlib.crc32(line)))
    for array in arrays.values():
        data = np.ascontiguousarray(array).data.cast("B") if array.size else b""
        file.write(data)
        file.write(zlib.crc32(data).to_bytes(_CRC_BYTES, "little"))


def _read(file: BinaryIO, about: dict[str, Any]) -> dict[str, Ints] | None:
    """The arrays; None where the file is of something else. Raises `_Damaged`."""
    line, crc = (file.readline(_LONGEST_LINE_BYTES)[:-1] for _ in range(2))
    if crc != b"%010d" % zlib.crc32(line):
        raise _Damaged("its first line is damaged")
    try:
        written = json.loads(line)
        listed = written.pop("arrays")
    except (ValueError, KeyError, AttributeError):
        raise _Damaged("its first line is not one of a snapshot") from None
    if written != about:
        return None
    arrays = {}
    for name, dtype, shape in listed:
        array = np.fromfile(file, np.dtype(dtype), int(np.prod(shape, dtype=np.int64)))
        data = array.data.cast("B") if array.size else b""
        if file.read(_CRC_BYTES) != zlib.crc32(data).to_bytes(_CRC_BYTES, "little"):
            raise _Damaged(f"{name} is damaged")
        arrays[name] = array.reshape(shape)
    if file.read(1):
        raise _Damaged("it goes on behind its end")
    return arrays


def _about(library: int, revision: int, stamp: int) -> dict[str, Any]:
    versions = {"format": FORMAT, "analysis": ANALYSIS_VERSION, "byteorder": sys.byteorder}
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
