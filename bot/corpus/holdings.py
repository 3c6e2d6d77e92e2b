"""What is kept, of whom, how long and who sees it: said once, for people (`/privacy`) and for whoever deletes it.

schema -> **holdings** -> `leaving` (deletes), `extracts` (hands over), the card of /privacy. Tests hold it against the
schema: a table or a column with somebody's id that is not named here turns them red.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Column, Table

from bot.corpus import schema

KEEP_ANSWERS: Final = timedelta(days=30)
KEEP_AFTER_LEAVING: Final = timedelta(days=30)
KEEP_BACKUPS: Final = timedelta(days=30)
"""Of the copies that are kept from before a migration or a restore."""


@dataclass(frozen=True, slots=True)
class Holding:
    """Tables that are one thing to people. ``own`` are columns whose rows are that person's, and go with them;
    ``signed`` are columns that only say who did something, and are emptied when that person asks for it."""

    what: str
    seen_by: str
    kept: str
    tables: tuple[Table, ...]
    own: tuple[Column[Any], ...] = ()
    signed: tuple[Column[Any], ...] = ()


HOLDINGS: Final = (
    Holding(
        "**Articles** of this server, what is quoted and counted in them, and who added each",
        "everybody in this server",
        "until an admin removes them, and 30 days longer",
        (schema.library, schema.article, schema.passage, schema.speech, schema.tally, schema.vocabulary),
        signed=(schema.article.c.added_by,),
    ),
    Holding(
        "**Corrections** of who said something and of whose names are one person's",
        "everybody in this server",
        "until they are undone",
        (schema.correction, schema.alias),
    ),
    Holding(
        "**Schedules**, who made each, and the digests posted, which name who added articles",
        "everybody who can read the channel",
        "as long as the server's library",
        (schema.schedule, schema.delivery),
        signed=(schema.schedule.c.created_by,),
    ),
    Holding(
        "**Feeds**, who added each, and what was in them",
        "this server's admins",
        "as long as the server's library",
        (schema.feed, schema.feed_entry),
        signed=(schema.feed.c.added_by,),
    ),
    Holding(
        "**Your watches** and what they found",
        "you, and the channel you chose for it",
        "until you remove them",
        (schema.watch, schema.notice),
        own=(schema.watch.c.user_id,),
    ),
    Holding(
        "**When you last used** `/catchup`",
        "nobody",
        "until you delete it",
        (schema.visit,),
        own=(schema.visit.c.user_id,),
    ),
    Holding(
        "**Your questions**, for the buttons under their answers, and drafts of articles",
        "you",
        f"{KEEP_ANSWERS.days} days",
        (schema.answer,),
        own=(schema.answer.c.user_id,),
    ),
    Holding(
        "**Who changed what** and when, never an article's text",
        "this server's admins",
        "as long as the server's library",
        (schema.audit,),
        signed=(schema.audit.c.who,),
    ),
    Holding(
        "**Notes of the bot's own**, such as which commands it registered: nothing about anybody",
        "the bot's host",
        "always",
        (schema.note, schema.process),
    ),
)
