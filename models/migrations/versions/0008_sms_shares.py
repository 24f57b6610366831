"""why an SMS provider has its share, and whose change it was"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_REASONS = (
    *("failing", "slow", "configuration", "trial", "still_failing"),
    *("recovering", "recovered", "stopped", "restored"),
)


def upgrade() -> None:
    reason = sa.Enum(
        *_REASONS, name="sharereason", native_enum=False, create_constraint=True, length=40
    )
    with op.batch_alter_table("provider_share") as table:
        table.add_column(sa.Column("reason", reason, nullable=True))
        table.add_column(
            sa.Column("failed_trials", sa.Integer(), server_default="0", nullable=False)
        )
    with op.batch_alter_table("provider_change") as table:
        table.add_column(sa.Column("account_id", sa.Integer(), nullable=True))
        table.create_foreign_key(
            op.f("fk_provider_change_account_id"), "account", ["account_id"], ["id"]
        )


def downgrade() -> None:
    with op.batch_alter_table("provider_change") as table:
        table.drop_constraint(op.f("fk_provider_change_account_id"), type_="foreignkey")
        table.drop_column("account_id")
    with op.batch_alter_table("provider_share") as table:
        table.drop_constraint(op.f("ck_provider_share_sharereason"), type_="check")
        table.drop_column("failed_trials")
        table.drop_column("reason")
