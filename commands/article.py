"""/article: the admins' commands for what is in this server's library."""

from __future__ import annotations

import aiohttp
import discord
from discord import app_commands, ui
from discord.app_commands import Range

from bot.discord_app.cards import Card, list_card, note
from bot.discord_app.desk import Interaction, library_of
from bot.discord_app.drafts import Draft, added_card
from bot.discord_app.duplicate_cards import duplicates_card
from bot.discord_app.events import show_article, story_of
from bot.discord_app.markup import escape_within
from bot.discord_app.replies import answer
from bot.errors import UnreadableDocument
from bot.reading.documents import MAX_DOCUMENT_BYTES, too_large
from commands import choices

article = app_commands.Group(
    name="article",
    description="Add, show and remove the articles of this server",
    default_permissions=discord.Permissions(manage_guild=True),
    guild_only=True,
)


@article.command(description="Add an article by typing or pasting it")
async def add(interaction: Interaction) -> None:
    await interaction.response.send_modal(Draft(interaction.user.id).form())


@article.command(description="Add an article from a .txt or .md file")
@app_commands.describe(file="A text file in UTF-8; a Markdown file may begin with title, outlet and date")
async def upload(interaction: Interaction, file: discord.Attachment) -> None:
    await answer(interaction, _upload(interaction, file))


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


@article.command(description="Which articles print mostly the same text, and which of them is the oldest")
@app_commands.describe(page="Which page of the groups")
async def duplicates(interaction: Interaction, page: Range[int, 1, 10_000] = 1) -> None:
    await answer(interaction, _duplicates(interaction, page))


async def _upload(interaction: Interaction, file: discord.Attachment) -> Card:
    if file.size > MAX_DOCUMENT_BYTES:
        raise UnreadableDocument(file.filename, too_large(file.size))
    try:
        data = await file.read()
    except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
        raise UnreadableDocument(file.filename, "it could not be fetched from Discord: send it again.") from error
    added = await interaction.client.newsdesk.add_file(
        library_of(interaction), file.filename, data, added_by=interaction.user.id
    )
    return added_card(added, await story_of(interaction, added.article))


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
    text = f"Removed: **{escape_within(removed.title, 200)}** `#{removed.ref}`\n-# Nobody finds it any more."
    return note(text).buttons(undo)


async def _duplicates(interaction: Interaction, page: int) -> Card:
    library = library_of(interaction)
    return duplicates_card(await interaction.client.newsdesk.duplicates(library), page, library)
