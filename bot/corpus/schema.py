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
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
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
from typing_extensions import override

REVISION = "0006"
"""The newest migration, known here so that opening an up-to-date file does not have to load Alembic."""


class UtcText(TypeDecorator[datetime]):
    """An aware datetime, stored as `2026-05-12T08:00:00.000000+00:00`."""

    impl = Text
    cache_ok = True

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
    def process_bind_param(self, value: tuple[str, ...] | None, _dialect: Any) -> str:
        return json.dumps(list(value or ()), ensure_ascii=False)

    @override
    def process_result_value(self, value: str | None, _dialect: Any) -> tuple[str, ...]:
        return tuple(json.loads(value or "[]"))


# Discord's ids need 64 bits; SQLite counts row ids only in a column that is called INTEGER.
Id = BigInteger().with_variant(Integer(), "sqlite")

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
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("next_number", Integer, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("stamp", Id, nullable=False, server_default=text("0")),  # drawn anew with each change: see `bot.tallies`
    Column("terms", Integer, nullable=False, server_default=text("0")),  # in its vocabulary
    Column("left_at", UtcText),  # when the bot was removed from the server
    CheckConstraint("next_number >= 1 AND revision >= 0", name="counters"),
    sqlite_strict=True,
)

article = Table(
    "article",
    metadata,
    Column("id", Id, primary_key=True),
    Column("library", Id, ForeignKey("library.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("title", Text, nullable=False),
    Column("outlet", Text),
    Column("authors", NamesText, nullable=False),
    Column("url", Text),
    Column("published", Text),
    Column("filed", Text, nullable=False),  # the day it is listed under: published's last day, else the day added
    Column("added_at", UtcText, nullable=False),
    Column("added_by", Id),
    Column("source_id", Text),
    Column("words", Integer, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("deleted_at", UtcText),
    Column("title_in_text", Integer, nullable=False, server_default=text("0")),
    Column("changed", Integer, nullable=False, server_default=text("0")),  # its library's revision when it last changed
    Column("url_key", Text),  # its link as links are compared
    Column("revises", Id),  # the row with the text before, which was removed
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
    Column("article_id", Id, ForeignKey("article.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("version", Integer, nullable=False),  # `language.analysis.ANALYSIS_VERSION`
    Column("counts", LargeBinary, nullable=False),
    Index(None, "version"),
    sqlite_strict=True,
)

# The terms of a library, numbered from 0. `name_key` is set where a term is known as a name: see `language.variants`.
vocabulary = Table(
    "vocabulary",
    metadata,
    Column("library", Id, ForeignKey("library.id"), primary_key=True),
    Column("term", Text, primary_key=True),
    Column("id", Integer, nullable=False),
    Column("word", Text, nullable=False),  # as the library spells it
    Column("name_key", Text),
    Column("changed", Integer, nullable=False),  # the library's revision when the term or its key came
    Index(None, "library", "changed"),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

passage = Table(
    "passage",
    metadata,
    Column("id", Id, primary_key=True),
    Column("article_id", Id, ForeignKey("article.id", ondelete="CASCADE"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("start_char", Integer, nullable=False),
    Column("end_char", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("speaker", Text),
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
    Column("id", Id, primary_key=True),
    Column("article_id", Id, ForeignKey("article.id", ondelete="CASCADE"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("start_char", Integer, nullable=False),
    Column("end_char", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("confidence", Text, nullable=False),
    Column("method", Text),
    Column("speaker", Text),
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
    Column("library", Id, ForeignKey("library.id"), primary_key=True),
    Column("fingerprint", Text, primary_key=True),
    Column("start_char", Integer, primary_key=True),
    Column("end_char", Integer, primary_key=True),
    Column("speaker", Text),
    CheckConstraint("0 <= start_char AND start_char <= end_char", name="span"),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

# Names that admins of a server have joined to a person, or parted from everybody (``person`` is the name itself).
alias = Table(
    "alias",
    metadata,
    Column("library", Id, ForeignKey("library.id"), primary_key=True),
    Column("name", Text, primary_key=True),
    Column("person", Text, nullable=False),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

schedule = Table(
    "schedule",
    metadata,
    Column("id", Id, primary_key=True),
    Column("guild", Id, nullable=False),
    Column("number", Integer, nullable=False),
    Column("channel_id", Id, nullable=False),
    Column("at", Text, nullable=False),
    Column("zone", Text, nullable=False),
    Column("period", Text, nullable=False),
    Column("created_by", Id),
    Column("created_at", UtcText, nullable=False),
    Column("disabled_reason", Text),
    Column("deleted_at", UtcText),
    Column("days", Text, nullable=False, server_default="0123456"),  # of the week, Monday is 0
    Column("topic", Text),
    Column("quiet", Text, nullable=False, server_default="say so"),  # `schedules.Quiet`
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
    Column("id", Id, primary_key=True),
    Column("schedule_id", Id, ForeignKey("schedule.id"), nullable=False),
    Column("local_date", Text, nullable=False),
    Column("part", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("payload", Text, nullable=False),
    Column("reason", Text),
    Column("nonce", Text, nullable=False),
    Column("message_id", Id),
    Column("planned_at", UtcText, nullable=False),
    Column("claimed_at", UtcText),
    Column("finished_at", UtcText),
    Column("channel_id", Id, nullable=False, server_default=text("0")),
    Column("process_id", Id),  # which process claimed it
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
    Column("id", Id, primary_key=True),
    Column("guild", Id, nullable=False),
    Column("user_id", Id, nullable=False),
    Column("number", Integer, nullable=False),
    Column("query", Text, nullable=False),
    Column("speaker", Text),
    Column("source", Text),
    Column("channel_id", Id),
    Column("created_at", UtcText, nullable=False),
    Column("paused_at", UtcText),
    Column("disabled_reason", Text),
    UniqueConstraint("guild", "user_id", "number"),
    CheckConstraint("number >= 1", name="number"),
    sqlite_strict=True,
    sqlite_autoincrement=True,
)

# What a watch found: once an article, told at most once. ``start_char`` and ``end_char`` are the passage that matched.
notice = Table(
    "notice",
    metadata,
    Column("watch_id", Id, ForeignKey("watch.id", ondelete="CASCADE"), primary_key=True),
    Column("article_id", Id, ForeignKey("article.id", ondelete="CASCADE"), primary_key=True),
    Column("start_char", Integer, nullable=False),
    Column("end_char", Integer, nullable=False),
    Column("found_at", UtcText, nullable=False),
    Column("claimed_at", UtcText),
    Column("told_at", UtcText),
    Column("reason", Text),  # why it was not told
    Column("process_id", Id),  # which process claimed it
    Index(None, "told_at", "found_at"),
    Index(None, "article_id"),  # without it, deleting an article looks at every notice
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

# When somebody last asked what came in, and the newest article there was then, of any library.
visit = Table(
    "visit",
    metadata,
    Column("guild", Id, primary_key=True, autoincrement=False),
    Column("user_id", Id, primary_key=True, autoincrement=False),
    Column("at", UtcText, nullable=False),
    Column("article_id", Id, nullable=False),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

# Where articles come from by themselves. ``etag`` and ``modified`` are what its server said of it last.
feed = Table(
    "feed",
    metadata,
    Column("id", Id, primary_key=True),
    Column("guild", Id, nullable=False),
    Column("number", Integer, nullable=False),
    Column("url", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("channel_id", Id),  # where to say that it died
    Column("etag", Text),
    Column("modified", Text),
    Column("added_by", Id),
    Column("added_at", UtcText, nullable=False),
    Column("polled_at", UtcText),
    Column("due_at", UtcText, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("fault", Text),
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
    Column("id", Id, primary_key=True),
    Column("feed_id", Id, ForeignKey("feed.id", ondelete="CASCADE"), nullable=False),
    Column("entry_key", Text, nullable=False),
    Column("url_key", Text),
    Column("text_key", Text),
    Column("content", Text),  # what is still to be read of it; None once it is settled
    Column("state", Text, nullable=False),
    Column("reason", Text),
    Column("article_id", Id),
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
    Column("id", Text, primary_key=True),
    Column("guild", Id, nullable=False),
    Column("user_id", Id, nullable=False),
    Column("kind", Text, nullable=False),
    Column("payload", Text, nullable=False),
    Column("created_at", UtcText, nullable=False),
    CheckConstraint("length(id) BETWEEN 8 AND 12", name="id"),
    Index(None, "created_at"),
    sqlite_strict=True,
)

note = Table(
    "note",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
    sqlite_strict=True,
)

audit = Table(
    "audit",
    metadata,
    Column("id", Id, primary_key=True),
    Column("at", UtcText, nullable=False),
    Column("library", Id, nullable=False),
    Column("who", Id),
    Column("what", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("details", Text),  # JSON; forgotten when its article is purged
    Index(None, "library", "at"),
    sqlite_strict=True,
    sqlite_autoincrement=True,
)

# The processes that serve a database together. ``beat`` counts up as long as one lives; without one it has left.
process = Table(
    "process",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("shard_count", Integer, nullable=False),
    Column("shards", Text, nullable=False),  # `bot.shards.written`; none of them before it is connected
    Column("beat", Id),
    Column("beaten_at", UtcText, nullable=False),  # for people: whether it lives is told from ``beat`` alone
    Column("looked_at", Id, nullable=False),  # the article up to which its servers' watches have looked at all
    CheckConstraint("shard_count >= 1", name="shard_count"),
    sqlite_strict=True,
)
