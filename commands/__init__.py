"""The slash commands, in the order of the menu. Each reads its options, asks Newsdesk once and sends one card."""

from bot.discord_app.client import Command
from commands.article import article
from commands.digest import digest
from commands.help import help_command
from commands.quote import quote
from commands.schedule import schedule
from commands.search import search
from commands.summary import summary

ALL: tuple[Command, ...] = (quote, search, summary, digest, article, schedule, help_command)
