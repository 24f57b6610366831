"""menu tags"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("wechat_user", sa.Column("tag_due_at", sa.DateTime(timezone=True)))
    op.add_column(
        "wechat_user",
        sa.Column("tag_attempts", sa.Integer(), nullable=False, server_default="0"),
    )
    for name, length in (("tag_name", 30), ("tag_answer", 40)):
        op.add_column(
            "wechat_user",
            sa.Column(name, sa.String(length=length), nullable=False, server_default=""),
        )
    op.create_index(op.f("ix_wechat_user_tag_due_at"), "wechat_user", ["tag_due_at"])


def downgrade() -> None:
    op.drop_index(op.f("ix_wechat_user_tag_due_at"), table_name="wechat_user")
    for name in ("tag_answer", "tag_name", "tag_attempts", "tag_due_at"):
        op.drop_column("wechat_user", name)
