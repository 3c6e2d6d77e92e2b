"""What comes in by itself and who is told: feeds, watches, visits; revised articles, and links as they are compared.

Revision 0005.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.corpus.dialects import ID, NUMBER, TEXT

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("library", sa.Column("left_at", TEXT))
    op.add_column("article", sa.Column("url_key", TEXT))
    op.add_column("article", sa.Column("revises", ID))
    op.add_column("audit", sa.Column("details", TEXT))
    op.create_index("ix_article_library_url_key", "article", ["library", "url_key"])
    _create_watches()
    _create_feeds()


def _create_watches() -> None:
    op.create_table(
        "watch",
        sa.Column("id", ID, sa.Identity(), nullable=False),
        sa.Column("guild", ID, nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("query", TEXT, nullable=False),
        *(sa.Column(name, TEXT) for name in ("speaker", "source")),
        sa.Column("channel_id", ID),
        sa.Column("created_at", TEXT, nullable=False),
        *(sa.Column(name, TEXT) for name in ("paused_at", "disabled_reason")),
        sa.PrimaryKeyConstraint("id", name="pk_watch"),
        sa.UniqueConstraint("guild", "user_id", "number", name=op.f("uq_watch_guild_user_id_number")),
        sa.CheckConstraint("number >= 1", name=op.f("ck_watch_number")),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )
    op.create_table(
        "notice",
        sa.Column("watch_id", ID, nullable=False),
        sa.Column("article_id", ID, nullable=False),
        sa.Column("start_char", sa.Integer, nullable=False),
        sa.Column("end_char", sa.Integer, nullable=False),
        sa.Column("found_at", TEXT, nullable=False),
        *(sa.Column(name, TEXT) for name in ("claimed_at", "told_at", "reason")),
        sa.PrimaryKeyConstraint("watch_id", "article_id", name="pk_notice"),
        sa.ForeignKeyConstraint(["watch_id"], ["watch.id"], name=op.f("fk_notice_watch_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], name=op.f("fk_notice_article_id"), ondelete="CASCADE"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("ix_notice_told_at_found_at", "notice", ["told_at", "found_at"])
    op.create_index("ix_notice_article_id", "notice", ["article_id"])
    op.create_table(
        "visit",
        sa.Column("guild", ID, nullable=False, autoincrement=False),
        sa.Column("user_id", ID, nullable=False, autoincrement=False),
        sa.Column("at", TEXT, nullable=False),
        sa.Column("article_id", ID, nullable=False),
        sa.PrimaryKeyConstraint("guild", "user_id", name="pk_visit"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def _create_feeds() -> None:
    op.create_table(
        "feed",
        sa.Column("id", ID, sa.Identity(), nullable=False),
        sa.Column("guild", ID, nullable=False),
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("url", TEXT, nullable=False),
        sa.Column("title", TEXT, nullable=False),
        sa.Column("channel_id", ID),
        *(sa.Column(name, TEXT) for name in ("etag", "modified")),
        sa.Column("added_by", ID),
        sa.Column("added_at", TEXT, nullable=False),
        sa.Column("polled_at", TEXT),
        sa.Column("due_at", TEXT, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        *(sa.Column(name, TEXT) for name in ("fault", "fault_told_at", "paused_at", "deleted_at")),
        sa.PrimaryKeyConstraint("id", name="pk_feed"),
        sa.UniqueConstraint("guild", "number", name=op.f("uq_feed_guild_number")),
        sa.CheckConstraint("number >= 1 AND failures >= 0", name=op.f("ck_feed_counts")),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )
    op.create_index("ix_feed_due_at", "feed", ["due_at"])
    op.create_table(
        "feed_entry",
        sa.Column("id", ID, sa.Identity(), nullable=False),
        sa.Column("feed_id", ID, nullable=False),
        sa.Column("entry_key", TEXT, nullable=False),
        *(sa.Column(name, TEXT) for name in ("url_key", "text_key", "content")),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("reason", TEXT),
        sa.Column("article_id", ID),
        sa.Column("seen_at", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_feed_entry"),
        sa.ForeignKeyConstraint(["feed_id"], ["feed.id"], name=op.f("fk_feed_entry_feed_id"), ondelete="CASCADE"),
        sa.UniqueConstraint("feed_id", "entry_key", name=op.f("uq_feed_entry_feed_id_entry_key")),
        sa.CheckConstraint(
            "state IN ('queued', 'added', 'known', 'failed', 'passed')", name=op.f("ck_feed_entry_state")
        ),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )
    op.create_index("ix_feed_entry_feed_id_url_key", "feed_entry", ["feed_id", "url_key"])
    op.create_index("ix_feed_entry_feed_id_text_key", "feed_entry", ["feed_id", "text_key"])
    op.create_index("ix_feed_entry_state_seen_at", "feed_entry", ["state", "seen_at"])


def downgrade() -> None:
    for table in ("feed_entry", "feed", "visit", "notice", "watch"):
        op.drop_table(table)
    op.drop_index("ix_article_library_url_key", "article")
    op.drop_column("audit", "details")
    op.drop_column("article", "revises")
    op.drop_column("article", "url_key")
    op.drop_column("library", "left_at")
