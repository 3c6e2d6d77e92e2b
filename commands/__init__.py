"""The slash commands in the order of the menu, and the menus of a message. Each asks Newsdesk once, sends one card."""

from bot.discord_app.client import Command
from commands.article import article, save_as_article
from commands.catchup import catchup
from commands.check import check, check_quote
from commands.data import data
from commands.digest import digest
from commands.feed import feed
from commands.help import help_command
from commands.people import people
from commands.privacy import privacy
from commands.quote import quote
from commands.schedule import schedule
from commands.search import find_related, search
from commands.setup import setup
from commands.speaker import speaker
from commands.summary import summary
from commands.watch import watch

ALL: tuple[Command, ...] = (
    quote,
    speaker,
    check,
    search,
    summary,
    digest,
    catchup,
    watch,
    article,
    feed,
    people,
    schedule,
    setup,
    data,
    privacy,
    help_command,
    check_quote,
    find_related,
    save_as_article,
)
