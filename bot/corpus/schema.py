"""The tables, as SQLAlchemy Core sees them: what the corpus's queries are written against.

The migrations create them (a test holds the two equal); this module never does. Instants are ISO 8601 text in UTC with
a fixed width, so that text order is time order in every database; a delivery's local date and an article's partial
date are the text they are everywhere else. `library` has a row per library that was ever written to.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    Dialect,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.types import TypeEngine
from typing_extensions import override

from bot.corpus.dialects import ID, NUMBER, TEXT, text_in

REVISION = "0006"
"""The newest migration, known here so that opening an up-to-date file does not have to load Alembic."""


class UtcText(TypeDecorator[datetime]):
    """An aware datetime, stored as `2026-05-12T08:00:00.000000+00:00`."""

    impl = Text
    cache_ok = True

    @override
    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return text_in(dialect)

    @override
    def process_bind_param(self, value: datetime | None, _dialect: Any) -> str | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("the corpus keeps instants: give it a datetime with a time zone")
        return value.astimezone(UTC).isoformat(timespec="microseconds")

    @override
    def process_result_value(self, value: str | None, _dialect: Any) -> datetime | None:
        return None if value is None else datetime.fromisoformat(value)


class NamesText(TypeDecorator[tuple[str, ...]]):
    """Names in order, stored as a JSON list."""

    impl = Text
    cache_ok = True

    @override
    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return text_in(dialect)

    @override
    def process_bind_param(self, value: tuple[str, ...] | None, _dialect: Any) -> str:
        return json.dumps(list(value or ()), ensure_ascii=False)

    @override
    def process_result_value(self, value: str | None, _dialect: Any) -> tuple[str, ...]:
        return tuple(json.loads(value or "[]"))


metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

library = Table(
    "library",
    metadata,
    Column("id", ID, primary_key=True, autoincrement=False),
    Column("next_number", NUMBER, nullable=False),
    Column("revision", NUMBER, nullable=False),
    Column("stamp", ID, nullable=False, server_default=text("0")),  # drawn anew with each change: see `bot.tallies`
    Column("terms", NUMBER, nullable=False, server_default=text("0")),  # in its vocabulary
    Column("left_at", UtcText),  # when the bot was removed from the server
    CheckConstraint("next_number >= 1 AND revision >= 0", name="counters"),
    sqlite_strict=True,
)

article = Table(
    "article",
    metadata,
    Column("id", ID, Identity(), primary_key=True),
    Column("library", ID, ForeignKey("library.id"), nullable=False),
    Column("number", NUMBER, nullable=False),
    Column("title", TEXT, nullable=False),
    Column("outlet", TEXT),
    Column("authors", NamesText, nullable=False),
    Column("url", TEXT),
    Column("published", TEXT),
    Column("filed", TEXT, nullable=False),  # the day it is listed under: published's last day, else the day added
    Column("added_at", UtcText, nullable=False),
    Column("added_by", ID),
    Column("source_id", TEXT),
    Column("words", Integer, nullable=False),
    Column("fingerprint", TEXT, nullable=False),
    Column("text", TEXT, nullable=False),
    Column("deleted_at", UtcText),
    Column("title_in_text", Integer, nullable=False, server_default=text("0")),
    Column("changed", NUMBER, nullable=False, server_default=text("0")),  # its library's revision when it last changed
    Column("url_key", TEXT),  # its link as links are compared
    Column("revises", ID),  # the row with the text before, which was removed
    UniqueConstraint("library", "number"),
    UniqueConstraint("library", "fingerprint"),
    CheckConstraint("number >= 1 AND words >= 0", name="counts"),
    CheckConstraint("published IS NULL OR length(published) IN (4, 7, 10)", name="published"),
    CheckConstraint("length(filed) = 10", name="filed"),
    Index(None, "library", "filed", "id"),
    Index(None, "library", "added_at"),
    Index(None, "library", "changed", "deleted_at"),
    Index(None, "library", "url_key"),
    sqlite_strict=True,
    sqlite_autoincrement=True,
)

# How often each term stands in an article and in each of its passages: `bot.tallies`. One row an article, as ten rows
# of a passage each take ten times as long to read.
tally = Table(
    "tally",
    metadata,
    Column("article_id", ID, ForeignKey("article.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("version", Integer, nullable=False),  # `language.analysis.ANALYSIS_VERSION`
    Column("counts", LargeBinary, nullable=False),
    Index(None, "version"),
    sqlite_strict=True,
)

# The terms of a library, numbered from 0. `name_key` is set where a term is known as a name: see `language.variants`.
vocabulary = Table(
    "vocabulary",
    metadata,
    Column("library", ID, ForeignKey("library.id"), primary_key=True),
    Column("term", TEXT, primary_key=True),
    Column("id", Integer, nullable=False),
    Column("word", TEXT, nullable=False),  # as the library spells it
    Column("name_key", TEXT),
    Column("changed", NUMBER, nullable=False),  # the library's revision when the term or its key came
    Index(None, "library", "changed"),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

passage = Table(
    "passage",
    metadata,
    Column("id", ID, Identity(), primary_key=True),
    Column("article_id", ID, ForeignKey("article.id", ondelete="CASCADE"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("start_char", Integer, nullable=False),
    Column("end_char", Integer, nullable=False),
    Column("kind", TEXT, nullable=False),
    Column("speaker", TEXT),
    Column("question_start_char", Integer),
    Column("question_end_char", Integer),
    UniqueConstraint("article_id", "position"),
    Index(
        "ix_passage_spoken",
        "article_id",
        "position",
        "speaker",
        sqlite_where=text("speaker IS NOT NULL"),
        postgresql_where=text("speaker IS NOT NULL"),
    ),
    CheckConstraint("0 <= start_char AND start_char <= end_char", name="span"),
    CheckConstraint(
        "(question_start_char IS NULL) = (question_end_char IS NULL)"
        " AND (question_start_char IS NULL OR 0 <= question_start_char AND question_start_char <= question_end_char)",
        name="question",
    ),
    sqlite_strict=True,
    sqlite_autoincrement=True,
)

speech = Table(
    "speech",
    metadata,
    Column("id", ID, Identity(), primary_key=True),
    Column("article_id", ID, ForeignKey("article.id", ondelete="CASCADE"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("start_char", Integer, nullable=False),
    Column("end_char", Integer, nullable=False),
    Column("kind", TEXT, nullable=False),
    Column("confidence", TEXT, nullable=False),
    Column("method", TEXT),
    Column("speaker", TEXT),
    Column("mention_start_char", Integer),
    Column("mention_end_char", Integer),
    Column("cue_start_char", Integer),
    Column("cue_end_char", Integer),
    Column("evidence_start_char", Integer),
    Column("evidence_end_char", Integer),
    UniqueConstraint("article_id", "position"),
    Index(None, "speaker", "article_id"),
    CheckConstraint("0 <= start_char AND start_char <= end_char", name="span"),
    sqlite_strict=True,
    sqlite_autoincrement=True,
)

# What the admins of a server say of a quotation it sees, in its own articles or in shared ones. Kept by the text's
# fingerprint, so that it lasts when the article is removed, imported again or read anew. No speaker: nobody is named.
correction = Table(
    "correction",
    metadata,
    Column("library", ID, ForeignKey("library.id"), primary_key=True),
    Column("fingerprint", TEXT, primary_key=True),
    Column("start_char", Integer, primary_key=True),
    Column("end_char", Integer, primary_key=True),
    Column("speaker", TEXT),
    CheckConstraint("0 <= start_char AND start_char <= end_char", name="span"),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

# Names that admins of a server have joined to a person, or parted from everybody (``person`` is the name itself).
alias = Table(
    "alias",
    metadata,
    Column("library", ID, ForeignKey("library.id"), primary_key=True),
    Column("name", TEXT, primary_key=True),
    Column("person", TEXT, nullable=False),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

schedule = Table(
    "schedule",
    metadata,
    Column("id", ID, Identity(), primary_key=True),
    Column("guild", ID, nullable=False),
    Column("number", NUMBER, nullable=False),
    Column("channel_id", ID, nullable=False),
    Column("at", TEXT, nullable=False),
    Column("zone", TEXT, nullable=False),
    Column("period", TEXT, nullable=False),
    Column("created_by", ID),
    Column("created_at", UtcText, nullable=False),
    Column("disabled_reason", TEXT),
    Column("deleted_at", UtcText),
    Column("days", TEXT, nullable=False, server_default="0123456"),  # of the week, Monday is 0
    Column("topic", TEXT),
    Column("quiet", TEXT, nullable=False, server_default="say so"),  # `schedules.Quiet`
    Column("since", UtcText, nullable=False, server_default=""),  # what was due before is no longer owed
    Column("paused_at", UtcText),
    UniqueConstraint("guild", "number"),
    CheckConstraint("number >= 1", name="number"),
    CheckConstraint("length(at) = 5", name="at"),
    sqlite_strict=True,
    sqlite_autoincrement=True,
)

delivery = Table(
    "delivery",
    metadata,
    Column("id", ID, Identity(), primary_key=True),
    Column("schedule_id", ID, ForeignKey("schedule.id"), nullable=False),
    Column("local_date", TEXT, nullable=False),
    Column("part", Integer, nullable=False),
    Column("state", TEXT, nullable=False),
    Column("payload", TEXT, nullable=False),
    Column("reason", TEXT),
    Column("nonce", TEXT, nullable=False),
    Column("message_id", ID),
    Column("planned_at", UtcText, nullable=False),
    Column("claimed_at", UtcText),
    Column("finished_at", UtcText),
    Column("channel_id", ID, nullable=False, server_default=text("0")),
    Column("process_id", ID),  # which process claimed it
    UniqueConstraint("schedule_id", "local_date", "part"),
    UniqueConstraint("nonce"),
    CheckConstraint("state IN ('ready', 'sending', 'sent', 'skipped', 'failed', 'uncertain')", name="state"),
    CheckConstraint("state <> 'sending' OR claimed_at IS NOT NULL", name="claimed"),
    CheckConstraint("length(local_date) = 10 AND part >= 0 AND length(nonce) <= 25", name="form"),
    Index(None, "state"),
    sqlite_strict=True,
    sqlite_autoincrement=True,
)

# What somebody wants to be told of: articles that match ``query``. Without a channel it is told in private.
watch = Table(
    "watch",
    metadata,
    Column("id", ID, Identity(), primary_key=True),
    Column("guild", ID, nullable=False),
    Column("user_id", ID, nullable=False),
    Column("number", NUMBER, nullable=False),
    Column("query", TEXT, nullable=False),
    Column("speaker", TEXT),
    Column("source", TEXT),
    Column("channel_id", ID),
    Column("created_at", UtcText, nullable=False),
    Column("paused_at", UtcText),
    Column("disabled_reason", TEXT),
    UniqueConstraint("guild", "user_id", "number"),
    CheckConstraint("number >= 1", name="number"),
    sqlite_strict=True,
    sqlite_autoincrement=True,
)

# What a watch found: once an article, told at most once. ``start_char`` and ``end_char`` are the passage that matched.
notice = Table(
    "notice",
    metadata,
    Column("watch_id", ID, ForeignKey("watch.id", ondelete="CASCADE"), primary_key=True),
    Column("article_id", ID, ForeignKey("article.id", ondelete="CASCADE"), primary_key=True),
    Column("start_char", Integer, nullable=False),
    Column("end_char", Integer, nullable=False),
    Column("found_at", UtcText, nullable=False),
    Column("claimed_at", UtcText),
    Column("told_at", UtcText),
    Column("reason", TEXT),  # why it was not told
    Column("process_id", ID),  # which process claimed it
    Index(None, "told_at", "found_at"),
    Index(None, "article_id"),  # without it, deleting an article looks at every notice
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

# When somebody last asked what came in, and the newest article there was then, of any library.
visit = Table(
    "visit",
    metadata,
    Column("guild", ID, primary_key=True, autoincrement=False),
    Column("user_id", ID, primary_key=True, autoincrement=False),
    Column("at", UtcText, nullable=False),
    Column("article_id", ID, nullable=False),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

# Where articles come from by themselves. ``etag`` and ``modified`` are what its server said of it last.
feed = Table(
    "feed",
    metadata,
    Column("id", ID, Identity(), primary_key=True),
    Column("guild", ID, nullable=False),
    Column("number", NUMBER, nullable=False),
    Column("url", TEXT, nullable=False),
    Column("title", TEXT, nullable=False),
    Column("channel_id", ID),  # where to say that it died
    Column("etag", TEXT),
    Column("modified", TEXT),
    Column("added_by", ID),
    Column("added_at", UtcText, nullable=False),
    Column("polled_at", UtcText),
    Column("due_at", UtcText, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("fault", TEXT),
    Column("fault_told_at", UtcText),
    Column("paused_at", UtcText),
    Column("deleted_at", UtcText),
    UniqueConstraint("guild", "number"),
    CheckConstraint("number >= 1 AND failures >= 0", name="counts"),
    Index(None, "due_at"),
    sqlite_strict=True,
    sqlite_autoincrement=True,
)

# What was in a feed. An entry is known by its id, its link and its text, each of which may change by itself.
feed_entry = Table(
    "feed_entry",
    metadata,
    Column("id", ID, Identity(), primary_key=True),
    Column("feed_id", ID, ForeignKey("feed.id", ondelete="CASCADE"), nullable=False),
    Column("entry_key", TEXT, nullable=False),
    Column("url_key", TEXT),
    Column("text_key", TEXT),
    Column("content", TEXT),  # what is still to be read of it; None once it is settled
    Column("state", TEXT, nullable=False),
    Column("reason", TEXT),
    Column("article_id", ID),
    Column("seen_at", UtcText, nullable=False),
    UniqueConstraint("feed_id", "entry_key"),
    CheckConstraint("state IN ('queued', 'added', 'known', 'failed', 'passed')", name="state"),
    Index(None, "feed_id", "url_key"),
    Index(None, "feed_id", "text_key"),
    Index(None, "state", "seen_at"),
    sqlite_strict=True,
    sqlite_autoincrement=True,
)

answer = Table(
    "answer",
    metadata,
    Column("id", TEXT, primary_key=True),
    Column("guild", ID, nullable=False),
    Column("user_id", ID, nullable=False),
    Column("kind", TEXT, nullable=False),
    Column("payload", TEXT, nullable=False),
    Column("created_at", UtcText, nullable=False),
    CheckConstraint("length(id) BETWEEN 8 AND 12", name="id"),
    Index(None, "created_at"),
    sqlite_strict=True,
)

note = Table(
    "note",
    metadata,
    Column("key", TEXT, primary_key=True),
    Column("value", TEXT, nullable=False),
    sqlite_strict=True,
)

audit = Table(
    "audit",
    metadata,
    Column("id", ID, Identity(), primary_key=True),
    Column("at", UtcText, nullable=False),
    Column("library", ID, nullable=False),
    Column("who", ID),
    Column("what", TEXT, nullable=False),
    Column("subject", TEXT, nullable=False),
    Column("details", TEXT),  # JSON; forgotten when its article is purged
    Index(None, "library", "at"),
    sqlite_strict=True,
    sqlite_autoincrement=True,
)

# The processes that serve a database together. ``beat`` counts up as long as one lives; without one it has left.
process = Table(
    "process",
    metadata,
    Column("id", ID, primary_key=True, autoincrement=False),
    Column("shard_count", Integer, nullable=False),
    Column("shards", TEXT, nullable=False),  # `bot.shards.written`; none of them before it is connected
    Column("beat", ID),
    Column("beaten_at", UtcText, nullable=False),  # for people: whether it lives is told from ``beat`` alone
    Column("looked_at", ID, nullable=False),  # the article up to which its servers' watches have looked at all
    CheckConstraint("shard_count >= 1", name="shard_count"),
    sqlite_strict=True,
)
