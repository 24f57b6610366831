"""Freight enterprises, their leads, and the alert recipients of towns, bureau and task force."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    select,
    text,
)
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from models.base import (
    PHONE,
    Base,
    EncryptedText,
    KeyedHash,
    UtcDateTime,
    enum_column,
    new_public_id,
)
from models.places import Town
from models.scope import visible
from wxbackend.domain.alert_recipients import Audience as Audience
from wxbackend.domain.scope import Scope


class Enterprise(Base):
    __tablename__ = "enterprise"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(26), unique=True, default=new_public_id)
    name: Mapped[str] = mapped_column(String(100), index=True)
    credit_code: Mapped[str] = mapped_column(String(18), unique=True)
    town_id: Mapped[int] = mapped_column(ForeignKey("town.id"), index=True)
    address: Mapped[str] = mapped_column(String(200), default="")
    kind: Mapped[str] = mapped_column(String(40), default="")
    remark: Mapped[str] = mapped_column(String(200), default="")
    disabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)

    town: Mapped[Town] = relationship()
    leads: Mapped[list[EnterpriseLead]] = relationship(back_populates="enterprise")


class Lead(Base):
    """A person who answers for one or several enterprises; the phone number is who they are."""

    __tablename__ = "lead"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(26), unique=True, default=new_public_id)
    name: Mapped[str] = mapped_column(String(50))
    phone: Mapped[str] = mapped_column(EncryptedText("lead.phone"))
    phone_hash: Mapped[str | bytes] = mapped_column(KeyedHash(PHONE), unique=True)
    phone_tail_hash: Mapped[str | bytes] = mapped_column(KeyedHash(PHONE + ".tail", last=4))
    disabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    enterprises: Mapped[list[EnterpriseLead]] = relationship(back_populates="lead")


class EnterpriseLead(Base):
    __tablename__ = "enterprise_lead"
    __table_args__ = (
        Index(
            "uq_enterprise_lead_main",
            "enterprise_id",
            unique=True,
            postgresql_where=text("is_main"),
            sqlite_where=text("is_main"),
        ),
    )

    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"), primary_key=True)
    lead_id: Mapped[int] = mapped_column(ForeignKey("lead.id"), primary_key=True, index=True)
    is_main: Mapped[bool] = mapped_column(default=False)

    enterprise: Mapped[Enterprise] = relationship(back_populates="leads")
    lead: Mapped[Lead] = relationship(back_populates="enterprises")


class AlertRecipient(Base):
    """A person told by 粤政易: of one town's passages, of all passages, or by the digest."""

    __tablename__ = "alert_recipient"
    __table_args__ = (
        CheckConstraint("(audience = 'town') = (town_id IS NOT NULL)", name="town"),
        UniqueConstraint("audience", "town_id", "member_hash"),
        # The constraint above lets lists without a town hold somebody twice: NULLs differ.
        Index(
            "uq_alert_recipient_audience_member_hash",
            "audience",
            "member_hash",
            unique=True,
            postgresql_where=text("town_id IS NULL"),
            sqlite_where=text("town_id IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(26), unique=True, default=new_public_id)
    audience: Mapped[Audience] = mapped_column(enum_column(Audience))
    town_id: Mapped[int | None] = mapped_column(ForeignKey("town.id"), index=True)
    name: Mapped[str] = mapped_column(String(50))
    member_id: Mapped[str] = mapped_column(EncryptedText("alert_recipient.member_id"))
    member_hash: Mapped[str | bytes] = mapped_column(KeyedHash("yuezhengyi_member"))
    phone: Mapped[str | None] = mapped_column(EncryptedText("alert_recipient.phone"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    town: Mapped[Town | None] = relationship()


def find_enterprises_by_credit_code(
    session: Session, scope: Scope, credit_codes: Iterable[str]
) -> dict[str, Enterprise]:
    """Enterprises with their leads: what an import meets."""
    query = (
        select(Enterprise)
        .where(Enterprise.credit_code.in_(set(credit_codes)), visible(scope, Enterprise))
        .options(joinedload(Enterprise.leads).joinedload(EnterpriseLead.lead))
    )
    return {row.credit_code: row for row in session.scalars(query).unique()}


def find_enterprise(session: Session, scope: Scope, public_id: str) -> Enterprise | None:
    query = (
        select(Enterprise)
        .where(Enterprise.public_id == public_id, visible(scope, Enterprise))
        .options(joinedload(Enterprise.town))
    )
    return session.scalar(query)


def list_enterprises_in(session: Session, scope: Scope) -> list[Enterprise]:
    """The scope's active enterprises with their towns: a lead's own, in the order they came."""
    query = (
        select(Enterprise)
        .where(visible(scope, Enterprise), Enterprise.disabled_at.is_(None))
        .options(joinedload(Enterprise.town))
        .order_by(Enterprise.id)
    )
    return list(session.scalars(query))


def find_enterprise_ids(session: Session, scope: Scope) -> dict[str, int]:
    """Every enterprise's id by its credit code, disabled ones included."""
    query = select(Enterprise.credit_code, Enterprise.id).where(visible(scope, Enterprise))
    return {code: enterprise_id for code, enterprise_id in session.execute(query)}


def find_leads_by_phone(session: Session, phones: Iterable[str]) -> dict[str, Lead]:
    query = select(Lead).where(Lead.phone_hash.in_(set(phones)))
    return {row.phone: row for row in session.scalars(query)}


def set_main_lead(session: Session, enterprise: Enterprise, lead: Lead) -> None:
    """Make `lead` the one main lead; the one before loses the enterprise."""
    links = {link.lead_id: link for link in enterprise.leads}
    for link in links.values():
        if link.is_main and link.lead_id != lead.id:
            session.delete(link)
    session.flush()  # at no moment two main leads
    if lead.id in links:
        links[lead.id].is_main = True
    else:
        session.add(EnterpriseLead(enterprise_id=enterprise.id, lead_id=lead.id, is_main=True))
    session.flush()


def find_active_lead(session: Session, phone: str) -> Lead | None:
    """The lead of this number who may sign in: of at least one enterprise that is not disabled."""
    query = (
        select(Lead)
        .join(EnterpriseLead)
        .join(Enterprise)
        .where(
            Lead.phone_hash == phone,
            Lead.disabled_at.is_(None),
            Enterprise.disabled_at.is_(None),
        )
        .limit(1)
    )
    return session.scalar(query)


def list_active_enterprises_of_lead(session: Session, lead_id: int) -> list[Enterprise]:
    query = (
        select(Enterprise)
        .join(EnterpriseLead)
        .join(Lead)
        .where(Lead.id == lead_id, Lead.disabled_at.is_(None), Enterprise.disabled_at.is_(None))
        .options(joinedload(Enterprise.town))
        .order_by(Enterprise.id)
    )
    return list(session.scalars(query))


def list_leads_to_tell(session: Session, enterprise_ids: Iterable[int]) -> list[tuple[int, Lead]]:
    """(enterprise id, lead) for every active lead of the enterprises, in a fixed order."""
    query = (
        select(EnterpriseLead.enterprise_id, Lead)
        .join(Lead, EnterpriseLead.lead_id == Lead.id)
        .where(EnterpriseLead.enterprise_id.in_(set(enterprise_ids)), Lead.disabled_at.is_(None))
        .order_by(EnterpriseLead.enterprise_id, EnterpriseLead.lead_id)
    )
    return [(enterprise_id, lead) for enterprise_id, lead in session.execute(query)]


def list_recipients_to_tell(session: Session, town_ids: Iterable[int]) -> list[AlertRecipient]:
    """The recipients of these towns, and the bureau's."""
    query = (
        select(AlertRecipient)
        .where(
            (AlertRecipient.audience == Audience.BUREAU) | AlertRecipient.town_id.in_(set(town_ids))
        )
        .options(joinedload(AlertRecipient.town))
        .order_by(AlertRecipient.id)
    )
    return list(session.scalars(query))


def find_recipient(
    session: Session, audience: Audience, town_id: int | None, member_id: str
) -> AlertRecipient | None:
    query = select(AlertRecipient).where(
        AlertRecipient.audience == audience,
        AlertRecipient.town_id.is_(None) if town_id is None else AlertRecipient.town_id == town_id,
        AlertRecipient.member_hash == member_id.lower(),
    )
    return session.scalar(query)


def find_enterprise_name(session: Session, scope: Scope, public_id: str) -> str | None:
    query = select(Enterprise.name).where(
        Enterprise.public_id == public_id, visible(scope, Enterprise)
    )
    return session.scalar(query)


def list_active_enterprises(
    session: Session, scope: Scope, *, called: str = "", limit: int
) -> list[Enterprise]:
    """Active enterprises of exactly this name or credit code; any, when nothing is said."""
    query = select(Enterprise).where(
        visible(scope, Enterprise),
        Enterprise.disabled_at.is_(None),
    )
    if called:
        query = query.where(
            (Enterprise.name == called) | (Enterprise.credit_code == called.upper())
        )
    return list(session.scalars(query.order_by(Enterprise.name, Enterprise.id).limit(limit)))
