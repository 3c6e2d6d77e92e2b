"""What was found behind a link or in a message, shown before it is an article: Save, Edit or Cancel.

    link -> known already? -> Newsdesk.fetch -> known under its own link? -> a draft, and its preview
                                             -> nothing to read there -> the form, to paste the text

The draft is kept in the corpus, so that the buttons work after a restart; nothing is in the library before Save.
"""

from __future__ import annotations

import asyncio

import discord
from discord import ui

from bot.corpus import Prepared
from bot.discord_app import markup
from bot.discord_app.cards import Card, beginning, link_button, link_text, note
from bot.discord_app.desk import Interaction, library_of
from bot.discord_app.drafts import Draft, draft_button, urlsplit_or_none
from bot.discord_app.events import show_article
from bot.discord_app.messages import files_of, link_in, words_of
from bot.discord_app.uploads import read_attachment
from bot.errors import CannotFetch, UnreadableDocument
from bot.model import Article, Document, Speech
from bot.reading.documents import document_from_text
from bot.reading.fields import Fields

_QUOTATIONS_SHOWN = 3
_KNOWN = "### Already in the library\nThis page was saved before, under this or another link. Nothing was changed."


async def fetch_card(interaction: Interaction, link: str) -> Card:
    """The preview of the page at ``link``; the article where it is in the library already."""
    newsdesk, library = interaction.client.newsdesk, library_of(interaction)
    link = link if "://" in link else f"https://{link}"
    if known := await newsdesk.by_link(library, link):
        return await _known_card(interaction, known)
    try:
        document = await newsdesk.fetch(link)
        if document.url and (known := await newsdesk.by_link(library, document.url)):
            return await _known_card(interaction, known)
        return await _preview(interaction, document)
    except (CannotFetch, UnreadableDocument) as error:
        return await _paste_instead(interaction, link, error)


async def message_card(interaction: Interaction, message: discord.Message) -> Card:
    """The preview of what a message brings: the page its first link leads to, else its text, else its first file."""
    if link := link_in(message):
        return await fetch_card(interaction, link)
    files = files_of(message)
    if files and not message.content.strip():
        return await _preview(interaction, await read_attachment(interaction.client.newsdesk, files[0]))
    text = words_of(message)
    return await _preview(interaction, await asyncio.to_thread(document_from_text, "the message", text, Fields()))


async def _known_card(interaction: Interaction, article: Article) -> Card:
    return await show_article(interaction, article, above=_KNOWN)


async def _paste_instead(interaction: Interaction, link: str, error: CannotFetch | UnreadableDocument) -> Card:
    """What went wrong, and the form to paste the text into, with the link filled in."""
    url = link if urlsplit_or_none(link) else ""
    draft_id = await Draft(interaction.user.id, url=url).save(interaction.client.newsdesk, library_of(interaction))
    text = f"{markup.escape(str(error))}\n-# **Paste the text** opens a form with the link filled in."
    return note(text, title="Nothing was saved").buttons(draft_button(draft_id, "Paste the text"))


async def _preview(interaction: Interaction, document: Document) -> Card:
    newsdesk, library = interaction.client.newsdesk, library_of(interaction)
    prepared = await newsdesk.prepare(document)
    draft_id = await Draft.of(prepared.document, interaction.user.id).save(newsdesk, library)
    return preview_card(prepared).buttons(
        _button("Save", "save", draft_id, discord.ButtonStyle.success),
        draft_button(draft_id, "Edit"),
        _button("Cancel", "cancel", draft_id, discord.ButtonStyle.secondary),
        link_button(prepared.document),
    )


def _button(label: str, verb: str, draft_id: str, style: discord.ButtonStyle) -> ui.Button[ui.LayoutView]:
    return ui.Button(label=label, style=style, custom_id=f"newsdesk:draft-{verb}:{draft_id}")


def preview_card(prepared: Prepared) -> Card:
    """What would be stored: title, outlet, authors, day, length, how it begins, and who is quoted in it."""
    document = prepared.document
    card = Card().text(f"### Save this article?\n{_about(prepared)}").rule().text(beginning(document.text))
    return card.rule().text(_quotations(document.text, prepared.analysis.speeches))


def _about(prepared: Prepared) -> str:
    document = prepared.document
    named = [f"**{markup.escape_within(document.title, 300)}**"]
    named += [markup.escape_within(document.outlet, 80)] if document.outlet else []
    named += [document.published.written] if document.published else []
    facts = ["by " + markup.escape_within(", ".join(document.authors[:20]), 200)] if document.authors else []
    facts += [f"{prepared.words:,} words", link_text(document)]
    missing = [name for name, found in (("outlet", document.outlet), ("date", document.published)) if not found]
    hint = f"\n-# Not found on it: {' and '.join(missing)}. Edit adds what you know." if missing else ""
    return f"{' · '.join(named)}\n-# {' · '.join(filter(None, facts))}{hint}"


def _quotations(text: str, speeches: tuple[Speech, ...]) -> str:
    """How many quotations were found, and the first of them; those with a speaker before the others."""
    if not speeches:
        return "-# No quotations found in it."
    first = sorted(speeches, key=lambda one: not one.is_named)[:_QUOTATIONS_SHOWN]
    lines = [f"> “{markup.passage(text, one.span, (), 240, 700)}” — {_speaker(one)}" for one in first]
    found = "1 quotation" if len(speeches) == 1 else f"{len(speeches):,} quotations"
    return f"**{found}** found in it{':' if len(speeches) <= len(first) else ', such as:'}\n" + "\n".join(lines)


def _speaker(speech: Speech) -> str:
    return f"**{markup.escape_within(speech.speaker, 100)}**" if speech.is_named and speech.speaker else "unattributed"
