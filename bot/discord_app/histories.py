"""`/article history`: who did what to an article when, a page at a time, for who asked alone.

audit -> **histories** -> a card whose buttons hold all they need: nothing is stored for them
"""

from __future__ import annotations

from typing import Final

import discord
from discord import ui

from bot.corpus import Event
from bot.desks.editing import EVENTS_A_PAGE
from bot.discord_app.cards import Card, note
from bot.discord_app.desk import Interaction, library_of
from bot.discord_app.markup import escape_within
from bot.errors import NotFound

_VALUE_CHARS: Final = 120
_NOTHING = "—"


async def history_card(interaction: Interaction, number: int, page: int) -> Card:
    """A page (from 0, as near as there is one) of an article's history. Raises `NotFound`."""
    newsdesk, library = interaction.client.newsdesk, library_of(interaction)
    events, total = await newsdesk.editing.history(library, number, page)
    if not total:
        raise NotFound(f"Nothing is known of an article {number} here: pick one from the list as you type.")
    pages = -(-total // EVENTS_A_PAGE)
    if page >= pages:
        return await history_card(interaction, number, pages - 1)
    lines = "\n".join(_line(event) for event in events)
    footer = f"newest first · page {page + 1} of {pages}" if pages > 1 else "newest first"
    card = note(f"{lines}\n-# {footer}", title=f"History of article {number}")
    if pages == 1:
        return card
    user = interaction.user.id
    return card.buttons(
        _button("prev", user, number, page - 1, "Previous", disabled=page == 0),
        _button("next", user, number, page + 1, "Next", disabled=page == pages - 1),
    )


def _line(event: Event) -> str:
    who = f"<@{event.who}>" if event.who is not None else "an import, a feed or the host"
    if event.what == "article purged" and event.who is None:
        who = "by itself, 30 days after it was removed"
    what = event.what.removeprefix("article ")
    subject = f" `{event.subject}`" if event.subject.startswith("q-") else ""
    changed = "".join(f"\n> {told}" for told in _changes(event))
    return f"{discord.utils.format_dt(event.at, 'f')} · **{what}**{subject} · {who}{changed}"


def _changes(event: Event) -> list[str]:
    """What was changed, a line each."""
    details = event.details
    if event.what == "article revised":
        before, after = details.get("words", (0, 0))
        counts = zip(details.get("quotations", (0, 0, 0)), ("added", "removed", "changed"), strict=True)
        told = ", ".join(f"{count} {what}" for count, what in counts if count)
        return [
            f"{before:,} → {after:,} words · " + (f"quotations: {told}" if told else "quotations as before")
        ] * bool(details)
    if event.what == "digest corrected":
        return [f"of {details['digest']}"] if "digest" in details else []
    return [f"{name}: {_shown(before)} → {_shown(after)}" for name, (before, after) in details.items()]


def _shown(value: str) -> str:
    return escape_within(value, _VALUE_CHARS) if value else _NOTHING


def _button(verb: str, user: int, number: int, page: int, label: str, *, disabled: bool) -> ui.Button[ui.LayoutView]:
    """A button that `buttons.HistoryButton` answers."""
    return ui.Button(
        label=label,
        disabled=disabled,
        custom_id=f"newsdesk:history-{verb}:{user}:{number}:{max(page, 0)}",
        style=discord.ButtonStyle.secondary,
    )
