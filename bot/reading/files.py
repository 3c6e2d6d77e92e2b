"""Files and folders to documents: what `newsdesk import` and the starter library read.

Files are found first, so that a progress bar knows how many there are, and read one at a time. A file that cannot
be read is yielded as an `UnreadableDocument` in its place; the rest goes on. `archives` reads .zip files, `exports`
what `newsdesk export` wrote.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from bot.errors import UnreadableDocument
from bot.model import Document
from bot.reading.archives import read_archive, read_archived_annotations
from bot.reading.documents import too_large
from bot.reading.exports import ARTICLES, MANIFEST, NO_ANNOTATIONS, Annotations, read_annotations, read_articles
from bot.reading.kinds import is_archive_name, is_document_name, is_records_name
from bot.reading.known import NONE_KNOWN, KnownDocuments
from bot.reading.records import read_records
from bot.reading.untrusted import MAX_BYTES_OF_ANY, read_in_thread


def find_files(paths: Iterable[Path]) -> list[Path]:
    """The files to read: those named in ``paths``, and those in the folders named, all levels down, sorted.

    In a folder only what `kinds` knows by name counts, without hidden ones and README.md. No file comes twice. Of a
    folder that is an export, the file that marks it stands for all. A folder further down that cannot be opened is
    listed, so that reading it reports it. Raises `UnreadableDocument` for a path that does not exist.
    """
    found: dict[Path, None] = {}
    for path in paths:
        if _is_folder(path):
            found |= dict.fromkeys(sorted(_files_below(path)))
        else:
            found[path] = None
    return list(found)


def read_file(path: Path, known: KnownDocuments = NONE_KNOWN) -> Iterator[Document | UnreadableDocument]:
    """The documents in the file at ``path``: one a line in a .jsonl file, any number in a .zip, one in any other.

    Lazy: nothing is opened before the first is asked for, and a .jsonl file is never in memory as a whole.
    """
    name = printable(path)
    try:
        if path.name == MANIFEST:
            yield from _read_exported(path)
        elif is_archive_name(path.name):
            _size_of(path, name)
            yield from read_archive(path, name, known)
        elif is_records_name(path.name):
            _size_of(path, name)
            with path.open("rb") as lines:
                yield from read_records(name, lines, known)
        else:
            yield read_in_thread(name, _read_bytes(path, name), known)
    except UnreadableDocument as unreadable:
        yield unreadable
    except OSError as error:
        yield UnreadableDocument(name, cannot_open(error))


def may_be_export(path: Path) -> bool:
    """Whether it is worth the while to look for annotations in the file at ``path``."""
    return path.name == MANIFEST or is_archive_name(path.name)


def annotations_in(path: Path) -> Annotations:
    """What admins have said, where ``path`` is an export; nothing in any other file. Raises `UnreadableDocument`."""
    name = printable(path)
    try:
        if is_archive_name(path.name):
            _size_of(path, name)
            return read_archived_annotations(path, name)
        if path.name == MANIFEST:
            _size_of(path, name)
            with path.open("rb") as lines:
                return read_annotations(name, lines)
    except OSError as error:
        raise UnreadableDocument(name, cannot_open(error)) from None
    return NO_ANNOTATIONS


def cannot_open(error: OSError) -> str:
    """The reason that the system gives, as a sentence."""
    return f"it cannot be opened ({error.strerror or 'no reason given'})."


def _read_exported(manifest: Path) -> Iterator[Document | UnreadableDocument]:
    """The articles of an export, given by the file that marks it; none where that one is damaged."""
    annotations_in(manifest)
    path = manifest.with_name(ARTICLES)
    name = printable(path)
    _size_of(path, name)
    with path.open("rb") as lines:
        yield from read_articles(name, lines)


def printable(path: Path) -> str:
    """``path`` for a report: bytes that are no text in a file's name become question marks."""
    return str(path).encode("utf-8", "replace").decode("utf-8")


def _is_folder(path: Path) -> bool:
    try:
        return stat.S_ISDIR(path.stat().st_mode)
    except FileNotFoundError:
        raise UnreadableDocument(printable(path), "there is no such file or folder.") from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        cause = getattr(error, "strerror", None) or "not a path"
        raise UnreadableDocument(printable(path), f"it cannot be opened ({cause}).") from None


def _files_below(folder: Path) -> Iterator[Path]:
    blocked: list[Path] = []
    for root, folders, names in os.walk(folder, onerror=lambda error: blocked.append(Path(error.filename))):
        if MANIFEST in names:
            folders.clear()
            yield Path(root) / MANIFEST
            continue
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            if not name.startswith(".") and (is_document_name(name) or is_archive_name(name)):
                yield Path(root) / name
    yield from blocked


def _size_of(path: Path, name: str) -> int:
    """The size in bytes of the regular file at ``path``. Raises `UnreadableDocument` for what is no regular file."""
    status = path.stat()
    if stat.S_ISDIR(status.st_mode):
        raise UnreadableDocument(name, "this folder cannot be opened.")
    if not stat.S_ISREG(status.st_mode):
        raise UnreadableDocument(name, "this is not a regular file.")
    return status.st_size


def _read_bytes(path: Path, name: str) -> bytes:
    """The bytes of the file, one more than allowed at most: it may have grown, or lie about its size."""
    size_bytes = _size_of(path, name)
    if size_bytes > MAX_BYTES_OF_ANY:
        raise UnreadableDocument(name, too_large(size_bytes, MAX_BYTES_OF_ANY))
    with path.open("rb") as file:
        return file.read(MAX_BYTES_OF_ANY + 1)
