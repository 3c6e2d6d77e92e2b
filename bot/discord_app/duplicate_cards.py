"""The card of /article duplicates: groups of articles that print mostly the same text, and how to take some out."""

from __future__ import annotations

from collections.abc import Sequence

from bot.discord_app.cards import Card, note
from bot.discord_app.markup import escape_within
from bot.editions.duplicates import Copy, Duplicates, Printed

GROUPS_A_PAGE = 6
_COPIES_SHOWN = 4


def duplicates_card(found: Sequence[Duplicates], page: int, library: int) -> Card:
    """One page of the groups, the largest first; ``page`` counts from 1, and one too high shows the last."""
    if not found:
        return note("No two articles in the library print mostly the same text.")
    pages = -(-len(found) // GROUPS_A_PAGE)
    page = min(page, pages)
    card = Card().text("### Mostly the same text")
    for group in found[(page - 1) * GROUPS_A_PAGE : page * GROUPS_A_PAGE]:
        card.text(_group(group))
    own = next((one for one in _newer(found) if one.library == library), None)
    how = f" · take one out with `/article remove article:{own.ref}`" if own else ""
    return card.text(f"-# {len(found)} groups · page {page} of {pages}{how}")


def _newer(found: Sequence[Duplicates]) -> list[Printed]:
    return [copy.printed for group in found for copy in group.others]


def _group(group: Duplicates) -> str:
    lines = [f"**{escape_within(group.oldest.title, 150)}**\n{_about(group.oldest)} · oldest"]
    lines += [_copy(copy) for copy in group.others[:_COPIES_SHOWN]]
    left = len(group.others) - _COPIES_SHOWN
    return "\n".join([*lines, f"• and {left} more"] if left > 0 else lines)


def _copy(copy: Copy) -> str:
    return f"• {_about(copy.printed)} · {copy.common:.0%} in common"


def _about(one: Printed) -> str:
    known = [escape_within(one.outlet, 60)] if one.outlet else []
    known += [one.published.written] if one.published else []
    return " · ".join([f"`#{one.ref}`", *known, f"{one.words:,} words"])
