"""/article, and "Save as article" of a message: the admins' commands for what is in this server's library."""

from __future__ import annotations

import discord
from discord import app_commands, ui
from discord.app_commands import Range

from bot.discord_app.cards import Card, list_card, note
from bot.discord_app.desk import Interaction, library_of
from bot.discord_app.drafts import Draft
from bot.discord_app.events import show_article
from bot.discord_app.markup import escape_within
from bot.discord_app.previews import fetch_card, message_card
from bot.discord_app.replies import answer
from bot.discord_app.uploads import MAX_FILES, upload_card
from bot.reading.fields import MAX_URL_CHARS
from commands import choices

_MORE_FILES = [f"file{number}" for number in range(2, MAX_FILES + 1)]

article = app_commands.Group(
    name="article",
    description="Add, show and remove the articles of this server",
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


@app_commands.context_menu(name="Save as article")
@app_commands.default_permissions(manage_guild=True)
async def save_as_article(interaction: Interaction, message: discord.Message) -> None:
    await answer(interaction, message_card(interaction, message))
