"""`/article edit`: a form with what is said of an article, a card that shows what would change, and Save.

article -> form -> `EditDraft` (kept in the corpus) -> card with old and new -> Save -> `Editing.edit`
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, Self

import discord
from discord import ui
from typing_extensions import override

from bot.desks.editing import authors_typed
from bot.discord_app.cards import Card, byline, note
from bot.discord_app.desk import Interaction, library_of
from bot.discord_app.drafts import date_typed, field, link_typed
from bot.discord_app.forms import Form
from bot.discord_app.limits import MODAL_TEXT_CHARS, fit
from bot.discord_app.markup import escape_within
from bot.discord_app.replies import answer, sentence
from bot.errors import NewsdeskError, Refused
from bot.model import Article, Facts
from bot.newsdesk import Newsdesk

KIND: Final = "edit"
_TITLE_CHARS, _OUTLET_CHARS, _DATE_CHARS, _LINK_CHARS = 300, 300, 40, 2_000
_SHOWN_CHARS = 250
_NOTHING = "—"


@dataclass(frozen=True, slots=True)
class EditDraft:
    """The five fields as typed, whose they are, and the article they are of; ``seen`` is what was said of it then."""

    user_id: int
    article_id: int
    ref: str
    seen: dict[str, str]
    title: str
    outlet: str
    authors: str
    url: str
    published: str

    @classmethod
    def of(cls, user_id: int, article: Article) -> Self:
        """The form filled in with what is said of an article now."""
        return cls(
            user_id=user_id,
            article_id=article.id,
            ref=article.ref,
            seen=Facts.of(article).written,
            title=article.title,
            outlet=article.outlet or "",
            authors=", ".join(article.authors),
            url=article.url or "",
            published="" if article.published is None else str(article.published),
        )

    def facts(self, article: Article) -> Facts:
        """What these fields say of ``article``. Raises `Refused` for a date, a link or authors that cannot be read."""
        now = Facts.of(article)
        title = " ".join(self.title.split())
        if not title:
            raise Refused("An article needs a title: type one.")
        return Facts(
            title=title,
            outlet=" ".join(self.outlet.split()) or None,
            # Names that were not touched stay as they are, whatever stands in them.
            authors=now.authors if self.authors == ", ".join(now.authors) else authors_typed(self.authors),
            url=now.url if self.url == now.url else link_typed(self.url),
            published=date_typed(self.published),
        )

    async def save(self, newsdesk: Newsdesk, library: int) -> str:
        """Keep the draft; returns the id that its buttons carry."""
        return await newsdesk.corpus.answers.save(
            library, self.user_id, KIND, json.dumps(asdict(self)), now=newsdesk.now()
        )

    @classmethod
    async def load(cls, newsdesk: Newsdesk, library: int, answer_id: str) -> Self | None:
        """The draft of this server kept under an id; None where there is none."""
        stored = await newsdesk.corpus.answers.load(answer_id)
        ours = stored is not None and stored.kind == KIND and stored.guild == library
        return cls(**json.loads(stored.payload)) if ours and stored is not None else None


class EditForm(Form, title="Edit an article"):
    """Title, outlet, authors, link, date: the five components a modal may have."""

    def __init__(self, draft: EditDraft) -> None:
        super().__init__()
        self._draft = draft
        self._title = field(fit(draft.title, _TITLE_CHARS), max_length=_TITLE_CHARS)
        self._outlet = field(fit(draft.outlet, _OUTLET_CHARS), max_length=_OUTLET_CHARS, required=False)
        self._authors = field(draft.authors[:MODAL_TEXT_CHARS], max_length=MODAL_TEXT_CHARS, required=False)
        self._url = field(draft.url[:_LINK_CHARS], max_length=_LINK_CHARS, required=False, placeholder="https://…")
        self._published = field(
            draft.published, max_length=_DATE_CHARS, required=False, placeholder="2025-05-12, May 2025 or 2025"
        )
        for text, description, component in (
            ("Title", None, self._title),
            ("Outlet", "Who published it", self._outlet),
            ("Authors", "With commas between them", self._authors),
            ("Link", None, self._url),
            ("Date", "As exact as you know it", self._published),
        ):
            self.add_item(ui.Label(text=text, description=description, component=component))

    @override
    async def submitted(self, interaction: discord.Interaction[Any]) -> None:
        draft = replace(
            self._draft,
            title=self._title.value,
            outlet=self._outlet.value,
            authors=self._authors.value,
            url=self._url.value,
            published=self._published.value,
        )
        await answer(interaction, preview(interaction, draft))


async def preview(interaction: Interaction, draft: EditDraft, *, before: str = "") -> Card:
    """What a draft would change, with Save; what cannot be read is told, with Edit. Raises `NotFound`, `Refused`.

    ``before`` is a sentence to say first.
    """
    newsdesk, library = interaction.client.newsdesk, library_of(interaction)
    article = await newsdesk.own_article(library, draft.ref)
    try:
        changes = Facts.of(article).changes(draft.facts(article))
    except NewsdeskError as error:
        kept = await draft.save(newsdesk, library)
        text = f"{sentence(interaction, error)}\n-# Nothing is lost: Edit opens the form with what you typed."
        return note(text).buttons(_button("again", kept, "Edit", primary=True))
    if not changes:
        return note(f"Nothing would change: this is what is said of {byline(article)} already.")
    draft = replace(draft, article_id=article.id, seen=Facts.of(article).written)
    kept = await draft.save(newsdesk, library)
    lines = [before, byline(article), *(_line(name, *pair) for name, pair in changes.items())]
    text = "\n".join(filter(None, lines))
    return note(f"{text}\n-# Nothing is changed until you save it.", title="Save these changes?").buttons(
        _button("save", kept, "Save", primary=True), _button("again", kept, "Edit"), _button("cancel", kept, "Cancel")
    )


async def save(interaction: Interaction, draft: EditDraft, answer_id: str) -> Card:
    """Change what was shown; where something else is said of the article by now, show that first."""
    newsdesk, library = interaction.client.newsdesk, library_of(interaction)
    article = await newsdesk.own_article(library, draft.ref)
    if Facts.of(article).written != draft.seen or article.id != draft.article_id:
        said = "**Somebody else has changed this article meanwhile:** this is what would change now."
        return await preview(interaction, draft, before=said)
    edited = await newsdesk.editing.edit(article, draft.facts(article), by=interaction.user.id)
    await newsdesk.corpus.answers.forget(answer_id)
    changes = Facts.of(article).changes(Facts.of(edited))
    lines = "\n".join(_line(name, *pair) for name, pair in changes.items())
    return note(f"{byline(edited)}\n{lines}\n-# `/article history` keeps what it was.", title="Changed")


def _line(name: str, before: str, after: str) -> str:
    """``**Outlet:** The Gazette → Harbour Post``"""
    return f"**{name.capitalize()}:** {_shown(before)} → {_shown(after)}"


def _shown(value: str) -> str:
    return escape_within(value, _SHOWN_CHARS) if value else _NOTHING


def _button(verb: str, answer_id: str, label: str, *, primary: bool = False) -> ui.Button[ui.LayoutView]:
    """A button that `buttons.EditButton` answers."""
    return ui.Button(
        label=label,
        custom_id=f"newsdesk:edit-{verb}:{answer_id}",
        style=discord.ButtonStyle.primary if primary else discord.ButtonStyle.secondary,
    )
