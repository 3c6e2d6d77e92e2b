"""Several processes on one database: which there are, and which of them claimed what.

Revision 0006.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.corpus.dialects import ID, TEXT

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("delivery", sa.Column("process_id", ID))
    op.add_column("notice", sa.Column("process_id", ID))
    op.create_table(
        "process",
        sa.Column("id", ID, nullable=False, autoincrement=False),
        sa.Column("shard_count", sa.Integer, nullable=False),
        sa.Column("shards", TEXT, nullable=False),
        sa.Column("beat", ID),
        sa.Column("beaten_at", TEXT, nullable=False),
        sa.Column("looked_at", ID, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_process"),
        sa.CheckConstraint("shard_count >= 1", name=op.f("ck_process_shard_count")),
        sqlite_strict=True,
    )


def downgrade() -> None:
    op.drop_table("process")
    op.drop_column("notice", "process_id")
    op.drop_column("delivery", "process_id")
