"""Buttons: what happens when somebody presses one, today or after a restart.

Discord sends the custom id back; everything else is in the corpus. Only the person who asked may press.
"""

from __future__ import annotations

import re
from typing import Any, Self, TypeVar

import discord
from discord import ui
from typing_extensions import override

from bot.discord_app import editing, revising
from bot.discord_app.cards import context_card, link_button, note, quote_card
from bot.discord_app.checks import FoundChecks, checks_card
from bot.discord_app.data import delete_mine
from bot.discord_app.desk import Interaction, library_of
from bot.discord_app.digest_pages import FoundDigest, digest_page, shared_page
from bot.discord_app.drafts import Draft, save_draft
from bot.discord_app.events import show_article
from bot.discord_app.found import Found
from bot.discord_app.histories import history_card
from bot.discord_app.markup import escape_within
from bot.discord_app.measured import admitted
from bot.discord_app.pages import GONE, article_button, page_card, quote_at
from bot.discord_app.records import FoundRecord, record_card, record_page
from bot.discord_app.replies import in_time, send, show_form, tell, turn
from bot.discord_app.setups import post_test
from bot.discord_app.speaker_forms import SpeakerForm, require_admin, undo
from bot.discord_app.summary_cards import FoundSummary
from bot.errors import Refused
from bot.model import Quote

_Kept = TypeVar("_Kept", Found, FoundRecord, FoundDigest, FoundChecks, FoundSummary)

_Draft = TypeVar("_Draft", editing.EditDraft, revising.TextDraft, revising.Done)

_NOTHING_CHANGED = "Nothing was changed."
_NOT_YOURS = "Only the person who asked can press these buttons: ask for yourself with a slash command."
_TOO_OLD = "I no longer have the results behind this button: ask again with the slash command."


class _Pressable(ui.DynamicItem[ui.Button[Any]], template=r"newsdesk:never"):
    """A button known by the pattern of its custom id. Subclasses say in `press` what it does."""

    def __init__(self, custom_id: str, match: re.Match[str]) -> None:
        super().__init__(ui.Button(custom_id=custom_id))
        self.match = match

    @classmethod
    async def from_custom_id(
        cls,
        interaction: discord.Interaction[Any],  # noqa: ARG003
        item: ui.Item[Any],  # noqa: ARG003
        match: re.Match[str],
        /,
    ) -> Self:
        return cls(match.string, match)

    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        return await admitted(interaction)

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        try:
            await in_time(interaction, self.press(interaction))
        except Exception as error:  # noqa: BLE001 - discord.py would swallow it and leave the person waiting
            await tell(interaction, error)

    async def press(self, interaction: Interaction) -> None:
        raise NotImplementedError


class ResultButton(
    _Pressable,
    template=r"newsdesk:(?P<verb>prev|next|another|context|share|wrong):(?P<answer>[\w-]{1,16}):(?P<page>\d{1,3})",
):
    """Previous, Next, Another, Context, Share and Wrong speaker? under the results of a question."""

    @override
    async def press(self, interaction: Interaction) -> None:
        found = _own(interaction, await Found.load(interaction.client.newsdesk, self.match["answer"]))
        page = int(self.match["page"])
        match self.match["verb"]:
            case "prev":
                await self._turn(interaction, found, page - 1)
            case "next":
                await self._turn(interaction, found, page + 1)
            case "another":
                await self._another(interaction, found)
            case "context":
                await self._context(interaction, found, page)
            case "share":
                await self._share(interaction, found, page)
            case "wrong":
                await self._correct(interaction, found, page)

    async def _turn(self, interaction: Interaction, found: Found, page: int) -> None:
        await turn(interaction, await page_card(interaction.client.newsdesk, found, page))

    async def _another(self, interaction: Interaction, found: Found) -> None:
        newsdesk = interaction.client.newsdesk
        answered = await newsdesk.quoting.quotes(found.library, newsdesk.query("", **found.limits), 1, shown=1)
        if not answered.first:
            raise Refused(GONE)
        another = await Found.save(
            newsdesk, found.library, found.user_id, "quotes", "", answered, limits=found.limits, editor=found.editor
        )
        await self._turn(interaction, another, 0)

    async def _context(self, interaction: Interaction, found: Found, page: int) -> None:
        newsdesk = interaction.client.newsdesk
        quote = _still_there(await quote_at(newsdesk, found, page))
        await send(interaction, context_card(quote, newsdesk.around(quote)))

    async def _share(self, interaction: Interaction, found: Found, page: int) -> None:
        quote = _still_there(await quote_at(interaction.client.newsdesk, found, page))
        sharer = escape_within(interaction.user.display_name, 80)
        card = quote_card(quote, footer=f"Shared by {sharer}")
        await send(interaction, card.buttons(article_button(quote.article), link_button(quote.article)), public=True)

    async def _correct(self, interaction: Interaction, found: Found, page: int) -> None:
        require_admin(interaction)
        newsdesk = interaction.client.newsdesk
        quote = _still_there(await quote_at(newsdesk, found, page))
        if not quote.said:
            raise Refused("Nobody is quoted in these words any more: ask again with the slash command.")
        names = await newsdesk.spoken.candidates(found.library, quote.article)
        await show_form(interaction, SpeakerForm(found, page, quote, names))


class RecordButton(
    _Pressable,
    template=r"newsdesk:record-(?P<verb>page|share):(?P<answer>[\w-]{1,16}):(?P<page>\d{1,3})",
):
    """Previous, Next and Share under what one person said."""

    @override
    async def press(self, interaction: Interaction) -> None:
        newsdesk = interaction.client.newsdesk
        found = _own(interaction, await FoundRecord.load(newsdesk, self.match["answer"]))
        page = int(self.match["page"])
        if self.match["verb"] == "page":
            await turn(interaction, await record_card(newsdesk, found, page))
            return
        sharer = escape_within(interaction.user.display_name, 80)
        await send(interaction, await record_page(newsdesk, found, page, footer=f"Shared by {sharer}"), public=True)


class DigestButton(
    _Pressable,
    template=r"newsdesk:digest-(?P<verb>page|share):(?P<answer>[\w-]{1,16}):(?P<page>\d{1,3})",
):
    """Previous, Next and Share under a digest."""

    @override
    async def press(self, interaction: Interaction) -> None:
        newsdesk = interaction.client.newsdesk
        found = _own(interaction, await FoundDigest.load(newsdesk, self.match["answer"]))
        page = int(self.match["page"])
        if self.match["verb"] == "page":
            await turn(interaction, await digest_page(newsdesk, found, page))
            return
        sharer = escape_within(interaction.user.display_name, 80)
        await send(interaction, await shared_page(newsdesk, found, page, footer=f"Shared by {sharer}"), public=True)


class CheckButton(
    _Pressable,
    template=r"newsdesk:check-(?P<verb>context|share):(?P<answer>[\w-]{1,16}):(?P<number>\d{1,2})",
):
    """Context and Share under the verdicts on a text's quotations."""

    @override
    async def press(self, interaction: Interaction) -> None:
        newsdesk = interaction.client.newsdesk
        kept = _own(interaction, await FoundChecks.load(newsdesk, self.match["answer"]))
        if self.match["verb"] == "context":
            await send(interaction, await kept.context(newsdesk, int(self.match["number"])))
            return
        sharer = escape_within(interaction.user.display_name, 80)
        card, _ = checks_card(await kept.check(newsdesk), footer=f"Shared by {sharer}")
        await send(interaction, card, public=True)


class SummaryButton(_Pressable, template=r"newsdesk:summary-share:(?P<answer>[\w-]{1,16})"):
    """Share under a summary."""

    @override
    async def press(self, interaction: Interaction) -> None:
        newsdesk = interaction.client.newsdesk
        found = _own(interaction, await FoundSummary.load(newsdesk, self.match["answer"]))
        sharer = escape_within(interaction.user.display_name, 80)
        await send(interaction, await found.card(newsdesk, footer=f"Shared by {sharer}"), public=True)


class ArticleButton(_Pressable, template=r"newsdesk:article:(?P<ref>S?\d{1,9})"):
    """Article under a quotation, for everybody who sees it: all about the article, to who pressed alone."""

    @override
    async def press(self, interaction: Interaction) -> None:
        article = await interaction.client.newsdesk.article(library_of(interaction), self.match["ref"])
        await send(interaction, await show_article(interaction, article))


class RespeakButton(_Pressable, template=r"newsdesk:respeak:(?P<answer>[\w-]{1,16})"):
    """Undo under a corrected speaker."""

    @override
    async def press(self, interaction: Interaction) -> None:
        await turn(interaction, await undo(interaction, self.match["answer"], _TOO_OLD))


class UndoButton(_Pressable, template=r"newsdesk:undo:(?P<user>\d{1,20}):(?P<number>\d{1,9})"):
    """Undo under "removed": brings the article back."""

    @override
    async def press(self, interaction: Interaction) -> None:
        _require_owner(interaction, int(self.match["user"]))
        restored = await interaction.client.newsdesk.restore(
            library_of(interaction), self.match["number"], by=interaction.user.id
        )
        text = f"Back in the library: **{escape_within(restored.title, 200)}** `#{restored.ref}`"
        await turn(interaction, note(text))


class DraftButton(_Pressable, template=r"newsdesk:draft(?:-(?P<verb>save|cancel))?:(?P<answer>[\w-]{1,16})"):
    """Save, Edit and Cancel under what may become an article; Edit opens the form with what is known of it."""

    @override
    async def press(self, interaction: Interaction) -> None:
        draft = await Draft.load(interaction.client.newsdesk, self.match["answer"])
        if draft is None:
            raise Refused(_TOO_OLD)
        _require_owner(interaction, draft.user_id)
        match self.match["verb"]:
            case "save":
                await turn(interaction, await save_draft(interaction, draft))
            case "cancel":
                await draft.forget(interaction.client.newsdesk)
                await turn(interaction, note("Nothing was saved."))
            case _:
                await show_form(interaction, draft.form())


class EditButton(_Pressable, template=r"newsdesk:edit-(?P<verb>save|again|cancel):(?P<answer>[\w-]{1,16})"):
    """Save, Edit and Cancel under what an edit would change."""

    @override
    async def press(self, interaction: Interaction) -> None:
        require_admin(interaction)
        newsdesk, answer_id = interaction.client.newsdesk, self.match["answer"]
        draft = _draft(interaction, await editing.EditDraft.load(newsdesk, library_of(interaction), answer_id))
        match self.match["verb"]:
            case "save":
                await turn(interaction, await editing.save(interaction, draft, answer_id))
            case "again":
                await show_form(interaction, editing.EditForm(draft))
            case "cancel":
                await newsdesk.corpus.answers.forget(answer_id)
                await turn(interaction, note(_NOTHING_CHANGED))


class RevisionButton(_Pressable, template=r"newsdesk:revise-(?P<verb>save|cancel|note):(?P<answer>[\w-]{1,16})"):
    """Save and Cancel under what a new text would change, and the notes in digests once it is saved."""

    @override
    async def press(self, interaction: Interaction) -> None:
        require_admin(interaction)
        newsdesk, library, answer_id = interaction.client.newsdesk, library_of(interaction), self.match["answer"]
        if self.match["verb"] == "note":
            done = _draft(interaction, await revising.Done.load(newsdesk, library, answer_id))
            await turn(interaction, await revising.note_digests(interaction, done))
            return
        draft = _draft(interaction, await revising.TextDraft.load(newsdesk, library, answer_id))
        if self.match["verb"] == "save":
            await turn(interaction, await revising.save(interaction, draft, answer_id))
        else:
            await newsdesk.corpus.answers.forget(answer_id)
            await turn(interaction, note(_NOTHING_CHANGED))


class HistoryButton(
    _Pressable,
    template=r"newsdesk:history-(?:prev|next):(?P<user>\d{1,20}):(?P<number>\d{1,9}):(?P<page>\d{1,5})",
):
    """Previous and Next under what was done to an article."""

    @override
    async def press(self, interaction: Interaction) -> None:
        require_admin(interaction)
        _require_owner(interaction, int(self.match["user"]))
        await turn(interaction, await history_card(interaction, int(self.match["number"]), int(self.match["page"])))


class ForgetButton(_Pressable, template=r"newsdesk:forget:(?P<user>\d{1,20})"):
    """Delete under what `/data delete` would delete of a person."""

    @override
    async def press(self, interaction: Interaction) -> None:
        _require_owner(interaction, int(self.match["user"]))
        await turn(interaction, await delete_mine(interaction))


class TestPostButton(_Pressable, template=r"newsdesk:test-post:(?P<user>\d{1,20}):(?P<channel>\d{1,20})"):
    """Post a test under what /setup shows."""

    @override
    async def press(self, interaction: Interaction) -> None:
        _require_owner(interaction, int(self.match["user"]))
        await send(interaction, await post_test(interaction, int(self.match["channel"])))


ALL: tuple[type[ui.DynamicItem[Any]], ...] = (
    ResultButton,
    RecordButton,
    DigestButton,
    CheckButton,
    SummaryButton,
    ArticleButton,
    RespeakButton,
    UndoButton,
    DraftButton,
    EditButton,
    RevisionButton,
    HistoryButton,
    ForgetButton,
    TestPostButton,
)


def _own(interaction: Interaction, found: _Kept | None) -> _Kept:
    """What a button's answer was made of, if it is of this server and this person. Raises `Refused`."""
    if found is None or found.library != interaction.guild_id:
        raise Refused(_TOO_OLD)
    _require_owner(interaction, found.user_id)
    return found


def _draft(interaction: Interaction, draft: _Draft | None) -> _Draft:
    """What a button goes on with, if it is there and this person's. Raises `Refused`."""
    if draft is None:
        raise Refused(_TOO_OLD)
    _require_owner(interaction, draft.user_id)
    return draft


def _require_owner(interaction: Interaction, user_id: int) -> None:
    if interaction.user.id != user_id:
        raise Refused(_NOT_YOURS)


def _still_there(quote: Quote | None) -> Quote:
    if quote is None:
        raise Refused(GONE)
    return quote
