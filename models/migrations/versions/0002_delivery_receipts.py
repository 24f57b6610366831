"""delivery receipts"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_KINDS_BEFORE = ("tried", "sent_again", "confirmed", "dismissed")
_KINDS_AFTER = ("tried", "receipt", "sent_again", "confirmed", "dismissed")


def upgrade() -> None:
    op.create_table(
        "delivery_receipt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("provider", sa.String(length=40), nullable=False),
        sa.Column("reference", sa.String(length=100), nullable=False),
        sa.Column("address_hash", sa.LargeBinary(), nullable=True),
        sa.Column("is_delivered", sa.Boolean(), nullable=False),
        sa.Column("code", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_receipt")),
    )
    op.create_index(
        "ix_delivery_receipt_provider_reference", "delivery_receipt", ["provider", "reference"]
    )
    op.create_index(op.f("ix_delivery_receipt_received_at"), "delivery_receipt", ["received_at"])
    op.create_index(
        "ix_notification_provider_reference_provider",
        "notification",
        ["provider_reference", "provider"],
    )
    _change_step_kinds(_KINDS_AFTER)


def downgrade() -> None:
    op.execute("DELETE FROM notification_step WHERE kind = 'receipt'")
    _change_step_kinds(_KINDS_BEFORE)
    op.drop_index("ix_notification_provider_reference_provider", table_name="notification")
    op.drop_table("delivery_receipt")


def _change_step_kinds(kinds: tuple[str, ...]) -> None:
    name = op.f("ck_notification_step_stepkind")
    allowed = ", ".join(f"'{kind}'" for kind in kinds)
    with op.batch_alter_table("notification_step") as table:
        table.drop_constraint(name, type_="check")
        table.create_check_constraint(name, f"kind IN ({allowed})")
