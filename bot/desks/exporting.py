"""A library out, as files: the same library gives the same bytes, whenever and wherever it is written.

    corpus.archive -> lines of `bot.reading.exports` -> a new folder or .zip, which is complete or not there

`newsdesk import` reads it back. It is written beside its place and moved there when it is whole.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterable
from contextlib import aclosing, suppress
from pathlib import Path
from typing import IO, Final, Protocol

from bot.corpus import Corpus
from bot.errors import Refused
from bot.model import Document, Origin
from bot.reading.exports import ARTICLES, MANIFEST, TEXTS, Annotations, CorrectedSpeech, article_line, manifest_lines

_EARLIEST: Final = (1980, 1, 1, 0, 0, 0)  # the first moment a .zip can hold: when it was packed is no part of a library
_REGULAR_FILE: Final = 0o100644 << 16
_UNIX: Final = 3
_IN_MEMORY_BYTES: Final = 8 << 20

Watch = Callable[[int, int], None]


class _Target(Protocol):
    def write(self, name: str, data: bytes) -> None: ...

    def copy(self, name: str, source: IO[bytes]) -> None: ...

    def close(self) -> None: ...


async def export(corpus: Corpus, library: int, path: Path, watch: Watch) -> int:
    """Write ``library``'s own articles to a new .zip or folder at ``path``; returns how many there are.

    ``watch`` is told how many of how many are written. Raises `Refused` where something is in the way, `CorpusError`.
    """
    unfinished = await asyncio.to_thread(_begin, path)
    try:
        written = await _write(corpus, library, path, unfinished, watch)
        await asyncio.to_thread(unfinished.replace, path)
    except OSError as error:
        raise _cannot_write(path, error) from error
    finally:
        await asyncio.to_thread(_discard, unfinished)
    return written


async def _write(corpus: Corpus, library: int, path: Path, unfinished: Path, watch: Watch) -> int:
    total = await corpus.archive.count(library)
    names, corrections = await corpus.archive.said(library)
    said = Annotations(names, tuple(CorrectedSpeech(*one) for one in corrections))
    target: _Target = _Zip(unfinished) if _is_zip(path) else _Folder(unfinished)
    written = 0
    try:
        with tempfile.SpooledTemporaryFile(_IN_MEMORY_BYTES) as lines:
            await asyncio.to_thread(target.write, MANIFEST, "".join(manifest_lines(said)).encode())
            async with aclosing(corpus.archive.articles(library)) as batches:
                async for some in batches:
                    await asyncio.to_thread(_write_some, target, lines, some)
                    written += len(some)
                    watch(min(written, total), total)
            lines.seek(0)
            await asyncio.to_thread(target.copy, ARTICLES, lines)
    finally:
        await asyncio.to_thread(target.close)
    return written


def _write_some(target: _Target, lines: IO[bytes], some: Iterable[tuple[Document, Origin]]) -> None:
    for document, origin in some:
        lines.write(article_line(document, origin).encode())
        target.write(f"{TEXTS}/{origin.number}.txt", f"{document.text}\n".encode())


class _Zip:
    """A .zip in which nothing tells when, where or by whom it was packed."""

    def __init__(self, path: Path) -> None:
        self._zip = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED)

    def write(self, name: str, data: bytes) -> None:
        self._zip.writestr(_member(name), data)

    def copy(self, name: str, source: IO[bytes]) -> None:
        with self._zip.open(_member(name), "w", force_zip64=True) as member:
            shutil.copyfileobj(source, member)

    def close(self) -> None:
        self._zip.close()


class _Folder:
    def __init__(self, path: Path) -> None:
        self._path = path
        (path / TEXTS).mkdir(parents=True)

    def write(self, name: str, data: bytes) -> None:
        (self._path / name).write_bytes(data)

    def copy(self, name: str, source: IO[bytes]) -> None:
        with (self._path / name).open("wb") as file:
            shutil.copyfileobj(source, file)

    def close(self) -> None:
        """Every file is closed when it is written."""


def _member(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _EARLIEST)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.create_system = _UNIX
    info.external_attr = _REGULAR_FILE
    return info


def _begin(path: Path) -> Path:
    """Where to write meanwhile. Raises `Refused`."""
    try:
        if path.exists() or path.is_symlink():
            raise Refused(f"{path.name} is there already, and nothing is written over: choose another name.")
        if not path.parent.is_dir():
            raise Refused(f"The folder {path.parent} does not exist: make it first.")
    except OSError as error:
        raise _cannot_write(path, error) from error
    unfinished = path.with_name(path.name + ".part")
    _discard(unfinished)
    return unfinished


def _discard(unfinished: Path) -> None:
    with suppress(OSError):
        if unfinished.is_dir() and not unfinished.is_symlink():
            shutil.rmtree(unfinished)
        else:
            unfinished.unlink(missing_ok=True)


def _cannot_write(path: Path, error: OSError) -> Refused:
    return Refused(f"{path.name} cannot be written ({error.strerror or 'no reason given'}): choose another place.")


def _is_zip(path: Path) -> bool:
    return path.suffix.lower() == ".zip"
