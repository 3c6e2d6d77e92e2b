"""/article, and "Save as article" of a message: the admins' commands for what is in this server's library."""

from __future__ import annotations

import discord
from discord import app_commands, ui
from discord.app_commands import Range

from bot.discord_app.attachments import data_of
from bot.discord_app.cards import Card, byline, list_card, note
from bot.discord_app.desk import Interaction, library_of
from bot.discord_app.drafts import Draft
from bot.discord_app.duplicate_cards import duplicates_card
from bot.discord_app.editing import EditDraft, EditForm
from bot.discord_app.events import show_article
from bot.discord_app.histories import history_card
from bot.discord_app.markup import escape_within
from bot.discord_app.previews import fetch_card, message_card
from bot.discord_app.purging import PurgeForm
from bot.discord_app.replies import answer, open_form
from bot.discord_app.revising import RevisionForm, preview
from bot.discord_app.uploads import MAX_FILES, upload_card
from bot.errors import NotFound
from bot.model import parse_ref
from bot.reading.fields import MAX_URL_CHARS
from commands import choices

_MORE_FILES = [f"file{number}" for number in range(2, MAX_FILES + 1)]

article = app_commands.Group(
    name="article",
    description="Add, show, change and remove the articles of this server",
    default_permissions=discord.Permissions(manage_guild=True),
    guild_only=True,
)


@article.command(description="Add an article by typing or pasting it")
async def add(interaction: Interaction) -> None:
    await interaction.response.send_modal(Draft(interaction.user.id).form())


@article.command(description="Add an article from the web: shows what was found before it is saved")
@app_commands.describe(url="The link to the article")
async def fetch(interaction: Interaction, url: Range[str, 4, MAX_URL_CHARS]) -> None:
    await answer(interaction, fetch_card(interaction, url.strip()))


@article.command(description="Add articles from files: .txt, .md, .html, .pdf and .docx, up to ten at once")
@app_commands.describe(
    file="Text in UTF-8 (a Markdown file may begin with title, outlet and date), a saved web page, a PDF or a .docx",
    **dict.fromkeys(_MORE_FILES, "Another file"),
)
async def upload(
    interaction: Interaction,
    file: discord.Attachment,
    file2: discord.Attachment | None = None,
    file3: discord.Attachment | None = None,
    file4: discord.Attachment | None = None,
    file5: discord.Attachment | None = None,
    file6: discord.Attachment | None = None,
    file7: discord.Attachment | None = None,
    file8: discord.Attachment | None = None,
    file9: discord.Attachment | None = None,
    file10: discord.Attachment | None = None,
) -> None:
    given = (file, file2, file3, file4, file5, file6, file7, file8, file9, file10)
    await answer(interaction, upload_card(interaction, [one for one in given if one is not None]))


@article.command(name="list", description="What is in the library, newest first")
@app_commands.describe(page="Which page of the list")
async def list_(interaction: Interaction, page: Range[int, 1, 10_000] = 1) -> None:
    await answer(interaction, _list(interaction, page))


@article.command(description="Everything about one article and how it begins")
@app_commands.describe(article="Pick from the list, or type words of its title")
@app_commands.autocomplete(article=choices.articles)
async def show(interaction: Interaction, article: Range[str, 1, 100]) -> None:
    await answer(interaction, _show(interaction, article))


@article.command(description="Take an article of this server out of the library; it can be undone")
@app_commands.describe(article="Pick from the list, or type words of its title")
@app_commands.autocomplete(article=choices.own_articles)
async def remove(interaction: Interaction, article: Range[str, 1, 100]) -> None:
    await answer(interaction, _remove(interaction, article))


@article.command(description="Bring back an article that was removed in the last 30 days")
@app_commands.describe(article="Pick from the list: what was removed, when and by whom")
@app_commands.autocomplete(article=choices.removed_articles)
async def restore(interaction: Interaction, article: Range[str, 1, 100]) -> None:
    await answer(interaction, _restore(interaction, article))


@article.command(description="Change the title, outlet, authors, link or date of an article")
@app_commands.describe(article="Pick from the list, or type words of its title")
@app_commands.autocomplete(article=choices.own_articles)
async def edit(interaction: Interaction, article: Range[str, 1, 100]) -> None:
    await open_form(interaction, _edit_form(interaction, article))


@article.command(description="Put a new text under an article's number, after seeing what becomes of its quotations")
@app_commands.describe(
    article="Pick from the list, or type words of its title",
    file="The whole new text as a .txt or .md file; without it, a form opens",
)
@app_commands.autocomplete(article=choices.own_articles)
async def revise(interaction: Interaction, article: Range[str, 1, 100], file: discord.Attachment | None = None) -> None:
    if file is None:
        await open_form(interaction, _revision_form(interaction, article))
    else:
        await answer(interaction, _revise(interaction, article, file))


@article.command(description="Who did what to an article, and when")
@app_commands.describe(article="Pick from the list, or type words of its title", page="Which page, the newest first")
@app_commands.autocomplete(article=choices.own_or_removed_articles)
async def history(interaction: Interaction, article: Range[str, 1, 100], page: Range[int, 1, 10_000] = 1) -> None:
    await answer(interaction, _history(interaction, article, page))


@article.command(description="Delete an article for good, so that no copy of it is left; it cannot be undone")
@app_commands.describe(article="Pick from the list, or type words of its title")
@app_commands.autocomplete(article=choices.own_or_removed_articles)
async def purge(interaction: Interaction, article: Range[str, 1, 100]) -> None:
    await open_form(interaction, _purge_form(interaction, article))


@article.command(description="Which articles print mostly the same text, and which of them is the oldest")
@app_commands.describe(page="Which page of the groups")
async def duplicates(interaction: Interaction, page: Range[int, 1, 10_000] = 1) -> None:
    await answer(interaction, _duplicates(interaction, page))


async def _list(interaction: Interaction, page: int) -> Card:
    headings = await interaction.client.newsdesk.headings(library_of(interaction))
    return list_card(headings, page)


async def _show(interaction: Interaction, ref: str) -> Card:
    shown = await interaction.client.newsdesk.article(library_of(interaction), ref)
    return await show_article(interaction, shown)


async def _remove(interaction: Interaction, ref: str) -> Card:
    removed = await interaction.client.newsdesk.remove(library_of(interaction), ref, by=interaction.user.id)
    undo: ui.Button[ui.LayoutView] = ui.Button(
        label="Undo",
        style=discord.ButtonStyle.secondary,
        custom_id=f"newsdesk:undo:{interaction.user.id}:{removed.number}",
    )
    text = f"Removed: **{escape_within(removed.title, 200)}** `#{removed.ref}`"
    return note(f"{text}\n-# Nobody finds it any more; `/article restore` brings it back for 30 days.").buttons(undo)


async def _restore(interaction: Interaction, ref: str) -> Card:
    restored = await interaction.client.newsdesk.restore(library_of(interaction), ref, by=interaction.user.id)
    return note(f"Back in the library: {byline(restored)}")


async def _edit_form(interaction: Interaction, ref: str) -> EditForm:
    found = await interaction.client.newsdesk.own_article(library_of(interaction), ref)
    return EditForm(EditDraft.of(interaction.user.id, found))


async def _revision_form(interaction: Interaction, ref: str) -> RevisionForm:
    return RevisionForm(await interaction.client.newsdesk.own_article(library_of(interaction), ref))


async def _purge_form(interaction: Interaction, ref: str) -> PurgeForm:
    number, title = await _own(interaction, ref)
    if title is None:
        raise NotFound(f"There is no article {number} to purge: it may have been purged already.")
    return PurgeForm(number, title)


async def _revise(interaction: Interaction, ref: str, file: discord.Attachment) -> Card:
    newsdesk = interaction.client.newsdesk
    found = await newsdesk.own_article(library_of(interaction), ref)
    document = await newsdesk.read(file.filename, await data_of(file))
    return await preview(interaction, found, document.text)


async def _history(interaction: Interaction, ref: str, page: int) -> Card:
    number, _ = await _own(interaction, ref)
    return await history_card(interaction, number, page - 1)


async def _own(interaction: Interaction, ref: str) -> tuple[int, str | None]:
    """The number of an article of this server, removed ones too, and its title if it is there or can come back.

    Raises `NotFound`, `Refused` for a shared one.
    """
    newsdesk, library = interaction.client.newsdesk, library_of(interaction)
    place = parse_ref(ref, library)
    if place is not None and place[0] == library:
        removed = {one.number: one.title for one in await newsdesk.editing.removed(library)}
        live = await newsdesk.corpus.articles.find(*place)
        return place[1], removed.get(place[1]) if live is None else live.title
    found = await newsdesk.own_article(library, ref)
    return found.number, found.title


async def _duplicates(interaction: Interaction, page: int) -> Card:
    library = library_of(interaction)
    return duplicates_card(await interaction.client.newsdesk.duplicates(library), page, library)


@app_commands.context_menu(name="Save as article")
@app_commands.default_permissions(manage_guild=True)
async def save_as_article(interaction: Interaction, message: discord.Message) -> None:
    await answer(interaction, message_card(interaction, message))
