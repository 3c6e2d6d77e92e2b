"""Schedules with days, a topic, what to do on quiet days, and pauses; deliveries that keep their channel.

Revision 0004. A schedule that is there goes on as it was; a delivery was to the channel that its schedule has.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.corpus.dialects import ID, TEXT

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("schedule", sa.Column("days", TEXT, nullable=False, server_default="0123456"))
    op.add_column("schedule", sa.Column("topic", TEXT))
    op.add_column("schedule", sa.Column("quiet", TEXT, nullable=False, server_default="say so"))
    op.add_column("schedule", sa.Column("since", TEXT, nullable=False, server_default=""))
    op.add_column("schedule", sa.Column("paused_at", TEXT))
    op.add_column("delivery", sa.Column("channel_id", ID, nullable=False, server_default=sa.text("0")))
    op.execute("UPDATE schedule SET since = created_at")
    op.execute(
        "UPDATE delivery SET channel_id = (SELECT channel_id FROM schedule WHERE schedule.id = delivery.schedule_id)"
    )


def downgrade() -> None:
    op.drop_column("delivery", "channel_id")
    for name in ("paused_at", "since", "quiet", "topic", "days"):
        op.drop_column("schedule", name)
