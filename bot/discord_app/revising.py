"""`/article revise`: another text for an article, a card with what becomes of its quotations, Save; then the digests.

form or file -> `TextDraft` (kept in the corpus) -> card -> Save -> `Editing.revise` -> "Note it in 2 digests"
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Self

import discord
from discord import ui
from typing_extensions import override

from bot.desks.editing import Revision
from bot.discord_app.cards import Card, byline, note
from bot.discord_app.checks import compared
from bot.discord_app.desk import Interaction, library_of
from bot.discord_app.drafts import field
from bot.discord_app.forms import Form
from bot.discord_app.limits import MODAL_TEXT_CHARS, chars
from bot.discord_app.markup import escape_within
from bot.discord_app.posted import LEGEND, Noted, misquoting, post_notes
from bot.discord_app.replies import answer
from bot.model import Article, Speech
from bot.newsdesk import Newsdesk
from bot.search.revisions import Revised, squeezed

DRAFT: Final = "revision"
DONE: Final = "revised"
_QUOTE_CHARS: Final = 500
_END_CHARS: Final = 250


@dataclass(frozen=True, slots=True)
class TextDraft:
    """The text somebody gave for an article, which was row ``article_id`` then."""

    user_id: int
    article_id: int
    ref: str
    text: str

    async def save(self, newsdesk: Newsdesk, library: int) -> str:
        """Keep the new text until it is confirmed; returns its id."""
        payload = json.dumps({"article": self.article_id, "ref": self.ref, "text": self.text})
        return await newsdesk.corpus.answers.save(library, self.user_id, DRAFT, payload, now=newsdesk.now())

    @classmethod
    async def load(cls, newsdesk: Newsdesk, library: int, answer_id: str) -> Self | None:
        """The new text of this server kept under an id; None where there is none."""
        stored = await newsdesk.corpus.answers.load(answer_id)
        if stored is None or stored.kind != DRAFT or stored.guild != library:
            return None
        kept = json.loads(stored.payload)
        return cls(stored.user_id, kept["article"], kept["ref"], kept["text"])


@dataclass(frozen=True, slots=True)
class Done:
    """A revision that was saved: whose it was, and the row it made."""

    user_id: int
    article_id: int

    @classmethod
    async def load(cls, newsdesk: Newsdesk, library: int, answer_id: str) -> Self | None:
        """The revision of this server kept under an id; None where there is none."""
        stored = await newsdesk.corpus.answers.load(answer_id)
        if stored is None or stored.kind != DONE or stored.guild != library:
            return None
        return cls(stored.user_id, json.loads(stored.payload)["article"])


class RevisionForm(Form, title="Revise an article"):
    """The whole text, with what it is now where a form can hold that."""

    def __init__(self, article: Article) -> None:
        super().__init__()
        self._article = article
        fits = chars(article.text) <= MODAL_TEXT_CHARS
        description = (
            "The whole text as it is to be" if fits else "Longer than a form holds now: give the whole new text"
        )
        self._text = field(article.text if fits else "", max_length=MODAL_TEXT_CHARS, style=discord.TextStyle.paragraph)
        self.add_item(ui.Label(text="Text", description=description, component=self._text))

    @override
    async def submitted(self, interaction: discord.Interaction[Any]) -> None:
        await answer(interaction, preview(interaction, self._article, self._text.value))


async def preview(interaction: Interaction, article: Article, text: str, *, before: str = "") -> Card:
    """What ``text`` would do to an article, with Save. Raises `Refused`. ``before`` is a sentence to say first."""
    newsdesk, library = interaction.client.newsdesk, library_of(interaction)
    revision = await newsdesk.editing.compare(article, text)
    if revision.prepared.document.text == article.text:
        return note(f"Nothing would change: this is the text of {byline(article)} already.")
    digests = len(await misquoting(newsdesk, article, revision.revised))
    draft = TextDraft(interaction.user.id, article.id, article.ref, text)
    kept = await draft.save(newsdesk, library)
    return _preview_card(revision, digests, before).buttons(
        _button("save", kept, "Save", primary=True), _button("cancel", kept, "Cancel")
    )


async def save(interaction: Interaction, draft: TextDraft, answer_id: str) -> Card:
    """Store what was shown; where the article has another text by now, show what would change of that first."""
    newsdesk, library = interaction.client.newsdesk, library_of(interaction)
    article = await newsdesk.own_article(library, draft.ref)
    if article.id != draft.article_id:
        said = "**Somebody else has revised this article meanwhile:** this is what would change now."
        return await preview(interaction, article, draft.text, before=said)
    revision = await newsdesk.editing.compare(article, draft.text)
    revised = await newsdesk.editing.revise(revision, by=interaction.user.id)
    await newsdesk.corpus.answers.forget(answer_id)
    counted = _counted(revision.revised)
    text = f"{byline(revised)}\n{_words(revision)} · {counted}\n-# `/quote` and `/check` know the new text from now on."
    card = note(text, title="Revised")
    return await _with_digests(interaction, card, revised, revision.revised)


async def note_digests(interaction: Interaction, done: Done) -> Card:
    """Post the correction notes, and say where. Raises `Refused`."""
    newsdesk, library = interaction.client.newsdesk, library_of(interaction)
    _, after, revised = await newsdesk.editing.last_revision(library, done.article_id)
    noted = await post_notes(interaction.client, newsdesk, after, revised, by=interaction.user.id)
    card = note(f"{byline(after)}\n{_noted(noted)}", title="Digests corrected" if noted.links else "No new note")
    return await _with_digests(interaction, card, after, revised) if noted.faults else card


async def _with_digests(interaction: Interaction, card: Card, after: Article, revised: Revised) -> Card:
    """The card with a button that posts the notes, where there are digests to note it in."""
    newsdesk, library = interaction.client.newsdesk, library_of(interaction)
    digests = len(await misquoting(newsdesk, after, revised))
    if not digests:
        return card
    payload = json.dumps({"article": after.id})
    kept = await newsdesk.corpus.answers.save(library, interaction.user.id, DONE, payload, now=newsdesk.now())
    return card.text(_digests(digests)).buttons(_button("note", kept, f"Note it in {_many(digests, 'digest')}"))


def _preview_card(revision: Revision, digests: int, before: str) -> Card:
    article, revised = revision.article, revision.revised
    head = "\n".join(filter(None, [before, byline(article), f"{_words(revision)} · {_counted(revised)}"]))
    card = Card().text(f"### Save this text?\n{head}")
    blocks = list(_blocks(revised))
    shown = 0
    for block in blocks:
        if not card.fits(block, spare_chars=_END_CHARS):
            break
        card.rule().text(block)
        shown += 1
    if shown < len(blocks):
        card.text(f"-# and {_many(len(blocks) - shown, 'more quotation')}")
    card.rule().text(_digests(digests) if digests else "")
    return card.text(f"{LEGEND}\n-# Nothing is changed until you save it." if blocks else "-# Nothing is changed yet.")


def _blocks(revised: Revised) -> Iterator[str]:
    """What becomes of each quotation that is not as it was: those that are gone first."""
    for gone in revised.removed:
        yield f"**Removed**{_by(gone)}\n> ~~{_said(revised.before, gone)}~~"
    for one in revised.changed:
        yield f"**Changed**{_by(one.after)}\n> {compared(revised.before, revised.after, one.edits, _QUOTE_CHARS)}"
    for old, now in revised.respoken:
        was = escape_within(old.speaker or "nobody", 80)
        yield f"**Another speaker**{_by(now)}, before: {was}\n> {_said(revised.after, now)}"
    for new in revised.added:
        yield f"**Added**{_by(new)}\n> {_said(revised.after, new)}"


def _by(speech: Speech) -> str:
    return f", {escape_within(speech.speaker, 80)}" if speech.speaker else ", unattributed"


def _said(text: str, speech: Speech) -> str:
    return escape_within(squeezed(speech.span.of(text)), _QUOTE_CHARS)


def _words(revision: Revision) -> str:
    return f"{revision.article.words:,} → {revision.prepared.words:,} words"


def _counted(revised: Revised) -> str:
    """``quotations: 2 added, 1 removed, 1 changed, 5 as before``"""
    counts = {
        "added": len(revised.added),
        "removed": len(revised.removed),
        "changed": len(revised.changed),
        "as before": len(revised.same),
    }
    told = ", ".join(f"{count} {what}" for what, count in counts.items() if count)
    return f"quotations: {told}" if told else "no quotations"


def _digests(count: int) -> str:
    verb = "shows" if count == 1 else "show"
    return f"**{_many(count, 'digest')}** of the last 30 days {verb} words that are no longer quoted."


def _noted(noted: Noted) -> str:
    lines = [f"Noted: {link}" for link in noted.links]
    if noted.before:
        lines.append(f"In {_many(noted.before, 'digest')} it had been noted before.")
    return "\n".join([*lines, *(f"Not noted in {fault}." for fault in noted.faults)]) or "There was nothing to note."


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _button(verb: str, answer_id: str, label: str, *, primary: bool = False) -> ui.Button[ui.LayoutView]:
    """A button that `buttons.RevisionButton` answers."""
    return ui.Button(
        label=label,
        custom_id=f"newsdesk:revise-{verb}:{answer_id}",
        style=discord.ButtonStyle.primary if primary else discord.ButtonStyle.secondary,
    )
