"""Speech with all that is known of it; what admins correct in it, and whose names are one person's.

Revision 0003. What was stored as speech is dropped: it is read anew from the texts when the library is next opened.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.corpus.dialects import ID, TEXT

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_table("speech")
    op.create_table(
        "speech",
        sa.Column("id", ID, sa.Identity(), nullable=False),
        sa.Column("article_id", ID, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("start_char", sa.Integer, nullable=False),
        sa.Column("end_char", sa.Integer, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("confidence", TEXT, nullable=False),
        sa.Column("method", TEXT),
        sa.Column("speaker", TEXT),
        *(
            sa.Column(f"{part}_{end}_char", sa.Integer)
            for part in ("mention", "cue", "evidence")
            for end in ("start", "end")
        ),
        sa.PrimaryKeyConstraint("id", name="pk_speech"),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], name=op.f("fk_speech_article_id"), ondelete="CASCADE"),
        sa.UniqueConstraint("article_id", "position", name=op.f("uq_speech_article_id_position")),
        sa.CheckConstraint("0 <= start_char AND start_char <= end_char", name=op.f("ck_speech_span")),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )
    op.create_index("ix_speech_speaker_article_id", "speech", ["speaker", "article_id"])
    op.create_table(
        "correction",
        sa.Column("library", ID, nullable=False),
        sa.Column("fingerprint", TEXT, nullable=False),
        sa.Column("start_char", sa.Integer, nullable=False),
        sa.Column("end_char", sa.Integer, nullable=False),
        sa.Column("speaker", TEXT),
        sa.PrimaryKeyConstraint("library", "fingerprint", "start_char", "end_char", name="pk_correction"),
        sa.ForeignKeyConstraint(["library"], ["library.id"], name=op.f("fk_correction_library")),
        sa.CheckConstraint("0 <= start_char AND start_char <= end_char", name=op.f("ck_correction_span")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "alias",
        sa.Column("library", ID, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("person", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("library", "name", name="pk_alias"),
        sa.ForeignKeyConstraint(["library"], ["library.id"], name=op.f("fk_alias_library")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    for table in ("alias", "correction", "speech"):
        op.drop_table(table)
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
            "0 <= evidence_start_char AND evidence_start_char <= evidence_end_char", name=op.f("ck_speech_evidence")
        ),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )
