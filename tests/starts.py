"""Processes of Python that tests start: in which environment, and whether they run."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def environment(beside: Path) -> dict[str, str]:
    """This process's. Where Python may not keep bytecode beside its source, it does so beside the folder ``beside``.

    A host's Python compiles the packages once, not at every start, which takes longer than the start itself.
    """
    kept = {name: value for name, value in os.environ.items() if not name.endswith("_FILE")}
    if kept.pop("PYTHONDONTWRITEBYTECODE", None):
        kept["PYTHONPYCACHEPREFIX"] = str(beside.parent / "bytecode")
    return kept


def is_alive(process: int) -> bool:
    """Whether it runs: one that has ended and whose parent is gone may be listed until init looks at it."""
    with suppress(FileNotFoundError):
        return Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] != "Z"
    return False
