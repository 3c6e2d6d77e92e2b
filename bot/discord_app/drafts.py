"""The form of `/article add`, and drafts: what was typed is kept until it is an article.

When a form cannot be stored as typed (a date nobody can read, no text), its words are kept in the corpus and the
answer carries an Edit button that opens the form again, filled in.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any, Self
from urllib.parse import urlsplit

import discord
from discord import ui

from bot.corpus import Added, Outcome
from bot.dates import PartialDate
from bot.discord_app.cards import Card, byline, note, same_event
from bot.discord_app.desk import Interaction, library_of
from bot.discord_app.events import story_of
from bot.discord_app.limits import MODAL_TEXT_CHARS
from bot.discord_app.markup import escape
from bot.discord_app.replies import answer, apologise
from bot.editions.tellings import Telling
from bot.errors import NewsdeskError, Refused
from bot.model import Document
from bot.newsdesk import Newsdesk


@dataclass(frozen=True, slots=True)
class Draft:
    """The five fields of the form, as typed, and whose they are."""

    user_id: int
    title: str = ""
    outlet: str = ""
    published: str = ""
    url: str = ""
    text: str = ""

    def document(self) -> Document:
        """The document these fields describe. Raises `Refused` for a date or a link that cannot be read."""
        return Document(
            name="what you typed",
            title=self.title,
            text=self.text,
            outlet=self.outlet.strip() or None,
            url=link_typed(self.url),
            published=date_typed(self.published),
        )

    def form(self) -> ArticleForm:
        return ArticleForm(self)

    async def save(self, newsdesk: Newsdesk, library: int) -> str:
        """Keep the draft; returns the id that the Edit button carries."""
        payload = json.dumps(asdict(self))
        return await newsdesk.corpus.answers.save(library, self.user_id, "draft", payload, now=newsdesk.now())

    @classmethod
    async def load(cls, newsdesk: Newsdesk, answer_id: str) -> Self | None:
        stored = await newsdesk.corpus.answers.load(answer_id)
        return cls(**json.loads(stored.payload)) if stored is not None and stored.kind == "draft" else None


def link_typed(typed: str) -> str | None:
    """The link in a field of a form; None where it is empty. Raises `Refused`."""
    url = typed.strip()
    if url and (urlsplit_or_none(url) is None):
        raise Refused("The link must start with https:// or http:// and name a site: correct it or leave it empty.")
    return url or None


def date_typed(typed: str) -> PartialDate | None:
    """The date in a field of a form; None where it is empty. Raises `Refused`."""
    return PartialDate.parse(typed) if typed.strip() else None


def urlsplit_or_none(url: str) -> str | None:
    """The host of an http or https link, None for anything else."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    whole = parts.scheme in ("http", "https") and not any(character.isspace() for character in url)
    return parts.hostname if whole else None


class ArticleForm(ui.Modal, title="Add an article"):
    """Title, outlet, date, link, text: the five components a modal may have."""

    def __init__(self, draft: Draft) -> None:
        super().__init__(timeout=None)
        self._title = field(draft.title, max_length=300, placeholder="As printed")
        self._outlet = field(draft.outlet, max_length=100, required=False, placeholder="The Kyiv Independent")
        self._published = field(
            draft.published, max_length=40, required=False, placeholder="2025-05-12, May 2025 or 2025"
        )
        self._url = field(draft.url, max_length=500, required=False, placeholder="https://…")
        self._text = field(draft.text, max_length=MODAL_TEXT_CHARS, style=discord.TextStyle.paragraph)
        for text, description, component in (
            ("Title", None, self._title),
            ("Outlet", "Who published it", self._outlet),
            ("Date", "As exact as you know it", self._published),
            ("Link", None, self._url),
            ("Text", "Up to 4,000 characters; use /article upload for more", self._text),
        ):
            self.add_item(ui.Label(text=text, description=description, component=component))

    async def on_submit(self, interaction: discord.Interaction[Any]) -> None:
        draft = Draft(
            user_id=interaction.user.id,
            title=self._title.value,
            outlet=self._outlet.value,
            published=self._published.value,
            url=self._url.value,
            text=self._text.value,
        )
        await answer(interaction, _add(interaction, draft))

    async def on_error(self, interaction: discord.Interaction[Any], error: Exception, /, *_: Any) -> None:
        await apologise(interaction, error)


def field(default: str, **options: Any) -> ui.TextInput[Any]:
    """A field of a form, filled in."""
    return ui.TextInput(default=default or None, **options)


async def _add(interaction: Interaction, draft: Draft) -> Card:
    newsdesk, library = interaction.client.newsdesk, library_of(interaction)
    try:
        added = await newsdesk.add(library, draft.document(), added_by=draft.user_id)
    except NewsdeskError as error:
        draft_id = await draft.save(newsdesk, library)
        edit: ui.Button[ui.LayoutView] = ui.Button(
            label="Edit", style=discord.ButtonStyle.primary, custom_id=f"newsdesk:draft:{draft_id}"
        )
        return note(f"{escape(str(error))}\n-# Nothing is lost: Edit opens the form with what you typed.").buttons(edit)
    return added_card(added, await story_of(interaction, added.article))


def added_card(added: Added, telling: Telling | None = None) -> Card:
    """What became of an article that somebody added, and what else is on its event."""
    words = {
        Outcome.ADDED: "Added to this server's library",
        Outcome.UNCHANGED: "Already in the library",
        Outcome.RESTORED: "Back in the library, it had been removed",
        Outcome.REMOVED: "This text was removed from the library",
    }[added.outcome]
    article = added.article
    about = f"{byline(article)}\n-# {article.words:,} words · found by /quote from now on"
    return note(f"{about}\n{same_event(article, telling)}".rstrip(), title=words)
