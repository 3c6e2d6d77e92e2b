"""Documents that are known by the fingerprint of their text, so that dropping one in is enough.

`seeds/documents.toml` lists them; `read_document` asks here after it has read what the text says of itself. What the
document's own front matter says wins over both.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from bot.errors import UnreadableDocument
from bot.language.normal import fingerprint
from bot.model import Document
from bot.reading.fields import FIELD_NAMES, BadField, Fields, read_fields

MAX_LIST_BYTES = 4 * 1024 * 1024

_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class KnownDocuments:
    """Metadata by `fingerprint` of the text it belongs to."""

    by_fingerprint: Mapping[str, Fields] = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def load(cls, path: Path) -> KnownDocuments:
        """The list in the TOML file at ``path``; none where there is no such file.

        Raises `UnreadableDocument` naming the file and the entry that is wrong.
        """
        try:
            with path.open("rb") as file:
                data = file.read(MAX_LIST_BYTES + 1)
        except FileNotFoundError:
            return NONE_KNOWN
        except (OSError, ValueError) as error:
            raise UnreadableDocument(str(path), f"it cannot be opened ({_cause(error)}).") from None
        if len(data) > MAX_LIST_BYTES:
            raise UnreadableDocument(str(path), f"the list is larger than {MAX_LIST_BYTES >> 20} MiB.")
        return cls(MappingProxyType(_read_entries(str(path), data)))

    def __reduce__(self) -> tuple[type[KnownDocuments], tuple[dict[str, Fields]]]:
        """Sent to the sandbox as a plain dict: a mapping proxy cannot be pickled."""
        return KnownDocuments, (dict(self.by_fingerprint),)

    def describe(self, document: Document) -> Document:
        """``document`` with what is known of its text; unchanged where nothing is."""
        if not self.by_fingerprint:
            return document
        known = self.by_fingerprint.get(fingerprint(document.text))
        return known.over(document) if known else document


NONE_KNOWN = KnownDocuments()


def _read_entries(name: str, data: bytes) -> dict[str, Fields]:
    try:
        table = tomllib.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:  # TOMLDecodeError and UnicodeDecodeError are ValueErrors
        raise UnreadableDocument(name, f"it is not valid TOML ({_cause(error)}).") from None
    entries = table.get("document", [])
    if not isinstance(entries, list) or table.keys() - {"document"}:
        raise UnreadableDocument(name, "it must hold [[document]] entries and nothing else.")
    known: dict[str, Fields] = {}
    for number, entry in enumerate(entries, start=1):
        sha256, fields = _read_entry(name, number, entry)
        if sha256 in known:
            raise UnreadableDocument(name, f"entry {number}: this sha256 is there twice.")
        known[sha256] = fields
    return known


def _read_entry(name: str, number: int, entry: object) -> tuple[str, Fields]:
    if not isinstance(entry, dict):
        raise UnreadableDocument(name, f"entry {number} is not a [[document]] table.")
    sha256 = entry.get("sha256")
    if not isinstance(sha256, str) or not _SHA256.fullmatch(sha256):
        raise UnreadableDocument(name, f"entry {number}: sha256 must be 64 characters of 0-9 and a-f.")
    if unknown := sorted(entry.keys() - FIELD_NAMES.keys() - {"sha256"}):
        raise UnreadableDocument(name, f"entry {number}: there is no field “{unknown[0][:40]}”.")
    try:
        return sha256, read_fields(entry)
    except BadField as bad:
        raise UnreadableDocument(name, f"entry {number}, {bad}") from None


def _cause(error: Exception) -> str:
    """Why, in a few words and without the file's text."""
    if isinstance(error, OSError):
        return error.strerror or "no reason given"
    return str(error).partition("\n")[0][:80]
