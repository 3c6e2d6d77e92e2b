"""Which entries of a feed were there before, and which are new: pure, on what `feeds` has read.

After a poll each entry that stands in the feed has a row with just its marks. So one that shares any mark with an entry
of the poll before is recognised, however much of the rest has changed, and the rows are no more than the entries were.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Seen:
    """An entry as it stands in its feed now: what it is recognised by, and its content."""

    key: str
    url_key: str | None
    text_key: str | None
    content: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """An entry that was there before."""

    id: int
    key: str
    url_key: str | None
    text_key: str | None


@dataclass(frozen=True, slots=True)
class Recognised:
    """``new`` entries; those that are the ``same`` as others of this poll; ``again``: what each known row is by now."""

    new: list[Seen] = field(default_factory=list)
    same: list[Seen] = field(default_factory=list)
    again: dict[int, Seen] = field(default_factory=dict)


def recognise(entries: Iterable[Seen], known: Iterable[Known]) -> Recognised:
    """Tell the ``entries`` of one poll apart: by key before link, by link before text."""
    known = list(known)
    keys = {one.key: one.id for one in known}
    links = {one.url_key: one.id for one in known if one.url_key}
    texts = {one.text_key: one.id for one in known if one.text_key}
    once: dict[str, Seen] = {}
    for entry in entries:
        once.setdefault(entry.key, entry)
    found = Recognised(again={keys[key]: entry for key, entry in once.items() if key in keys})
    marks: set[str] = set()  # links and texts of what came before it in this poll; no link is a fingerprint
    for entry in (entry for key, entry in once.items() if key not in keys):
        of_entry = {mark for mark in (entry.url_key, entry.text_key) if mark}
        row = links.get(entry.url_key or "") or texts.get(entry.text_key or "")
        if row and row not in found.again:
            found.again[row] = entry
        elif row or not marks.isdisjoint(of_entry):
            found.same.append(entry)
        else:
            found.new.append(entry)
        marks.update(of_entry)
    return found
