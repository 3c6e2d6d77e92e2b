"""Turning pages: the buttons under an answer that has several, and Share.

Ids are ``newsdesk:KIND-page:ANSWER:PAGE`` and ``newsdesk:KIND-share:ANSWER:PAGE``; `bot.discord_app.buttons` answers.
"""

from __future__ import annotations

import discord
from discord import ui

Button = ui.Button[ui.LayoutView]


def page_buttons(kind: str, answer_id: str, page: int, pages: int) -> list[Button]:
    """Previous and Next, where there are several ``pages``, and Share; ``page`` counts from 0."""

    def button(verb: str, to: int, label: str, *, disabled: bool = False) -> Button:
        return ui.Button(
            label=label,
            disabled=disabled,
            custom_id=f"newsdesk:{kind}-{verb}:{answer_id}:{max(to, 0)}",
            style=discord.ButtonStyle.secondary,
        )

    share = button("share", page, "Share")
    if pages == 1:
        return [share]
    return [
        button("page", page - 1, "Previous", disabled=page == 0),
        button("page", page + 1, "Next", disabled=page == pages - 1),
        share,
    ]
