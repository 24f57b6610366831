"""digest links of recipients"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# Who got a link was written down by name; a name that is no recipient's any more opens nothing.
_FIND_RECIPIENTS = """
UPDATE digest_link SET recipient_id = (
    SELECT min(id) FROM alert_recipient
    WHERE audience = 'task_force' AND name = digest_link.recipient_name
)
"""


def upgrade() -> None:
    op.create_index("uq_digest_starts_at", "digest", ["starts_at"], unique=True)
    with op.batch_alter_table("digest_link") as table:
        table.add_column(sa.Column("recipient_id", sa.Integer(), nullable=True))
    op.execute(_FIND_RECIPIENTS)
    op.execute("DELETE FROM digest_link WHERE recipient_id IS NULL")
    with op.batch_alter_table("digest_link") as table:
        table.alter_column("recipient_id", existing_type=sa.Integer(), nullable=False)
        table.create_index(op.f("ix_digest_link_recipient_id"), ["recipient_id"])
        table.create_foreign_key(
            op.f("fk_digest_link_recipient_id"),
            "alert_recipient",
            ["recipient_id"],
            ["id"],
            ondelete="CASCADE",
        )


def downgrade() -> None:
    with op.batch_alter_table("digest_link") as table:
        table.drop_constraint(op.f("fk_digest_link_recipient_id"), type_="foreignkey")
        table.drop_index(op.f("ix_digest_link_recipient_id"))
        table.drop_column("recipient_id")
    op.drop_index("uq_digest_starts_at", table_name="digest")
