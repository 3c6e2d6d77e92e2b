"""The form of `/article add`, and drafts: what was typed, or was found behind a link, is kept until it is an article.

When a form cannot be stored as typed (a date nobody can read, no text), its words are kept in the corpus and the
answer carries an Edit button that opens the form again, filled in. What was fetched is kept likewise while its preview
(`bot.discord_app.previews`) waits for Save; a text that is too long for a form stays with the draft as it is.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from typing import Any, Self
from urllib.parse import urlsplit

import discord
from discord import ui
from typing_extensions import override

from bot.corpus import Added, Outcome
from bot.dates import PartialDate
from bot.discord_app import limits
from bot.discord_app.cards import Card, byline, note, same_event
from bot.discord_app.desk import Interaction, library_of
from bot.discord_app.events import story_of
from bot.discord_app.forms import Form
from bot.discord_app.replies import answer, sentence
from bot.editions.tellings import Telling
from bot.errors import NewsdeskError, Refused
from bot.model import Document
from bot.newsdesk import Newsdesk
from bot.reading.fields import MAX_URL_CHARS
from bot.reading.metadata import title_of


@dataclass(frozen=True, slots=True)
class Draft:
    """The fields of the form, as typed, and whose they are; ``id`` where it is kept."""

    user_id: int
    title: str = ""
    outlet: str = ""
    published: str = ""
    url: str = ""
    text: str = ""
    authors: tuple[str, ...] = ()
    id: str | None = None

    @classmethod
    def of(cls, document: Document, user_id: int) -> Self:
        """``document`` as somebody would have typed it in."""
        return cls(
            user_id=user_id,
            title=document.title,
            outlet=document.outlet or "",
            published=str(document.published or ""),
            url=document.url or "",
            text=document.text,
            authors=document.authors,
        )

    def document(self) -> Document:
        """The document these fields describe. Raises `Refused` for a date or a link that cannot be read."""
        return Document(
            name="what you typed",
            title=self.title,
            text=self.text,
            outlet=self.outlet.strip() or None,
            authors=self.authors,
            url=link_typed(self.url),
            published=date_typed(self.published),
            title_in_text=bool(self.title) and self.title == title_of(self.text),
        )

    def form(self) -> ArticleForm:
        """The form to write it in, filled with what is there."""
        return ArticleForm(self)

    async def save(self, newsdesk: Newsdesk, library: int) -> str:
        """Keep the draft; returns the id that the Edit button carries."""
        payload = json.dumps(asdict(replace(self, id=None)))
        return await newsdesk.corpus.answers.save(library, self.user_id, "draft", payload, now=newsdesk.now())

    @classmethod
    async def load(cls, newsdesk: Newsdesk, answer_id: str) -> Self | None:
        """The draft kept under an id; None where it is forgotten by now."""
        stored = await newsdesk.corpus.answers.load(answer_id)
        if stored is None or stored.kind != "draft":
            return None
        fields = json.loads(stored.payload)
        return cls(**{**fields, "authors": tuple(fields.get("authors", ())), "id": answer_id})

    async def forget(self, newsdesk: Newsdesk) -> None:
        """Keep it no longer: it is an article, or is not to be one."""
        if self.id is not None:
            await newsdesk.corpus.answers.forget(self.id)


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


class ArticleForm(Form, title="Add an article"):
    """Title, outlet, date, link, text: the five components a modal may have.

    A text longer than a form takes is not shown and stays as it is; in its place stand the authors.
    """

    def __init__(self, draft: Draft) -> None:
        super().__init__()
        self._draft = draft
        self._long = limits.chars(draft.text) > limits.MODAL_TEXT_CHARS
        self._title = field(draft.title, max_length=300, placeholder="As printed")
        self._outlet = field(draft.outlet, max_length=300, required=False, placeholder="The Kyiv Independent")
        self._published = field(
            draft.published, max_length=40, required=False, placeholder="2025-05-12, May 2025 or 2025"
        )
        self._url = field(draft.url, max_length=MAX_URL_CHARS, required=False, placeholder="https://…")
        for text, description, component in (
            ("Title", None, self._title),
            ("Outlet", "Who published it", self._outlet),
            ("Date", "As exact as you know it", self._published),
            ("Link", None, self._url),
            self._last(),
        ):
            self.add_item(ui.Label(text=text, description=description, component=component))

    def _last(self) -> tuple[str, str, ui.TextInput[Any]]:
        if self._long:
            self._authors = field("; ".join(self._draft.authors), max_length=1_000, required=False)
            return (
                "Authors",
                f"With “;” between; the text stays as it is ({len(self._draft.text):,} signs)",
                self._authors,
            )
        self._text = field(self._draft.text, max_length=limits.MODAL_TEXT_CHARS, style=discord.TextStyle.paragraph)
        return "Text", "Up to 4,000 characters; use /article upload for more", self._text

    @override
    async def submitted(self, interaction: discord.Interaction[Any]) -> None:
        kept = self._draft
        draft = replace(
            kept,
            user_id=interaction.user.id,
            title=self._title.value,
            outlet=self._outlet.value,
            published=self._published.value,
            url=self._url.value,
            text=kept.text if self._long else self._text.value,
            authors=_split(self._authors.value) if self._long else kept.authors,
        )
        await answer(interaction, _add(interaction, draft))


def field(default: str, *, max_length: int, **options: Any) -> ui.TextInput[Any]:
    """A text field filled in with what fits of ``default``: Discord refuses the whole form for a sign too many."""
    return ui.TextInput(default=limits.fit(default, max_length) or None, max_length=max_length, **options)


def _split(authors: str) -> tuple[str, ...]:
    return tuple(name for part in authors.split(";") if (name := part.strip()))


async def _add(interaction: Interaction, draft: Draft) -> Card:
    newsdesk, library = interaction.client.newsdesk, library_of(interaction)
    try:
        return await save_draft(interaction, draft)
    except NewsdeskError as error:
        edit = draft_button(await draft.save(newsdesk, library), "Edit")
        told = sentence(interaction, error)
        return note(f"{told}\n-# Nothing is lost: Edit opens the form with what you typed.").buttons(edit)


async def save_draft(interaction: Interaction, draft: Draft) -> Card:
    """Make ``draft`` an article. Raises `NewsdeskError`; the draft is kept then."""
    newsdesk = interaction.client.newsdesk
    added = await newsdesk.add(library_of(interaction), draft.document(), added_by=draft.user_id)
    await draft.forget(newsdesk)
    return added_card(added, await story_of(interaction, added.article))


def draft_button(draft_id: str, label: str) -> ui.Button[ui.LayoutView]:
    """The button that opens the form with what is kept under ``draft_id``."""
    return ui.Button(label=label, style=discord.ButtonStyle.primary, custom_id=f"newsdesk:draft:{draft_id}")


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
