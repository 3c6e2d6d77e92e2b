"""Hostile archives as data: how each is made, and what is to be said of it.

Beside what is wrong, each of `MEMBERS` also holds a sound ``good.txt``, which is to be read whatever the other is.
"""

from __future__ import annotations

import io
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass

GOOD = b"The council met."


@dataclass(frozen=True)
class Member:
    """A member that is refused with ``reason``; ``name`` is how the report calls it, after the archive."""

    case: str
    name: str
    reason: str
    data: bytes = b"Text."
    method: int = zipfile.ZIP_STORED
    mode: int = stat.S_IFREG | 0o644
    patch: Callable[[bytes], bytes] = bytes


def _flag(bit: int) -> Callable[[bytes], bytes]:
    """Set a flag of every member called ``bad``, in its own header and in the list."""

    def patch(data: bytes) -> bytes:
        patched = bytearray(data)
        for signature, flags, name in ((b"PK\x03\x04", 6, 30), (b"PK\x01\x02", 8, 46)):
            at = patched.find(signature)
            while at >= 0:
                if patched[at + name : at + name + 3] == b"bad":
                    patched[at + flags] |= bit & 0xFF
                    patched[at + flags + 1] |= bit >> 8
                at = patched.find(signature, at + 4)
        return bytes(patched)

    return patch


def _replaced(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    return lambda data: data.replace(old, new)


def _undeflated(data: bytes) -> bytes:
    packed = zlib.compress(b"x" * 99)[2:-4]
    return data.replace(packed, b"\xff" * len(packed))


def _renamed_once(data: bytes) -> bytes:
    return data.replace(b"bad.txt", b"cad.txt", 1)


_ZEROS = bytes(4 << 20)
_LEADS_OUT = "its name leads out of the archive"
MEMBERS = (
    Member("parent", "../bad.txt", _LEADS_OUT),
    Member("deep parent", "a/../../bad.txt", _LEADS_OUT),
    Member("parent at the end of a folder", "a/..\\bad.txt", _LEADS_OUT),
    Member("absolute", "/bad.txt", _LEADS_OUT),
    Member("drive", "C:/bad.txt", _LEADS_OUT),
    Member("drive and backslash", "C:\\bad.txt", _LEADS_OUT),
    Member("drive alone", "c:bad.txt", _LEADS_OUT),
    Member("share", "\\\\host\\bad.txt", _LEADS_OUT),
    Member("symlink", "bad.txt", "this is a link", b"/etc/passwd", mode=stat.S_IFLNK | 0o777),
    Member("symlink of lines", "bad.jsonl", "this is a link", b"../x", mode=stat.S_IFLNK | 0o777),
    Member("encrypted", "bad.txt", "it is encrypted", patch=_flag(0x1)),
    Member("encrypted lines", "bad.jsonl", "it is encrypted", patch=_flag(0x1)),
    Member("nested", "bad.zip", "an archive in an archive"),
    Member("nested, compressed", "bad.tar.GZ", "an archive in an archive"),
    Member("nested, jar", "a/bad.jar", "an archive in an archive"),
    Member(
        "nested, under another name",
        "bad.txt",
        "this is an archive: take the files out",
        b"PK\x03\x04\x00\x00" + bytes(90),
    ),
    Member("bzip2", "bad.txt", "it is packed in a way", method=zipfile.ZIP_BZIP2),
    Member("lzma", "bad.txt", "it is packed in a way", method=zipfile.ZIP_LZMA),
    Member("too large", "bad.txt", "the file is 6.0 MiB", os.urandom(6 << 20)),
    Member("bomb", "bad.txt", "it is packed to less than a 200th", _ZEROS, zipfile.ZIP_DEFLATED),
    Member("bomb of lines", "bad.jsonl", "it is packed to less than a 200th", _ZEROS, zipfile.ZIP_DEFLATED),
    Member("wrong sum", "bad.txt", "it is damaged", b"Good text.", patch=_replaced(b"Good text.", b"Evil text.")),
    Member("not deflated", "bad.txt", "it is damaged", b"x" * 99, zipfile.ZIP_DEFLATED, patch=_undeflated),
    Member("not utf-8", "bad\udce9.txt", "its name is not UTF-8"),
    Member("binary", "bad.txt", "this is binary data", bytes(100)),
    Member("empty", "bad.txt", "the file is empty", b""),
    Member("controls in a name", "bad\x1b[2J\u202e.zip", "an archive in an archive"),
    Member("another name inside", "bad.txt", "it is damaged", patch=_renamed_once),
)


def archive_with(member: Member) -> bytes:
    held = io.BytesIO()
    name = member.name
    with zipfile.ZipFile(held, "w") as archive:
        info = zipfile.ZipInfo("bad?.txt" if "\udce9" in name else name)
        info.filename = info.orig_filename = "bad?.txt" if "\udce9" in name else name
        info.external_attr = member.mode << 16
        info.compress_type = member.method
        archive.writestr(info, member.data)
        archive.writestr("good.txt", GOOD)
    data = held.getvalue().replace(b"bad?.txt", b"bad\xe9.txt")
    return member.patch(data)


def listing(*sizes: tuple[int, int]) -> bytes:
    """An archive that is nothing but a list: a member for each pair of sizes, packed and unpacked."""
    entries = b"".join(_entry(f"{at}.txt".encode(), *pair) for at, pair in enumerate(sizes))
    return entries + _end(len(sizes), len(entries), 0)


def _entry(name: bytes, packed: int, unpacked: int) -> bytes:
    versions, lengths = (20, 3, 20, 0), (len(name), 0, 0, 0, 0)
    return (
        struct.pack("<4s4B4HL2L5H2L", b"PK\x01\x02", *versions, 0, 8, 0, 33, 0, packed, unpacked, *lengths, 0, 0) + name
    )


def _end(count: int, size: int, offset: int) -> bytes:
    return struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, count & 0xFFFF, count & 0xFFFF, size, offset, 0)


def flagged_utf8(name: bytes) -> bytes:
    """An archive of one member whose name says that it is UTF-8."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("é" * len(name) + ".txt", GOOD)
    return held.getvalue().replace("é".encode() * len(name), (name + b"x" * len(name))[: 2 * len(name)])


WHOLE = {
    "no archive": (b"The council met.", "this is not a zip archive"),
    "empty": (b"", "this is not a zip archive"),
    "cut": (archive_with(MEMBERS[0])[:-30], "this is not a zip archive"),
    "list of its own word": (_end(1, (64 << 20), 0), "this is not a zip archive"),
    "a list of 40 MB": (bytes(40 << 20) + _end(1, 40 << 20, 0), "its list of files is too long"),
    "too many": (listing(*[(0, 0)] * 100_001), "it holds 100,001 files"),
    "too much": (listing(*[(1, 1 << 30)] * 3), "unpacked it takes 3.0 GiB"),
    "over one another": (listing(*[(1_000, 1_000)] * 90), "its files lie over one another"),
    "a name that lies": (flagged_utf8(b"\xff\xfe"), "a name in it is not UTF-8"),
}
"""Archives of which nothing is read, and why."""
