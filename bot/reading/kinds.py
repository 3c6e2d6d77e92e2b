"""Which files are documents, told by their names: the same in folders and in archives."""

from __future__ import annotations

from pathlib import PurePath
from typing import Final

DOCUMENTS: Final = frozenset({".txt", ".md", ".html", ".htm", ".pdf", ".docx"})
RECORDS: Final = ".jsonl"
ARCHIVES: Final = frozenset({".zip", ".7z", ".rar", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".zst", ".jar"})
SKIPPED_NAMES: Final = frozenset({"readme.md", "documents.toml"})


def is_document_name(name: str) -> bool:
    """Whether a file of this name, found in a folder or an archive, holds documents."""
    return name.lower() not in SKIPPED_NAMES and PurePath(name).suffix.lower() in {*DOCUMENTS, RECORDS}


def is_records_name(name: str) -> bool:
    """Whether a file holds one document a line."""
    return PurePath(name).suffix.lower() == RECORDS


def is_archive_name(name: str) -> bool:
    """Whether it is an archive that can be read."""
    return PurePath(name).suffix.lower() == ".zip"
