"""first tables"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_kind", sa.String(length=20), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("actor_label", sa.String(length=60), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("object_kind", sa.String(length=40), nullable=False),
        sa.Column("object_id", sa.String(length=40), nullable=False),
        sa.Column("succeeded", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(length=45), nullable=False),
        sa.Column("request_id", sa.String(length=40), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
    )
    op.create_index(op.f("ix_audit_entry_action"), "audit_entry", ["action"], unique=False)
    op.create_index(op.f("ix_audit_entry_at"), "audit_entry", ["at"], unique=False)
    op.create_table(
        "checkpoint",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("poster_key", sa.String(length=26), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checkpoint")),
        sa.UniqueConstraint("name", name=op.f("uq_checkpoint_name")),
        sa.UniqueConstraint("poster_key", name=op.f("uq_checkpoint_poster_key")),
    )
    op.create_table(
        "denial_reason",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("wording", sa.String(length=50), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_denial_reason")),
        sa.UniqueConstraint("wording", name=op.f("uq_denial_reason_wording")),
    )
    op.create_table(
        "digest",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("allowed_count", sa.Integer(), nullable=False),
        sa.Column("denied_count", sa.Integer(), nullable=False),
        sa.Column("recipient_count", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_digest_window")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digest")),
        sa.UniqueConstraint("ends_at", name=op.f("uq_digest_ends_at")),
        sa.UniqueConstraint("public_id", name=op.f("uq_digest_public_id")),
    )
    op.create_table(
        "lead",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("name", sa.String(length=50), nullable=False),
        sa.Column("phone", sa.LargeBinary(), nullable=False),
        sa.Column("phone_hash", sa.LargeBinary(), nullable=False),
        sa.Column("phone_tail_hash", sa.LargeBinary(), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lead")),
        sa.UniqueConstraint("phone_hash", name=op.f("uq_lead_phone_hash")),
        sa.UniqueConstraint("public_id", name=op.f("uq_lead_public_id")),
    )
    op.create_table(
        "nucleic_acid_test",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("id_number", sa.LargeBinary(), nullable=False),
        sa.Column("id_number_hash", sa.LargeBinary(), nullable=False),
        sa.Column("tested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "result",
            sa.Enum(
                "negative",
                "positive",
                "suspect",
                "other",
                name="nucleicacidresult",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.String(length=50), nullable=False),
        sa.Column("sampled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("agency", sa.String(length=100), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_nucleic_acid_test")),
        sa.UniqueConstraint(
            "id_number_hash",
            "tested_at",
            name=op.f("uq_nucleic_acid_test_id_number_hash_tested_at"),
        ),
    )
    op.create_table(
        "provider_call",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("provider", sa.String(length=20), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_good", sa.Boolean(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider_call")),
    )
    op.create_index(op.f("ix_provider_call_at"), "provider_call", ["at"], unique=False)
    op.create_index(
        "ix_provider_call_provider_at", "provider_call", ["provider", "at"], unique=False
    )
    op.create_table(
        "provider_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("provider", sa.String(length=20), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("share_before", sa.Integer(), nullable=False),
        sa.Column("share_after", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("bad_calls", sa.Integer(), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider_change")),
    )
    op.create_index(op.f("ix_provider_change_at"), "provider_change", ["at"], unique=False)
    op.create_index(
        op.f("ix_provider_change_provider"), "provider_change", ["provider"], unique=False
    )
    op.create_table(
        "provider_share",
        sa.Column("provider", sa.String(length=20), nullable=False),
        sa.Column("share", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("share BETWEEN 0 AND 100", name=op.f("ck_provider_share_share")),
        sa.PrimaryKeyConstraint("provider", name=op.f("pk_provider_share")),
    )
    op.create_table(
        "register_status",
        sa.Column(
            "register",
            sa.Enum(
                "nucleic_acid",
                "vaccination",
                name="register",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("data_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("register", name=op.f("pk_register_status")),
    )
    op.create_table(
        "town",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_town")),
        sa.UniqueConstraint("name", name=op.f("uq_town_name")),
    )
    op.create_table(
        "vaccination",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("id_number", sa.LargeBinary(), nullable=False),
        sa.Column("id_number_hash", sa.LargeBinary(), nullable=False),
        sa.Column("dose_number", sa.Integer(), nullable=False),
        sa.Column("vaccinated_on", sa.Date(), nullable=False),
        sa.Column("name", sa.String(length=50), nullable=False),
        sa.Column("manufacturer", sa.String(length=100), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vaccination")),
        sa.UniqueConstraint(
            "id_number_hash", "dose_number", name=op.f("uq_vaccination_id_number_hash_dose_number")
        ),
    )
    op.create_table(
        "wechat_user",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("app_id", sa.String(length=40), nullable=False),
        sa.Column("openid", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wechat_user")),
        sa.UniqueConstraint("app_id", "openid", name=op.f("uq_wechat_user_app_id_openid")),
    )
    op.create_table(
        "account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("display_name", sa.String(length=50), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "driver",
                "checkpoint",
                "enterprise",
                "town",
                "bureau",
                "admin",
                "auditor",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("checkpoint_id", sa.Integer(), nullable=True),
        sa.Column("town_id", sa.Integer(), nullable=True),
        sa.Column("lead_id", sa.Integer(), nullable=True),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("must_change_password", sa.Boolean(), nullable=False),
        sa.Column("password_set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(role = 'checkpoint') = (checkpoint_id IS NOT NULL)",
            name=op.f("ck_account_checkpoint"),
        ),
        sa.CheckConstraint(
            "(role = 'enterprise') = (lead_id IS NOT NULL)", name=op.f("ck_account_lead")
        ),
        sa.CheckConstraint("(role = 'town') = (town_id IS NOT NULL)", name=op.f("ck_account_town")),
        sa.CheckConstraint("role <> 'driver'", name=op.f("ck_account_no_driver")),
        sa.ForeignKeyConstraint(
            ["checkpoint_id"], ["checkpoint.id"], name=op.f("fk_account_checkpoint_id")
        ),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"], name=op.f("fk_account_lead_id")),
        sa.ForeignKeyConstraint(["town_id"], ["town.id"], name=op.f("fk_account_town_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("name", name=op.f("uq_account_name")),
        sa.UniqueConstraint("public_id", name=op.f("uq_account_public_id")),
    )
    op.create_table(
        "alert_recipient",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column(
            "audience",
            sa.Enum(
                "town",
                "bureau",
                "task_force",
                name="audience",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("town_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=50), nullable=False),
        sa.Column("member_id", sa.LargeBinary(), nullable=False),
        sa.Column("member_hash", sa.LargeBinary(), nullable=False),
        sa.Column("phone", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(audience = 'town') = (town_id IS NOT NULL)", name=op.f("ck_alert_recipient_town")
        ),
        sa.ForeignKeyConstraint(["town_id"], ["town.id"], name=op.f("fk_alert_recipient_town_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_recipient")),
        sa.UniqueConstraint(
            "audience",
            "town_id",
            "member_hash",
            name=op.f("uq_alert_recipient_audience_town_id_member_hash"),
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_alert_recipient_public_id")),
    )
    op.create_index(
        op.f("ix_alert_recipient_town_id"), "alert_recipient", ["town_id"], unique=False
    )
    op.create_index(
        "uq_alert_recipient_audience_member_hash",
        "alert_recipient",
        ["audience", "member_hash"],
        unique=True,
        postgresql_where=sa.text("town_id IS NULL"),
        sqlite_where=sa.text("town_id IS NULL"),
    )
    op.create_table(
        "audit_personal_part",
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["audit_entry.id"], name=op.f("fk_audit_personal_part_entry_id")
        ),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_audit_personal_part")),
    )
    op.create_table(
        "digest_link",
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("digest_id", sa.Integer(), nullable=False),
        sa.Column("recipient_name", sa.String(length=50), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["digest_id"], ["digest.id"], name=op.f("fk_digest_link_digest_id")
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_digest_link")),
    )
    op.create_index(op.f("ix_digest_link_digest_id"), "digest_link", ["digest_id"], unique=False)
    op.create_index(op.f("ix_digest_link_expires_at"), "digest_link", ["expires_at"], unique=False)
    op.create_table(
        "draft",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("wechat_user_id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=26), nullable=False),
        sa.Column("fields", sa.LargeBinary(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["wechat_user_id"], ["wechat_user.id"], name=op.f("fk_draft_wechat_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft")),
        sa.UniqueConstraint(
            "wechat_user_id", "subject", name=op.f("uq_draft_wechat_user_id_subject")
        ),
    )
    op.create_index(op.f("ix_draft_updated_at"), "draft", ["updated_at"], unique=False)
    op.create_table(
        "enterprise",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("credit_code", sa.String(length=18), nullable=False),
        sa.Column("town_id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("remark", sa.String(length=200), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["town_id"], ["town.id"], name=op.f("fk_enterprise_town_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enterprise")),
        sa.UniqueConstraint("credit_code", name=op.f("uq_enterprise_credit_code")),
        sa.UniqueConstraint("public_id", name=op.f("uq_enterprise_public_id")),
    )
    op.create_index(op.f("ix_enterprise_name"), "enterprise", ["name"], unique=False)
    op.create_index(op.f("ix_enterprise_town_id"), "enterprise", ["town_id"], unique=False)
    op.create_table(
        "reservation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("wechat_user_id", sa.Integer(), nullable=False),
        sa.Column("submission_key", sa.String(length=40), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "pending_identity",
                "identity_failed",
                "reserved",
                "passed",
                "denied",
                "cancelled",
                "expired",
                name="reservationstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "identity",
            sa.Enum(
                "checked",
                "not_checkable",
                "pending",
                name="identityassurance",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state_changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("name", sa.String(length=50), nullable=False),
        sa.Column(
            "id_type",
            sa.Enum(
                "resident_id",
                "hk_macao_permit",
                "taiwan_permit",
                "passport",
                "foreign_permanent_resident_id",
                name="idtype",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("id_number", sa.LargeBinary(), nullable=False),
        sa.Column("id_number_hash", sa.LargeBinary(), nullable=False),
        sa.Column("id_number_tail_hash", sa.LargeBinary(), nullable=False),
        sa.Column("phone", sa.LargeBinary(), nullable=False),
        sa.Column("phone_hash", sa.LargeBinary(), nullable=False),
        sa.Column("phone_tail_hash", sa.LargeBinary(), nullable=False),
        sa.Column("plate_number", sa.String(length=10), nullable=False),
        sa.Column(
            "vehicle_type",
            sa.Enum(
                "heavy",
                "medium",
                "light",
                "tractor",
                "other",
                name="vehicletype",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("trailer_plate", sa.String(length=10), nullable=False),
        sa.Column("enterprise_name", sa.String(length=100), nullable=False),
        sa.Column("origin", sa.String(length=100), nullable=False),
        sa.Column("via", sa.String(length=100), nullable=False),
        sa.Column("destination_town_id", sa.Integer(), nullable=False),
        sa.Column("destination_address", sa.String(length=200), nullable=False),
        sa.Column("checkpoint_id", sa.Integer(), nullable=False),
        sa.Column("arrival_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cargo", sa.String(length=100), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "health_code",
            sa.Enum(
                "green",
                "yellow",
                "red",
                name="healthcode",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("high_risk_travel", sa.Boolean(), nullable=False),
        sa.Column("symptoms", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["checkpoint_id"], ["checkpoint.id"], name=op.f("fk_reservation_checkpoint_id")
        ),
        sa.ForeignKeyConstraint(
            ["destination_town_id"], ["town.id"], name=op.f("fk_reservation_destination_town_id")
        ),
        sa.ForeignKeyConstraint(
            ["wechat_user_id"], ["wechat_user.id"], name=op.f("fk_reservation_wechat_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reservation")),
        sa.UniqueConstraint("public_id", name=op.f("uq_reservation_public_id")),
        sa.UniqueConstraint(
            "wechat_user_id",
            "submission_key",
            name=op.f("uq_reservation_wechat_user_id_submission_key"),
        ),
    )
    op.create_index(op.f("ix_reservation_arrival_at"), "reservation", ["arrival_at"], unique=False)
    op.create_index(
        op.f("ix_reservation_checkpoint_id"), "reservation", ["checkpoint_id"], unique=False
    )
    op.create_index(op.f("ix_reservation_created_at"), "reservation", ["created_at"], unique=False)
    op.create_index(
        op.f("ix_reservation_destination_town_id"),
        "reservation",
        ["destination_town_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_reservation_id_number_hash"), "reservation", ["id_number_hash"], unique=False
    )
    op.create_index(
        op.f("ix_reservation_id_number_tail_hash"),
        "reservation",
        ["id_number_tail_hash"],
        unique=False,
    )
    op.create_index(
        "ix_reservation_name",
        "reservation",
        ["name"],
        unique=False,
        postgresql_ops={"name": "text_pattern_ops"},
    )
    op.create_index(op.f("ix_reservation_phone_hash"), "reservation", ["phone_hash"], unique=False)
    op.create_index(
        op.f("ix_reservation_phone_tail_hash"), "reservation", ["phone_tail_hash"], unique=False
    )
    op.create_index(
        op.f("ix_reservation_plate_number"), "reservation", ["plate_number"], unique=False
    )
    op.create_index(
        "ix_reservation_state_arrival_at",
        "reservation",
        ["state", "arrival_at"],
        unique=False,
        postgresql_where=sa.text("erased_at IS NULL"),
        sqlite_where=sa.text("erased_at IS NULL"),
    )
    op.create_index(
        op.f("ix_reservation_state_changed_at"), "reservation", ["state_changed_at"], unique=False
    )
    op.create_index(
        "ix_reservation_state_created_at",
        "reservation",
        ["state", "created_at"],
        unique=False,
        postgresql_where=sa.text("erased_at IS NULL"),
        sqlite_where=sa.text("erased_at IS NULL"),
    )
    op.create_index(
        "ix_reservation_state_expires_at", "reservation", ["state", "expires_at"], unique=False
    )
    op.create_index(
        "ix_reservation_wechat_user_id_created_at",
        "reservation",
        ["wechat_user_id", "created_at"],
        unique=False,
    )
    op.create_table(
        "sign_in_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("lead_id", sa.Integer(), nullable=True),
        sa.Column("phone_hash", sa.LargeBinary(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("salt", sa.LargeBinary(length=16), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries_left", sa.Integer(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"], name=op.f("fk_sign_in_code_lead_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_code")),
    )
    op.create_index(
        op.f("ix_sign_in_code_phone_hash"), "sign_in_code", ["phone_hash"], unique=False
    )
    op.create_index(
        op.f("ix_sign_in_code_session_id"), "sign_in_code", ["session_id"], unique=False
    )
    op.create_table(
        "uploaded_image",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("wechat_user_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "health_code_image",
                "trip_card_image",
                "test_report_image",
                name="imagekind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("touched_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["wechat_user_id"], ["wechat_user.id"], name=op.f("fk_uploaded_image_wechat_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_uploaded_image")),
        sa.UniqueConstraint("public_id", name=op.f("uq_uploaded_image_public_id")),
    )
    op.create_index(
        op.f("ix_uploaded_image_touched_at"), "uploaded_image", ["touched_at"], unique=False
    )
    op.create_index(
        op.f("ix_uploaded_image_wechat_user_id"), "uploaded_image", ["wechat_user_id"], unique=False
    )
    op.create_table(
        "binding",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("wechat_user_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("lead_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(account_id IS NULL) <> (lead_id IS NULL)", name=op.f("ck_binding_one_of_two")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_binding_account_id")),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"], name=op.f("fk_binding_lead_id")),
        sa.ForeignKeyConstraint(
            ["wechat_user_id"], ["wechat_user.id"], name=op.f("fk_binding_wechat_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_binding")),
    )
    op.create_index(op.f("ix_binding_wechat_user_id"), "binding", ["wechat_user_id"], unique=False)
    op.create_index(
        "uq_binding_account",
        "binding",
        ["account_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
        sqlite_where=sa.text("ended_at IS NULL"),
    )
    op.create_index(
        "uq_binding_lead",
        "binding",
        ["lead_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
        sqlite_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "browser_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("wechat_user_id", sa.Integer(), nullable=True),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("lead_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("return_path", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_browser_session_account_id")
        ),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"], name=op.f("fk_browser_session_lead_id")),
        sa.ForeignKeyConstraint(
            ["wechat_user_id"], ["wechat_user.id"], name=op.f("fk_browser_session_wechat_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_browser_session")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_browser_session_secret_hash")),
    )
    op.create_index(
        op.f("ix_browser_session_account_id"), "browser_session", ["account_id"], unique=False
    )
    op.create_index(
        op.f("ix_browser_session_expires_at"), "browser_session", ["expires_at"], unique=False
    )
    op.create_index(
        op.f("ix_browser_session_lead_id"), "browser_session", ["lead_id"], unique=False
    )
    op.create_index(
        op.f("ix_browser_session_wechat_user_id"),
        "browser_session",
        ["wechat_user_id"],
        unique=False,
    )
    op.create_table(
        "employee",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("enterprise_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=50), nullable=False),
        sa.Column(
            "id_type",
            sa.Enum(
                "resident_id",
                "hk_macao_permit",
                "taiwan_permit",
                "passport",
                "foreign_permanent_resident_id",
                name="idtype",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("id_number", sa.LargeBinary(), nullable=False),
        sa.Column("id_number_hash", sa.LargeBinary(), nullable=False),
        sa.Column("id_number_tail_hash", sa.LargeBinary(), nullable=False),
        sa.Column("phone", sa.LargeBinary(), nullable=False),
        sa.Column("phone_hash", sa.LargeBinary(), nullable=False),
        sa.Column("phone_tail_hash", sa.LargeBinary(), nullable=False),
        sa.Column("plate_number", sa.String(length=10), nullable=False),
        sa.Column("position", sa.String(length=20), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["enterprise.id"], name=op.f("fk_employee_enterprise_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_employee")),
        sa.UniqueConstraint(
            "enterprise_id", "id_number_hash", name=op.f("uq_employee_enterprise_id_id_number_hash")
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_employee_public_id")),
    )
    op.create_index("ix_employee_id_number_hash", "employee", ["id_number_hash"], unique=False)
    op.create_index(
        op.f("ix_employee_id_number_tail_hash"), "employee", ["id_number_tail_hash"], unique=False
    )
    op.create_index(op.f("ix_employee_name"), "employee", ["name"], unique=False)
    op.create_index(op.f("ix_employee_phone_hash"), "employee", ["phone_hash"], unique=False)
    op.create_index(
        op.f("ix_employee_phone_tail_hash"), "employee", ["phone_tail_hash"], unique=False
    )
    op.create_index(op.f("ix_employee_plate_number"), "employee", ["plate_number"], unique=False)
    op.create_table(
        "enterprise_lead",
        sa.Column("enterprise_id", sa.Integer(), nullable=False),
        sa.Column("lead_id", sa.Integer(), nullable=False),
        sa.Column("is_main", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["enterprise.id"], name=op.f("fk_enterprise_lead_enterprise_id")
        ),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"], name=op.f("fk_enterprise_lead_lead_id")),
        sa.PrimaryKeyConstraint("enterprise_id", "lead_id", name=op.f("pk_enterprise_lead")),
    )
    op.create_index(
        op.f("ix_enterprise_lead_lead_id"), "enterprise_lead", ["lead_id"], unique=False
    )
    op.create_index(
        "uq_enterprise_lead_main",
        "enterprise_lead",
        ["enterprise_id"],
        unique=True,
        postgresql_where=sa.text("is_main"),
        sqlite_where=sa.text("is_main"),
    )
    op.create_table(
        "export_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("lead_id", sa.Integer(), nullable=True),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("is_clear", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("conditions", sa.LargeBinary(), nullable=False),
        sa.Column("row_count", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.String(length=100), nullable=False),
        sa.Column("stored_as", sa.String(length=60), nullable=True),
        sa.Column("byte_count", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("download_count", sa.Integer(), nullable=False),
        sa.CheckConstraint("NOT is_clear OR reason <> ''", name=op.f("ck_export_run_reason")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_export_run_account_id")
        ),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"], name=op.f("fk_export_run_lead_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_export_run")),
        sa.UniqueConstraint("public_id", name=op.f("uq_export_run_public_id")),
    )
    op.create_index(op.f("ix_export_run_account_id"), "export_run", ["account_id"], unique=False)
    op.create_index(op.f("ix_export_run_created_at"), "export_run", ["created_at"], unique=False)
    op.create_index(op.f("ix_export_run_expires_at"), "export_run", ["expires_at"], unique=False)
    op.create_index(op.f("ix_export_run_lead_id"), "export_run", ["lead_id"], unique=False)
    op.create_table(
        "identity_check",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reservation_id", sa.Integer(), nullable=False),
        sa.Column("provider", sa.String(length=20), nullable=False),
        sa.Column("return_key_hash", sa.LargeBinary(), nullable=False),
        sa.Column("cert_token", sa.LargeBinary(), nullable=True),
        sa.Column("cert_token_hash", sa.LargeBinary(), nullable=True),
        sa.Column("page_url", sa.LargeBinary(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "requested",
                "started",
                "passed",
                "failed",
                "lapsed",
                "superseded",
                name="identitycheckstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("result_code", sa.String(length=60), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_question_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["reservation_id"], ["reservation.id"], name=op.f("fk_identity_check_reservation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_check")),
        sa.UniqueConstraint("cert_token_hash", name=op.f("uq_identity_check_cert_token_hash")),
        sa.UniqueConstraint("return_key_hash", name=op.f("uq_identity_check_return_key_hash")),
    )
    op.create_index(
        op.f("ix_identity_check_reservation_id"), "identity_check", ["reservation_id"], unique=False
    )
    op.create_index(
        "ix_identity_check_state_next_question_at",
        "identity_check",
        ["state", "next_question_at"],
        unique=False,
    )
    op.create_index(
        "uq_identity_check_live",
        "identity_check",
        ["reservation_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('requested', 'started')"),
        sqlite_where=sa.text("state IN ('requested', 'started')"),
    )
    op.create_table(
        "import_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column(
            "origin",
            sa.Enum(
                "command",
                "upload",
                "watched_folder",
                name="importorigin",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("lead_id", sa.Integer(), nullable=True),
        sa.Column("enterprise_id", sa.Integer(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("new_rows", sa.Integer(), nullable=False),
        sa.Column("changed_rows", sa.Integer(), nullable=False),
        sa.Column("unchanged_rows", sa.Integer(), nullable=False),
        sa.Column("wrong_rows", sa.Integer(), nullable=False),
        sa.Column("refusal", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_import_run_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["enterprise.id"], name=op.f("fk_import_run_enterprise_id")
        ),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"], name=op.f("fk_import_run_lead_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_run")),
    )
    op.create_index(
        op.f("ix_import_run_enterprise_id"), "import_run", ["enterprise_id"], unique=False
    )
    op.create_index(op.f("ix_import_run_kind"), "import_run", ["kind"], unique=False)
    op.create_table(
        "office_setting",
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_office_setting_account_id")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_office_setting")),
    )
    op.create_table(
        "pass_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reservation_id", sa.Integer(), nullable=False),
        sa.Column("key_id", sa.String(length=20), nullable=False),
        sa.Column("seed", sa.LargeBinary(length=16), nullable=False),
        sa.Column("short_code_turn", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("short_code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("is_live", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["reservation_id"], ["reservation.id"], name=op.f("fk_pass_code_reservation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pass_code")),
        sa.UniqueConstraint("reservation_id", name=op.f("uq_pass_code_reservation_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_pass_code_token_hash")),
    )
    op.create_index("ix_pass_code_short_code_hash", "pass_code", ["short_code_hash"], unique=False)
    op.create_index(
        "uq_pass_code_short_code_hash",
        "pass_code",
        ["short_code_hash"],
        unique=True,
        postgresql_where=sa.text("is_live"),
        sqlite_where=sa.text("is_live"),
    )
    op.create_table(
        "passenger",
        sa.Column("reservation_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=50), nullable=False),
        sa.Column(
            "id_type",
            sa.Enum(
                "resident_id",
                "hk_macao_permit",
                "taiwan_permit",
                "passport",
                "foreign_permanent_resident_id",
                name="idtype",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("id_number", sa.LargeBinary(), nullable=False),
        sa.Column("id_number_hash", sa.LargeBinary(), nullable=False),
        sa.Column("phone", sa.LargeBinary(), nullable=True),
        sa.Column("phone_hash", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("position BETWEEN 1 AND 5", name=op.f("ck_passenger_position")),
        sa.ForeignKeyConstraint(
            ["reservation_id"],
            ["reservation.id"],
            name=op.f("fk_passenger_reservation_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("reservation_id", "position", name=op.f("pk_passenger")),
    )
    op.create_index(
        op.f("ix_passenger_id_number_hash"), "passenger", ["id_number_hash"], unique=False
    )
    op.create_table(
        "password_record",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_password_record_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_password_record")),
    )
    op.create_index(
        op.f("ix_password_record_account_id"), "password_record", ["account_id"], unique=False
    )
    op.create_table(
        "reservation_image",
        sa.Column("reservation_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "health_code_image",
                "trip_card_image",
                "test_report_image",
                name="imagekind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("image_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["image_id"], ["uploaded_image.id"], name=op.f("fk_reservation_image_image_id")
        ),
        sa.ForeignKeyConstraint(
            ["reservation_id"],
            ["reservation.id"],
            name=op.f("fk_reservation_image_reservation_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("reservation_id", "kind", name=op.f("pk_reservation_image")),
    )
    op.create_index(
        op.f("ix_reservation_image_image_id"), "reservation_image", ["image_id"], unique=False
    )
    op.create_table(
        "saved_filter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("lead_id", sa.Integer(), nullable=True),
        sa.Column("page", sa.String(length=40), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_saved_filter_account_id")
        ),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"], name=op.f("fk_saved_filter_lead_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_filter")),
        sa.UniqueConstraint("public_id", name=op.f("uq_saved_filter_public_id")),
    )
    op.create_index(
        op.f("ix_saved_filter_expires_at"), "saved_filter", ["expires_at"], unique=False
    )
    op.create_table(
        "shift",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("checkpoint_id", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_shift_account_id")),
        sa.ForeignKeyConstraint(
            ["checkpoint_id"], ["checkpoint.id"], name=op.f("fk_shift_checkpoint_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shift")),
    )
    op.create_index(
        "uq_shift_open",
        "shift",
        ["account_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
        sqlite_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "sign_in_attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("name_hash", sa.LargeBinary(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("source", sa.String(length=45), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "ok",
                "wrong",
                "locked",
                "disabled",
                "expired",
                name="signinoutcome",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_sign_in_attempt_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_attempt")),
    )
    op.create_index(
        op.f("ix_sign_in_attempt_account_id"), "sign_in_attempt", ["account_id"], unique=False
    )
    op.create_index(op.f("ix_sign_in_attempt_at"), "sign_in_attempt", ["at"], unique=False)
    op.create_index(
        op.f("ix_sign_in_attempt_name_hash"), "sign_in_attempt", ["name_hash"], unique=False
    )
    op.create_table(
        "import_upload",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("lead_id", sa.Integer(), nullable=True),
        sa.Column("enterprise_id", sa.Integer(), nullable=True),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("file_bytes", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "checking",
                "checked",
                "refused",
                "accepted",
                "taking",
                "taken",
                "left",
                name="uploadstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("stored_as", sa.String(length=60), nullable=True),
        sa.Column("rows_stored_as", sa.String(length=60), nullable=True),
        sa.Column("wrong_rows_stored_as", sa.String(length=60), nullable=True),
        sa.Column("report", sa.LargeBinary(), nullable=True),
        sa.Column("actor", sa.LargeBinary(), nullable=True),
        sa.Column("import_run_id", sa.Integer(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("busy_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_import_upload_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["enterprise.id"], name=op.f("fk_import_upload_enterprise_id")
        ),
        sa.ForeignKeyConstraint(
            ["import_run_id"], ["import_run.id"], name=op.f("fk_import_upload_import_run_id")
        ),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"], name=op.f("fk_import_upload_lead_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_upload")),
        sa.UniqueConstraint("public_id", name=op.f("uq_import_upload_public_id")),
    )
    op.create_index(
        op.f("ix_import_upload_expires_at"), "import_upload", ["expires_at"], unique=False
    )
    op.create_table(
        "prepared_reservation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("enterprise_id", sa.Integer(), nullable=False),
        sa.Column("employee_id", sa.Integer(), nullable=False),
        sa.Column("lead_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "finished",
                "withdrawn",
                name="preparedstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("form", sa.LargeBinary(), nullable=True),
        sa.Column("reservation_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["employee_id"], ["employee.id"], name=op.f("fk_prepared_reservation_employee_id")
        ),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["enterprise.id"], name=op.f("fk_prepared_reservation_enterprise_id")
        ),
        sa.ForeignKeyConstraint(
            ["lead_id"], ["lead.id"], name=op.f("fk_prepared_reservation_lead_id")
        ),
        sa.ForeignKeyConstraint(
            ["reservation_id"],
            ["reservation.id"],
            name=op.f("fk_prepared_reservation_reservation_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prepared_reservation")),
        sa.UniqueConstraint("public_id", name=op.f("uq_prepared_reservation_public_id")),
        sa.UniqueConstraint("reservation_id", name=op.f("uq_prepared_reservation_reservation_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_prepared_reservation_token_hash")),
    )
    op.create_index(
        op.f("ix_prepared_reservation_employee_id"),
        "prepared_reservation",
        ["employee_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_prepared_reservation_enterprise_id"),
        "prepared_reservation",
        ["enterprise_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_prepared_reservation_expires_at"),
        "prepared_reservation",
        ["expires_at"],
        unique=False,
    )
    op.create_table(
        "scan",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("pass_code_id", sa.Integer(), nullable=True),
        sa.Column("reservation_id", sa.Integer(), nullable=True),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("checkpoint_id", sa.Integer(), nullable=False),
        sa.Column("shift_id", sa.Integer(), nullable=False),
        sa.Column("scanned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "means",
            sa.Enum(
                "link",
                "scanner",
                "short_code",
                "refresh",
                name="scanmeans",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "outcome",
            sa.Enum(
                "shown",
                "used",
                "expired",
                "cancelled",
                "unknown",
                name="scanoutcome",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("unknown_code_hash", sa.LargeBinary(length=16), nullable=True),
        sa.Column("findings", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(
            "(outcome = 'unknown') = (pass_code_id IS NULL)", name=op.f("ck_scan_known_code")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_scan_account_id")),
        sa.ForeignKeyConstraint(
            ["checkpoint_id"], ["checkpoint.id"], name=op.f("fk_scan_checkpoint_id")
        ),
        sa.ForeignKeyConstraint(
            ["pass_code_id"], ["pass_code.id"], name=op.f("fk_scan_pass_code_id")
        ),
        sa.ForeignKeyConstraint(
            ["reservation_id"], ["reservation.id"], name=op.f("fk_scan_reservation_id")
        ),
        sa.ForeignKeyConstraint(["shift_id"], ["shift.id"], name=op.f("fk_scan_shift_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scan")),
        sa.UniqueConstraint("public_id", name=op.f("uq_scan_public_id")),
    )
    op.create_index(
        "ix_scan_account_id_scanned_at", "scan", ["account_id", "scanned_at"], unique=False
    )
    op.create_index(op.f("ix_scan_pass_code_id"), "scan", ["pass_code_id"], unique=False)
    op.create_index(op.f("ix_scan_reservation_id"), "scan", ["reservation_id"], unique=False)
    op.create_table(
        "passage",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("reservation_id", sa.Integer(), nullable=False),
        sa.Column("pass_code_id", sa.Integer(), nullable=False),
        sa.Column("scan_id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.String(length=40), nullable=False),
        sa.Column(
            "verdict",
            sa.Enum(
                "allowed",
                "denied",
                name="verdict",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.String(length=50), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("checkpoint_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("(verdict = 'denied') = (reason <> '')", name=op.f("ck_passage_reason")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_passage_account_id")),
        sa.ForeignKeyConstraint(
            ["checkpoint_id"], ["checkpoint.id"], name=op.f("fk_passage_checkpoint_id")
        ),
        sa.ForeignKeyConstraint(
            ["pass_code_id"], ["pass_code.id"], name=op.f("fk_passage_pass_code_id")
        ),
        sa.ForeignKeyConstraint(
            ["reservation_id"], ["reservation.id"], name=op.f("fk_passage_reservation_id")
        ),
        sa.ForeignKeyConstraint(["scan_id"], ["scan.id"], name=op.f("fk_passage_scan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passage")),
        sa.UniqueConstraint(
            "account_id", "request_id", name=op.f("uq_passage_account_id_request_id")
        ),
        sa.UniqueConstraint("pass_code_id", name=op.f("uq_passage_pass_code_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_passage_public_id")),
        sa.UniqueConstraint("reservation_id", name=op.f("uq_passage_reservation_id")),
    )
    op.create_index(
        "ix_passage_checkpoint_id_decided_at",
        "passage",
        ["checkpoint_id", "decided_at"],
        unique=False,
    )
    op.create_index(op.f("ix_passage_decided_at"), "passage", ["decided_at"], unique=False)
    op.create_index(
        "ix_passage_reason",
        "passage",
        ["reason"],
        unique=False,
        postgresql_where=sa.text("reason <> ''"),
        sqlite_where=sa.text("reason <> ''"),
    )
    op.create_table(
        "correction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("passage_id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.String(length=40), nullable=False),
        sa.Column(
            "verdict",
            sa.Enum(
                "allowed",
                "denied",
                name="verdict",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("denial_reason", sa.String(length=50), nullable=False),
        sa.Column("explanation", sa.String(length=200), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(verdict = 'denied') = (denial_reason <> '')", name=op.f("ck_correction_denial_reason")
        ),
        sa.CheckConstraint("explanation <> ''", name=op.f("ck_correction_explanation")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_correction_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["passage_id"], ["passage.id"], name=op.f("fk_correction_passage_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correction")),
        sa.UniqueConstraint("public_id", name=op.f("uq_correction_public_id")),
        sa.UniqueConstraint("request_id", name=op.f("uq_correction_request_id")),
    )
    op.create_index(op.f("ix_correction_passage_id"), "correction", ["passage_id"], unique=False)
    op.create_table(
        "notification",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("event", sa.String(length=80), nullable=False),
        sa.Column("recipient", sa.String(length=80), nullable=False),
        sa.Column(
            "channel",
            sa.Enum(
                "sms",
                "yuezhengyi",
                "wechat",
                name="channel",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("recipient_name", sa.String(length=50), nullable=False),
        sa.Column("recipient_unit", sa.String(length=100), nullable=False),
        sa.Column("passage_id", sa.Integer(), nullable=True),
        sa.Column("reservation_id", sa.Integer(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "passage_allowed_roster",
                "passage_denied_roster",
                "passage_allowed_other",
                "passage_denied_other",
                "reservation_made",
                "passage_decided",
                "sign_in_code",
                "passage_corrected",
                "alert_test",
                "lead_replaced",
                "reservation_prepared",
                "digest",
                "passages_merged",
                name="notificationkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("address", sa.LargeBinary(), nullable=False),
        sa.Column("address_hash", sa.LargeBinary(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "queued",
                "sending",
                "sent",
                "delivered",
                "failed",
                "unknown",
                "expired",
                name="notificationstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("not_after", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_holder", sa.String(length=40), nullable=True),
        sa.Column("provider", sa.String(length=40), nullable=False),
        sa.Column("provider_reference", sa.String(length=100), nullable=False),
        sa.Column("last_answer", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("merged_into_id", sa.Integer(), nullable=True),
        sa.Column("dismissed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["merged_into_id"], ["notification.id"], name=op.f("fk_notification_merged_into_id")
        ),
        sa.ForeignKeyConstraint(
            ["passage_id"], ["passage.id"], name=op.f("fk_notification_passage_id")
        ),
        sa.ForeignKeyConstraint(
            ["reservation_id"], ["reservation.id"], name=op.f("fk_notification_reservation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notification")),
        sa.UniqueConstraint(
            "event", "recipient", "channel", name=op.f("uq_notification_event_recipient_channel")
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_notification_public_id")),
    )
    op.create_index(
        "ix_notification_address_hash_sent_at",
        "notification",
        ["address_hash", "sent_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_notification_created_at"), "notification", ["created_at"], unique=False
    )
    op.create_index(
        op.f("ix_notification_merged_into_id"), "notification", ["merged_into_id"], unique=False
    )
    op.create_index(
        op.f("ix_notification_passage_id"), "notification", ["passage_id"], unique=False
    )
    op.create_index(op.f("ix_notification_recipient"), "notification", ["recipient"], unique=False)
    op.create_index(
        op.f("ix_notification_reservation_id"), "notification", ["reservation_id"], unique=False
    )
    op.create_index(
        "ix_notification_state_next_try_at", "notification", ["state", "next_try_at"], unique=False
    )
    op.create_table(
        "passage_enterprise",
        sa.Column("passage_id", sa.Integer(), nullable=False),
        sa.Column("enterprise_id", sa.Integer(), nullable=False),
        sa.Column("enterprise_name", sa.String(length=100), nullable=False),
        sa.Column("town_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["enterprise.id"], name=op.f("fk_passage_enterprise_enterprise_id")
        ),
        sa.ForeignKeyConstraint(
            ["passage_id"], ["passage.id"], name=op.f("fk_passage_enterprise_passage_id")
        ),
        sa.ForeignKeyConstraint(
            ["town_id"], ["town.id"], name=op.f("fk_passage_enterprise_town_id")
        ),
        sa.PrimaryKeyConstraint("passage_id", "enterprise_id", name=op.f("pk_passage_enterprise")),
    )
    op.create_index(
        op.f("ix_passage_enterprise_enterprise_id"),
        "passage_enterprise",
        ["enterprise_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_passage_enterprise_town_id"), "passage_enterprise", ["town_id"], unique=False
    )
    op.create_table(
        "notification_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("notification_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "tried",
                "sent_again",
                "confirmed",
                "dismissed",
                name="stepkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "answer",
            sa.Enum(
                "accepted",
                "throttled",
                "transient",
                "permanent",
                "unknown",
                "configuration",
                name="answer",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("provider", sa.String(length=40), nullable=False),
        sa.Column("code", sa.String(length=200), nullable=False),
        sa.Column("reference", sa.String(length=100), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_notification_step_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["notification_id"],
            ["notification.id"],
            name=op.f("fk_notification_step_notification_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notification_step")),
    )
    op.create_index(op.f("ix_notification_step_at"), "notification_step", ["at"], unique=False)
    op.create_index(
        op.f("ix_notification_step_notification_id"),
        "notification_step",
        ["notification_id"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_notification_step_notification_id"), table_name="notification_step")
    op.drop_index(op.f("ix_notification_step_at"), table_name="notification_step")
    op.drop_table("notification_step")
    op.drop_index(op.f("ix_passage_enterprise_town_id"), table_name="passage_enterprise")
    op.drop_index(op.f("ix_passage_enterprise_enterprise_id"), table_name="passage_enterprise")
    op.drop_table("passage_enterprise")
    op.drop_index("ix_notification_state_next_try_at", table_name="notification")
    op.drop_index(op.f("ix_notification_reservation_id"), table_name="notification")
    op.drop_index(op.f("ix_notification_recipient"), table_name="notification")
    op.drop_index(op.f("ix_notification_passage_id"), table_name="notification")
    op.drop_index(op.f("ix_notification_merged_into_id"), table_name="notification")
    op.drop_index(op.f("ix_notification_created_at"), table_name="notification")
    op.drop_index("ix_notification_address_hash_sent_at", table_name="notification")
    op.drop_table("notification")
    op.drop_index(op.f("ix_correction_passage_id"), table_name="correction")
    op.drop_table("correction")
    op.drop_index(
        "ix_passage_reason",
        table_name="passage",
        postgresql_where=sa.text("reason <> ''"),
        sqlite_where=sa.text("reason <> ''"),
    )
    op.drop_index(op.f("ix_passage_decided_at"), table_name="passage")
    op.drop_index("ix_passage_checkpoint_id_decided_at", table_name="passage")
    op.drop_table("passage")
    op.drop_index(op.f("ix_scan_reservation_id"), table_name="scan")
    op.drop_index(op.f("ix_scan_pass_code_id"), table_name="scan")
    op.drop_index("ix_scan_account_id_scanned_at", table_name="scan")
    op.drop_table("scan")
    op.drop_index(op.f("ix_prepared_reservation_expires_at"), table_name="prepared_reservation")
    op.drop_index(op.f("ix_prepared_reservation_enterprise_id"), table_name="prepared_reservation")
    op.drop_index(op.f("ix_prepared_reservation_employee_id"), table_name="prepared_reservation")
    op.drop_table("prepared_reservation")
    op.drop_index(op.f("ix_import_upload_expires_at"), table_name="import_upload")
    op.drop_table("import_upload")
    op.drop_index(op.f("ix_sign_in_attempt_name_hash"), table_name="sign_in_attempt")
    op.drop_index(op.f("ix_sign_in_attempt_at"), table_name="sign_in_attempt")
    op.drop_index(op.f("ix_sign_in_attempt_account_id"), table_name="sign_in_attempt")
    op.drop_table("sign_in_attempt")
    op.drop_index(
        "uq_shift_open",
        table_name="shift",
        postgresql_where=sa.text("ended_at IS NULL"),
        sqlite_where=sa.text("ended_at IS NULL"),
    )
    op.drop_table("shift")
    op.drop_index(op.f("ix_saved_filter_expires_at"), table_name="saved_filter")
    op.drop_table("saved_filter")
    op.drop_index(op.f("ix_reservation_image_image_id"), table_name="reservation_image")
    op.drop_table("reservation_image")
    op.drop_index(op.f("ix_password_record_account_id"), table_name="password_record")
    op.drop_table("password_record")
    op.drop_index(op.f("ix_passenger_id_number_hash"), table_name="passenger")
    op.drop_table("passenger")
    op.drop_index(
        "uq_pass_code_short_code_hash",
        table_name="pass_code",
        postgresql_where=sa.text("is_live"),
        sqlite_where=sa.text("is_live"),
    )
    op.drop_index("ix_pass_code_short_code_hash", table_name="pass_code")
    op.drop_table("pass_code")
    op.drop_table("office_setting")
    op.drop_index(op.f("ix_import_run_kind"), table_name="import_run")
    op.drop_index(op.f("ix_import_run_enterprise_id"), table_name="import_run")
    op.drop_table("import_run")
    op.drop_index(
        "uq_identity_check_live",
        table_name="identity_check",
        postgresql_where=sa.text("state IN ('requested', 'started')"),
        sqlite_where=sa.text("state IN ('requested', 'started')"),
    )
    op.drop_index("ix_identity_check_state_next_question_at", table_name="identity_check")
    op.drop_index(op.f("ix_identity_check_reservation_id"), table_name="identity_check")
    op.drop_table("identity_check")
    op.drop_index(op.f("ix_export_run_lead_id"), table_name="export_run")
    op.drop_index(op.f("ix_export_run_expires_at"), table_name="export_run")
    op.drop_index(op.f("ix_export_run_created_at"), table_name="export_run")
    op.drop_index(op.f("ix_export_run_account_id"), table_name="export_run")
    op.drop_table("export_run")
    op.drop_index(
        "uq_enterprise_lead_main",
        table_name="enterprise_lead",
        postgresql_where=sa.text("is_main"),
        sqlite_where=sa.text("is_main"),
    )
    op.drop_index(op.f("ix_enterprise_lead_lead_id"), table_name="enterprise_lead")
    op.drop_table("enterprise_lead")
    op.drop_index(op.f("ix_employee_plate_number"), table_name="employee")
    op.drop_index(op.f("ix_employee_phone_tail_hash"), table_name="employee")
    op.drop_index(op.f("ix_employee_phone_hash"), table_name="employee")
    op.drop_index(op.f("ix_employee_name"), table_name="employee")
    op.drop_index(op.f("ix_employee_id_number_tail_hash"), table_name="employee")
    op.drop_index("ix_employee_id_number_hash", table_name="employee")
    op.drop_table("employee")
    op.drop_index(op.f("ix_browser_session_wechat_user_id"), table_name="browser_session")
    op.drop_index(op.f("ix_browser_session_lead_id"), table_name="browser_session")
    op.drop_index(op.f("ix_browser_session_expires_at"), table_name="browser_session")
    op.drop_index(op.f("ix_browser_session_account_id"), table_name="browser_session")
    op.drop_table("browser_session")
    op.drop_index(
        "uq_binding_lead",
        table_name="binding",
        postgresql_where=sa.text("ended_at IS NULL"),
        sqlite_where=sa.text("ended_at IS NULL"),
    )
    op.drop_index(
        "uq_binding_account",
        table_name="binding",
        postgresql_where=sa.text("ended_at IS NULL"),
        sqlite_where=sa.text("ended_at IS NULL"),
    )
    op.drop_index(op.f("ix_binding_wechat_user_id"), table_name="binding")
    op.drop_table("binding")
    op.drop_index(op.f("ix_uploaded_image_wechat_user_id"), table_name="uploaded_image")
    op.drop_index(op.f("ix_uploaded_image_touched_at"), table_name="uploaded_image")
    op.drop_table("uploaded_image")
    op.drop_index(op.f("ix_sign_in_code_session_id"), table_name="sign_in_code")
    op.drop_index(op.f("ix_sign_in_code_phone_hash"), table_name="sign_in_code")
    op.drop_table("sign_in_code")
    op.drop_index("ix_reservation_wechat_user_id_created_at", table_name="reservation")
    op.drop_index("ix_reservation_state_expires_at", table_name="reservation")
    op.drop_index(
        "ix_reservation_state_created_at",
        table_name="reservation",
        postgresql_where=sa.text("erased_at IS NULL"),
        sqlite_where=sa.text("erased_at IS NULL"),
    )
    op.drop_index(op.f("ix_reservation_state_changed_at"), table_name="reservation")
    op.drop_index(
        "ix_reservation_state_arrival_at",
        table_name="reservation",
        postgresql_where=sa.text("erased_at IS NULL"),
        sqlite_where=sa.text("erased_at IS NULL"),
    )
    op.drop_index(op.f("ix_reservation_plate_number"), table_name="reservation")
    op.drop_index(op.f("ix_reservation_phone_tail_hash"), table_name="reservation")
    op.drop_index(op.f("ix_reservation_phone_hash"), table_name="reservation")
    op.drop_index(
        "ix_reservation_name", table_name="reservation", postgresql_ops={"name": "text_pattern_ops"}
    )
    op.drop_index(op.f("ix_reservation_id_number_tail_hash"), table_name="reservation")
    op.drop_index(op.f("ix_reservation_id_number_hash"), table_name="reservation")
    op.drop_index(op.f("ix_reservation_destination_town_id"), table_name="reservation")
    op.drop_index(op.f("ix_reservation_created_at"), table_name="reservation")
    op.drop_index(op.f("ix_reservation_checkpoint_id"), table_name="reservation")
    op.drop_index(op.f("ix_reservation_arrival_at"), table_name="reservation")
    op.drop_table("reservation")
    op.drop_index(op.f("ix_enterprise_town_id"), table_name="enterprise")
    op.drop_index(op.f("ix_enterprise_name"), table_name="enterprise")
    op.drop_table("enterprise")
    op.drop_index(op.f("ix_draft_updated_at"), table_name="draft")
    op.drop_table("draft")
    op.drop_index(op.f("ix_digest_link_expires_at"), table_name="digest_link")
    op.drop_index(op.f("ix_digest_link_digest_id"), table_name="digest_link")
    op.drop_table("digest_link")
    op.drop_table("audit_personal_part")
    op.drop_index(
        "uq_alert_recipient_audience_member_hash",
        table_name="alert_recipient",
        postgresql_where=sa.text("town_id IS NULL"),
        sqlite_where=sa.text("town_id IS NULL"),
    )
    op.drop_index(op.f("ix_alert_recipient_town_id"), table_name="alert_recipient")
    op.drop_table("alert_recipient")
    op.drop_table("account")
    op.drop_table("wechat_user")
    op.drop_table("vaccination")
    op.drop_table("town")
    op.drop_table("register_status")
    op.drop_table("provider_share")
    op.drop_index(op.f("ix_provider_change_provider"), table_name="provider_change")
    op.drop_index(op.f("ix_provider_change_at"), table_name="provider_change")
    op.drop_table("provider_change")
    op.drop_index("ix_provider_call_provider_at", table_name="provider_call")
    op.drop_index(op.f("ix_provider_call_at"), table_name="provider_call")
    op.drop_table("provider_call")
    op.drop_table("nucleic_acid_test")
    op.drop_table("lead")
    op.drop_table("digest")
    op.drop_table("denial_reason")
    op.drop_table("checkpoint")
    op.drop_index(op.f("ix_audit_entry_at"), table_name="audit_entry")
    op.drop_index(op.f("ix_audit_entry_action"), table_name="audit_entry")
    op.drop_table("audit_entry")
