"""Which version of Newsdesk runs."""

from __future__ import annotations

from functools import cache
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed


@cache
def version() -> str:
    """As it was installed; "unknown" where it runs from its source alone."""
    try:
        return installed("newsdesk")
    except PackageNotFoundError:
        return "unknown"
