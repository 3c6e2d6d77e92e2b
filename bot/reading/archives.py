"""Zip archives to documents, without a byte of them written to the disk.

    .zip -> members that can be read (`members`) -> `untrusted.read_in_thread`, `records.read_records`

An archive is untrusted. What it says of itself is checked before anything is unpacked: how many members, how large each
of them and all together come out, how far they were packed, and that they do not lie over one another, as in bombs
where one block of data is every member's. More than it says never comes out. Names are for reports alone.
"""

from __future__ import annotations

import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Final

from bot.errors import UnreadableDocument
from bot.language.normal import clean
from bot.model import Document
from bot.reading.documents import too_large
from bot.reading.exports import ARTICLES, MANIFEST, NO_ANNOTATIONS, Annotations, read_annotations, read_articles
from bot.reading.kinds import ARCHIVES, is_document_name, is_records_name
from bot.reading.known import NONE_KNOWN, KnownDocuments
from bot.reading.records import read_records
from bot.reading.untrusted import MAX_BYTES_OF_ANY, read_in_thread

MAX_MEMBERS: Final = 100_000
MAX_RECORDS_BYTES: Final = 1 << 30  # of a .jsonl member, which is read line by line
MAX_UNPACKED_BYTES: Final = 2 << 30
MAX_RATIO: Final = 200  # English text is packed to a third; repeated log lines to a fiftieth
_SMALL_BYTES: Final = 1 << 20  # what comes out so small may be packed as far as it likes
_DIRECTORY_BYTES: Final = 32 << 20  # of the list of members, which is read as a whole
_TAIL_BYTES: Final = 1 << 17  # where the list is said to be: with a comment, half of that
_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # others unpack into windows of up to 4 GB
_ENCRYPTED, _UTF8 = 0x1, 0x800
_DRIVE = re.compile(r"[A-Za-z]:")

_FAULTS = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, OverflowError, RuntimeError)

_DAMAGED = "it is damaged in the archive: pack it anew."

Read = Document | UnreadableDocument


def read_archive(path: Path, name: str, known: KnownDocuments = NONE_KNOWN) -> Iterator[Read]:
    """The documents in the archive at ``path``, called ``name`` in reports, in the order of their names.

    A member that cannot be read is a reason in its place. Raises `UnreadableDocument` where the archive as a whole
    cannot be read, before the first document. Of an export only the list of its articles is read.
    """
    with path.open("rb") as file, _opened(name, file) as archive:
        found = members(name, archive, path.stat().st_size)
        manifest = _manifest(found)
        if manifest is not None:
            _annotations(archive, manifest, name)  # where the mark of an export is damaged, nothing of it is read
        for info in found if manifest is None else _beside(manifest, found):
            shown = f"{name}/{printable_member(info)}"
            if reason := refusal(info):
                yield UnreadableDocument(shown, reason)
            else:
                yield from _read_member(archive, info, shown, known, exported=manifest is not None)


def read_archived_annotations(path: Path, name: str) -> Annotations:
    """What admins have said, where the archive is an export. Raises `UnreadableDocument`."""
    with path.open("rb") as file, _opened(name, file) as archive:
        manifest = _manifest(members(name, archive, path.stat().st_size))
        return NO_ANNOTATIONS if manifest is None else _annotations(archive, manifest, name)


def _annotations(archive: zipfile.ZipFile, manifest: zipfile.ZipInfo, name: str) -> Annotations:
    shown = f"{name}/{printable_member(manifest)}"
    if reason := refusal(manifest):
        raise UnreadableDocument(shown, reason)
    try:
        with archive.open(manifest) as member:
            return read_annotations(shown, member)
    except (*_FAULTS, ValueError, OSError):
        raise UnreadableDocument(shown, _DAMAGED) from None


def _manifest(found: list[zipfile.ZipInfo]) -> zipfile.ZipInfo | None:
    """The member that marks an archive as an export."""
    return next((info for info in found if PurePosixPath(info.filename).name == MANIFEST), None)


def members(name: str, archive: zipfile.ZipFile, size_bytes: int) -> list[zipfile.ZipInfo]:
    """The members that are to be read or reported, by name. Raises `UnreadableDocument` for what looks like a bomb."""
    every = archive.infolist()
    if len(every) > MAX_MEMBERS:
        raise UnreadableDocument(name, f"it holds {len(every):,} files; {MAX_MEMBERS:,} is the most: split it up.")
    found = [info for info in every if _is_wanted(info)]
    unpacked = sum(info.file_size for info in found)
    if unpacked > MAX_UNPACKED_BYTES:
        raise UnreadableDocument(
            name,
            f"unpacked it takes {unpacked / (1 << 30):.1f} GiB; {MAX_UNPACKED_BYTES >> 30} is the most: split it up.",
        )
    if sum(info.compress_size for info in every) > size_bytes:
        raise UnreadableDocument(name, "its files lie over one another, as in a zip bomb: pack it anew.")
    return sorted(found, key=lambda info: info.filename)


def refusal(info: zipfile.ZipInfo) -> str | None:
    """Why a member is not read, if it is not."""
    path = info.filename.replace("\\", "/")
    if path.startswith("/") or _DRIVE.match(path) or ".." in path.split("/"):
        return "its name leads out of the archive: pack it anew."
    if stat.S_ISLNK(info.external_attr >> 16):
        return "this is a link to another file: put the file itself into the archive."
    if not info.flag_bits & _UTF8 and not _is_utf8(info):
        return "its name is not UTF-8: rename it or pack it anew."
    if info.flag_bits & _ENCRYPTED:
        return "it is encrypted: unpack it first."
    if Path(path).suffix.lower() in ARCHIVES:
        return "an archive in an archive is not read: unpack it first."
    if info.compress_type not in _METHODS:
        return "it is packed in a way that is not read: pack it with Deflate."
    if info.file_size > (most := MAX_RECORDS_BYTES if is_records_name(path) else MAX_BYTES_OF_ANY):
        return too_large(info.file_size, most)
    if info.file_size > max(_SMALL_BYTES, MAX_RATIO * info.compress_size):
        return f"it is packed to less than a {MAX_RATIO}th of its size, as in a zip bomb: unpack it first."
    return None


def printable_member(info: zipfile.ZipInfo) -> str:
    """The name of a member for a report: one line without controls, which could do anything to a terminal."""
    name = _as_utf8(info) if _is_utf8(info) else info.filename
    return " ".join(clean(name).split())[:300] or "?"


def _read_member(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, known: KnownDocuments, *, exported: bool
) -> Iterator[Read]:
    """``exported``: the member is a list of articles as `newsdesk export` writes it."""
    try:
        with archive.open(info) as member:
            if exported:
                yield from read_articles(name, member)
            elif is_records_name(info.filename):
                yield from read_records(name, member, known)
            else:
                yield read_in_thread(name, member.read(MAX_BYTES_OF_ANY + 1), known)
    except UnreadableDocument as unreadable:
        yield unreadable
    except (*_FAULTS, ValueError, OSError):
        yield UnreadableDocument(name, _DAMAGED)


@contextmanager
def _opened(name: str, file: BinaryIO) -> Iterator[zipfile.ZipFile]:
    try:
        archive = zipfile.ZipFile(_Bounded(file))  # it needs no more than these methods
    except UnicodeDecodeError:
        raise UnreadableDocument(name, "a name in it is not UTF-8, though it says so: pack it anew.") from None
    except _TooMuch:
        raise UnreadableDocument(name, "its list of files is too long: split it up.") from None
    except (*_FAULTS, ValueError, OSError, MemoryError):
        raise UnreadableDocument(name, "this is not a zip archive, or a damaged one.") from None
    with archive:
        yield archive


class _TooMuch(Exception):
    """More is to be read at once than any sound archive asks for."""


class _Bounded:
    """A file that is read in pieces of at most `_DIRECTORY_BYTES`: an archive says itself how long its list is."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable

    def read(self, size: int = -1) -> bytes:
        if size > _DIRECTORY_BYTES:
            raise _TooMuch
        data = self._file.read(size if size >= 0 else _TAIL_BYTES)
        if size < 0 and len(data) == _TAIL_BYTES:
            raise _TooMuch
        return data

    def close(self) -> None:
        """Whoever opened the file closes it."""


def _beside(manifest: zipfile.ZipInfo, found: list[zipfile.ZipInfo]) -> list[zipfile.ZipInfo]:
    wanted = str(PurePosixPath(manifest.filename).with_name(ARTICLES))
    return [info for info in found if info.filename == wanted]


def _is_wanted(info: zipfile.ZipInfo) -> bool:
    """Whether a member is a document, or would be one but for what is wrong with it."""
    parts = [part for part in info.filename.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    if info.is_dir() or not parts or any(part.startswith(".") or part == "__MACOSX" for part in parts):
        return False
    return is_document_name(parts[-1]) or Path(parts[-1]).suffix.lower() in ARCHIVES


def _as_utf8(info: zipfile.ZipInfo) -> str:
    """The name, read as UTF-8 where it does not say what it is: then it was read as code page 437."""
    return info.filename if info.flag_bits & _UTF8 else info.orig_filename.encode("cp437").decode()


def _is_utf8(info: zipfile.ZipInfo) -> bool:
    try:
        _as_utf8(info)
    except UnicodeError:
        return False
    return True
