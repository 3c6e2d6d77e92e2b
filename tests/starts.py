"""The environment in which tests start processes of Python."""

from __future__ import annotations

import os
from pathlib import Path


def environment(beside: Path) -> dict[str, str]:
    """This process's. Where Python may not keep bytecode beside its source, it does so beside the folder ``beside``.

    A host's Python compiles the packages once, not at every start, which takes longer than the start itself.
    """
    kept = {name: value for name, value in os.environ.items() if not name.endswith("_FILE")}
    if kept.pop("PYTHONDONTWRITEBYTECODE", None):
        kept["PYTHONPYCACHEPREFIX"] = str(beside.parent / "bytecode")
    return kept
