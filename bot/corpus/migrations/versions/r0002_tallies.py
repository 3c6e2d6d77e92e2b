"""What search counts: tallies, vocabularies, and which revision of its library changed an article.

Revision 0002. Articles that are there get their tallies when the library is next opened (`bot.corpus.changes`).
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.corpus.dialects import ID, NUMBER, TEXT

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_ZERO = sa.text("0")


def upgrade() -> None:
    op.add_column("library", sa.Column("stamp", ID, nullable=False, server_default=_ZERO))
    op.add_column("library", sa.Column("terms", NUMBER, nullable=False, server_default=_ZERO))
    op.add_column("article", sa.Column("title_in_text", sa.Integer, nullable=False, server_default=_ZERO))
    op.add_column("article", sa.Column("changed", NUMBER, nullable=False, server_default=_ZERO))
    op.create_index("ix_article_library_changed_deleted_at", "article", ["library", "changed", "deleted_at"])
    op.create_index(
        "ix_passage_spoken",
        "passage",
        ["article_id", "position", "speaker"],
        sqlite_where=sa.text("speaker IS NOT NULL"),
        postgresql_where=sa.text("speaker IS NOT NULL"),
    )
    op.create_table(
        "tally",
        sa.Column("article_id", ID, nullable=False, autoincrement=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("counts", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("article_id", name="pk_tally"),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], name=op.f("fk_tally_article_id"), ondelete="CASCADE"),
        sqlite_strict=True,
    )
    op.create_index("ix_tally_version", "tally", ["version"])
    op.create_table(
        "vocabulary",
        sa.Column("library", ID, nullable=False),
        sa.Column("term", TEXT, nullable=False),
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("word", TEXT, nullable=False),
        sa.Column("name_key", TEXT),
        sa.Column("changed", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("library", "term", name="pk_vocabulary"),
        sa.ForeignKeyConstraint(["library"], ["library.id"], name=op.f("fk_vocabulary_library")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("ix_vocabulary_library_changed", "vocabulary", ["library", "changed"])


def downgrade() -> None:
    op.drop_table("vocabulary")
    op.drop_table("tally")
    op.drop_index("ix_passage_spoken", "passage")
    op.drop_index("ix_article_library_changed_deleted_at", "article")
    for table, columns in (("article", ("title_in_text", "changed")), ("library", ("stamp", "terms"))):
        for column in columns:
            op.drop_column(table, column)
