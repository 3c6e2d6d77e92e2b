"""Correcting a speaker: the form behind "Wrong speaker?", what is said when it is sent, and Undo.

quote card -> form -> `Spoken.correct` -> the card as it is now, and a note with Undo, which works after a restart too
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

import discord
from discord import ui
from typing_extensions import override

from bot.corpus import Undone
from bot.corrections import Correction
from bot.desks.spoken import MOST_NAME_CHARS, Corrected
from bot.discord_app.cards import Card, note
from bot.discord_app.desk import Interaction, library_of
from bot.discord_app.forms import Form
from bot.discord_app.found import Found
from bot.discord_app.limits import CHOICE_CHARS, CHOICES, fit
from bot.discord_app.markup import escape_within
from bot.discord_app.pages import GONE, page_card
from bot.discord_app.replies import turn
from bot.errors import Refused
from bot.model import Quote, Span
from bot.newsdesk import Newsdesk
from bot.quote_ids import quote_id

_NOBODY: Final = "-"
_KIND: Final = "correction"
NOT_AN_ADMIN: Final = "Only who may manage this server can correct a speaker: ask one of its admins."


def require_admin(interaction: Interaction) -> None:
    """Raise `Refused` for who may not change what the server's library says."""
    if not interaction.permissions.manage_guild:
        raise Refused(NOT_AN_ADMIN)


class SpeakerForm(Form, title="Who said it?"):
    """Which words, where the card has several quotations; who said them; or another name."""

    def __init__(self, found: Found, page: int, quote: Quote, names: Sequence[str]) -> None:
        super().__init__()
        self._found, self._page, self._quote = found, page, quote
        self._words = _choices([(_beginning(quote, number), str(number)) for number in range(len(quote.said))])
        named = [(name, name) for name in names if len(name) <= CHOICE_CHARS]
        self._who = _choices([("Nobody: the article does not say", _NOBODY), *named[: CHOICES - 1]], required=False)
        self._other = ui.TextInput[Any](required=False, max_length=MOST_NAME_CHARS, placeholder="Ines Duarte")
        if len(quote.said) > 1:
            self.add_item(ui.Label(text="Which words", component=self._words))
        self.add_item(ui.Label(text="Who said them", description="Named in the article", component=self._who))
        self.add_item(ui.Label(text="Or another name", component=self._other))

    @override
    async def submitted(self, interaction: discord.Interaction[Any]) -> None:
        newsdesk, library = interaction.client.newsdesk, library_of(interaction)
        chosen = self._other.value.strip() or next(iter(self._who.values), "")
        if not chosen:
            raise Refused("Choose who said it, or that nobody is named: nothing was changed.")
        number = int(next(iter(self._words.values), "0")) if len(self._quote.said) > 1 else 0
        span = self._quote.said[number].span
        speaker = None if chosen == _NOBODY else chosen
        corrected = await newsdesk.spoken.correct(library, self._quote.article, span, speaker, by=interaction.user.id)
        await turn(interaction, await page_card(newsdesk, self._found, self._page))
        said = await _corrected_card(newsdesk, interaction, corrected)
        await interaction.followup.send(view=said.view, ephemeral=True)


def _choices(options: Sequence[tuple[str, str]], *, required: bool = True) -> ui.Select[Any]:
    made = [discord.SelectOption(label=fit(label, CHOICE_CHARS), value=value) for label, value in options[:CHOICES]]
    return ui.Select(options=made, required=required, min_values=int(required))


def _beginning(quote: Quote, number: int) -> str:
    """The first words of one of the quotations on a card, as a choice shows them."""
    words = " ".join(quote.said[number].span.of(quote.article.text)[: 2 * CHOICE_CHARS].split())
    return f"{number + 1}: {words}"


async def _corrected_card(newsdesk: Newsdesk, interaction: Interaction, corrected: Corrected) -> Card:
    before, made = corrected.before, corrected.made
    payload = json.dumps(
        {
            "article": corrected.article.id,
            "span": [made.span.start, made.span.end],
            "speaker": made.speaker,
            "was_corrected": before.was_corrected,
            "before": before.speaker,
        }
    )
    library = library_of(interaction)
    kept = await newsdesk.corpus.answers.save(library, interaction.user.id, _KIND, payload, now=newsdesk.now())
    undo: ui.Button[ui.LayoutView] = ui.Button(
        label="Undo", style=discord.ButtonStyle.secondary, custom_id=f"newsdesk:respeak:{kept}"
    )
    named = f"is **{escape_within(made.speaker, 100)}**" if made.speaker else "is nobody the article names"
    where = quote_id(corrected.article, made.span)
    return note(f"The speaker of `{where}` {named}, for everybody in this server from now on.").buttons(undo)


async def undo(interaction: Interaction, answer_id: str, too_old: str) -> Card:
    """Undo a correction by the id its button carries. Raises `Refused`."""
    newsdesk = interaction.client.newsdesk
    stored = await newsdesk.corpus.answers.load(answer_id)
    if stored is None or stored.kind != _KIND or stored.guild != interaction.guild_id:
        raise Refused(too_old)
    require_admin(interaction)
    kept = json.loads(stored.payload)
    article = (await newsdesk.articles_by_id(stored.guild, [kept["article"]])).get(kept["article"])
    if article is None:
        raise Refused(GONE)
    corrected = Corrected(
        article, Correction(Span(*kept["span"]), kept["speaker"]), Undone(kept["was_corrected"], kept["before"])
    )
    await newsdesk.spoken.undo(stored.guild, corrected, by=interaction.user.id)
    return note(f"The speaker of `{quote_id(article, corrected.made.span)}` is again what it was before.")
