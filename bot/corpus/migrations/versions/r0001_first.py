"""The first schema: libraries and articles, schedules and deliveries, answers, notes, audit.

Revision 0001, on an empty database.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.corpus.dialects import ID, NUMBER, TEXT

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

STRICT = {"sqlite_strict": True}
COUNTED = {"sqlite_strict": True, "sqlite_autoincrement": True}  # row ids are never used twice


def upgrade() -> None:
    op.create_table(
        "library",
        sa.Column("id", ID, nullable=False, autoincrement=False),
        sa.Column("next_number", NUMBER, nullable=False),
        sa.Column("revision", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_library"),
        sa.CheckConstraint("next_number >= 1 AND revision >= 0", name=op.f("ck_library_counters")),
        **STRICT,
    )
    _create_articles()
    _create_passages()
    _create_speeches()
    _create_schedules()
    _create_deliveries()
    _create_small_tables()


def downgrade() -> None:
    for table in ("audit", "note", "answer", "delivery", "schedule", "speech", "passage", "article", "library"):
        op.drop_table(table)


def _create_articles() -> None:
    op.create_table(
        "article",
        sa.Column("id", ID, sa.Identity(), nullable=False),
        sa.Column("library", ID, nullable=False),
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("title", TEXT, nullable=False),
        sa.Column("outlet", TEXT),
        sa.Column("authors", TEXT, nullable=False),
        sa.Column("url", TEXT),
        sa.Column("published", TEXT),
        sa.Column("filed", TEXT, nullable=False),
        sa.Column("added_at", TEXT, nullable=False),
        sa.Column("added_by", ID),
        sa.Column("source_id", TEXT),
        sa.Column("words", sa.Integer, nullable=False),
        sa.Column("fingerprint", TEXT, nullable=False),
        sa.Column("text", TEXT, nullable=False),
        sa.Column("deleted_at", TEXT),
        sa.PrimaryKeyConstraint("id", name="pk_article"),
        sa.ForeignKeyConstraint(["library"], ["library.id"], name=op.f("fk_article_library")),
        sa.UniqueConstraint("library", "number", name=op.f("uq_article_library_number")),
        sa.UniqueConstraint("library", "fingerprint", name=op.f("uq_article_library_fingerprint")),
        sa.CheckConstraint("number >= 1 AND words >= 0", name=op.f("ck_article_counts")),
        sa.CheckConstraint("published IS NULL OR length(published) IN (4, 7, 10)", name=op.f("ck_article_published")),
        sa.CheckConstraint("length(filed) = 10", name=op.f("ck_article_filed")),
        **COUNTED,
    )
    op.create_index("ix_article_library_filed_id", "article", ["library", "filed", "id"])
    op.create_index("ix_article_library_added_at", "article", ["library", "added_at"])


def _create_passages() -> None:
    op.create_table(
        "passage",
        sa.Column("id", ID, sa.Identity(), nullable=False),
        sa.Column("article_id", ID, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("start_char", sa.Integer, nullable=False),
        sa.Column("end_char", sa.Integer, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("speaker", TEXT),
        sa.Column("question_start_char", sa.Integer),
        sa.Column("question_end_char", sa.Integer),
        sa.PrimaryKeyConstraint("id", name="pk_passage"),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], name=op.f("fk_passage_article_id"), ondelete="CASCADE"),
        sa.UniqueConstraint("article_id", "position", name=op.f("uq_passage_article_id_position")),
        sa.CheckConstraint("0 <= start_char AND start_char <= end_char", name=op.f("ck_passage_span")),
        sa.CheckConstraint(
            "(question_start_char IS NULL) = (question_end_char IS NULL)"
            " AND (question_start_char IS NULL"
            " OR 0 <= question_start_char AND question_start_char <= question_end_char)",
            name=op.f("ck_passage_question"),
        ),
        **COUNTED,
    )


def _create_speeches() -> None:
    op.create_table(
        "speech",
        sa.Column("id", ID, sa.Identity(), nullable=False),
        sa.Column("article_id", ID, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("start_char", sa.Integer, nullable=False),
        sa.Column("end_char", sa.Integer, nullable=False),
        sa.Column("speaker", TEXT, nullable=False),
        sa.Column("method", TEXT, nullable=False),
        sa.Column("evidence_start_char", sa.Integer, nullable=False),
        sa.Column("evidence_end_char", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_speech"),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], name=op.f("fk_speech_article_id"), ondelete="CASCADE"),
        sa.UniqueConstraint("article_id", "position", name=op.f("uq_speech_article_id_position")),
        sa.CheckConstraint("0 <= start_char AND start_char <= end_char", name=op.f("ck_speech_span")),
        sa.CheckConstraint(
            "0 <= evidence_start_char AND evidence_start_char <= evidence_end_char",
            name=op.f("ck_speech_evidence"),
        ),
        **COUNTED,
    )


def _create_schedules() -> None:
    op.create_table(
        "schedule",
        sa.Column("id", ID, sa.Identity(), nullable=False),
        sa.Column("guild", ID, nullable=False),
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("channel_id", ID, nullable=False),
        sa.Column("at", TEXT, nullable=False),
        sa.Column("zone", TEXT, nullable=False),
        sa.Column("period", TEXT, nullable=False),
        sa.Column("created_by", ID),
        sa.Column("created_at", TEXT, nullable=False),
        sa.Column("disabled_reason", TEXT),
        sa.Column("deleted_at", TEXT),
        sa.PrimaryKeyConstraint("id", name="pk_schedule"),
        sa.UniqueConstraint("guild", "number", name=op.f("uq_schedule_guild_number")),
        sa.CheckConstraint("number >= 1", name=op.f("ck_schedule_number")),
        sa.CheckConstraint("length(at) = 5", name=op.f("ck_schedule_at")),
        **COUNTED,
    )


def _create_deliveries() -> None:
    op.create_table(
        "delivery",
        sa.Column("id", ID, sa.Identity(), nullable=False),
        sa.Column("schedule_id", ID, nullable=False),
        sa.Column("local_date", TEXT, nullable=False),
        sa.Column("part", sa.Integer, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("payload", TEXT, nullable=False),
        sa.Column("reason", TEXT),
        sa.Column("nonce", TEXT, nullable=False),
        sa.Column("message_id", ID),
        sa.Column("planned_at", TEXT, nullable=False),
        sa.Column("claimed_at", TEXT),
        sa.Column("finished_at", TEXT),
        sa.PrimaryKeyConstraint("id", name="pk_delivery"),
        sa.ForeignKeyConstraint(["schedule_id"], ["schedule.id"], name=op.f("fk_delivery_schedule_id")),
        sa.UniqueConstraint("schedule_id", "local_date", "part", name=op.f("uq_delivery_schedule_id_local_date_part")),
        sa.UniqueConstraint("nonce", name=op.f("uq_delivery_nonce")),
        sa.CheckConstraint(
            "state IN ('ready', 'sending', 'sent', 'skipped', 'failed', 'uncertain')",
            name=op.f("ck_delivery_state"),
        ),
        sa.CheckConstraint("state <> 'sending' OR claimed_at IS NOT NULL", name=op.f("ck_delivery_claimed")),
        sa.CheckConstraint(
            "length(local_date) = 10 AND part >= 0 AND length(nonce) <= 25", name=op.f("ck_delivery_form")
        ),
        **COUNTED,
    )
    op.create_index("ix_delivery_state", "delivery", ["state"])


def _create_small_tables() -> None:
    op.create_table(
        "answer",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("guild", ID, nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("payload", TEXT, nullable=False),
        sa.Column("created_at", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_answer"),
        sa.CheckConstraint("length(id) BETWEEN 8 AND 12", name=op.f("ck_answer_id")),
        **STRICT,
    )
    op.create_index("ix_answer_created_at", "answer", ["created_at"])
    op.create_table(
        "note",
        sa.Column("key", TEXT, nullable=False),
        sa.Column("value", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_note"),
        **STRICT,
    )
    op.create_table(
        "audit",
        sa.Column("id", ID, sa.Identity(), nullable=False),
        sa.Column("at", TEXT, nullable=False),
        sa.Column("library", ID, nullable=False),
        sa.Column("who", ID),
        sa.Column("what", TEXT, nullable=False),
        sa.Column("subject", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
        **COUNTED,
    )
    op.create_index("ix_audit_library_at", "audit", ["library", "at"])
