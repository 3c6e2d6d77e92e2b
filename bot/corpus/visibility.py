"""The one rule of who reads what, and the one of whose schedules, feeds and watches rest."""

from __future__ import annotations

from typing import Any, TypeAlias

from sqlalchemy import BindParameter, ColumnElement, and_, exists, not_, or_, select

from bot.corpus.schema import article, library
from bot.model import SHARED

Reader: TypeAlias = int | BindParameter[int]
"""The library of whoever reads, or the parameter that it will be."""


def seen_from(reader: Reader) -> ColumnElement[bool]:
    """Your own library and the shared one, without what was removed.

    A shared article whose text your own library holds too is read once, as your own.
    """
    own = article.alias()
    same_text = exists().where(
        own.c.library == reader, own.c.deleted_at.is_(None), own.c.fingerprint == article.c.fingerprint
    )
    return and_(
        article.c.library.in_({SHARED, reader}),
        article.c.deleted_at.is_(None),
        or_(article.c.library == reader, not_(same_text)),
    )


def stayed(guild: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether the bot is still in the server of that column: what is due in one that it was removed from rests."""
    return guild.not_in(select(library.c.id).where(library.c.left_at.is_not(None)))
