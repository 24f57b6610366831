"""Accounts of those who sign in with a password, and the WeChat users bound to them or to leads."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    false,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from models.base import Base, UtcDateTime, enum_column, new_public_id
from models.enterprises import Lead
from models.places import Checkpoint, Town
from wxbackend.domain.roles import Role


class Account(Base):
    __tablename__ = "account"
    __table_args__ = (
        CheckConstraint("(role = 'checkpoint') = (checkpoint_id IS NOT NULL)", name="checkpoint"),
        CheckConstraint("(role = 'town') = (town_id IS NOT NULL)", name="town"),
        CheckConstraint("(role = 'enterprise') = (lead_id IS NOT NULL)", name="lead"),
        CheckConstraint("role <> 'driver'", name="no_driver"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(26), unique=True, default=new_public_id)
    name: Mapped[str] = mapped_column(String(40), unique=True)  # in small letters
    display_name: Mapped[str] = mapped_column(String(50))
    role: Mapped[Role] = mapped_column(enum_column(Role))
    checkpoint_id: Mapped[int | None] = mapped_column(ForeignKey("checkpoint.id"))
    town_id: Mapped[int | None] = mapped_column(ForeignKey("town.id"))
    lead_id: Mapped[int | None] = mapped_column(ForeignKey("lead.id"))
    password_hash: Mapped[str] = mapped_column(String(200))
    must_change_password: Mapped[bool] = mapped_column(default=True)
    password_set_at: Mapped[datetime] = mapped_column(UtcDateTime)
    disabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    checkpoint: Mapped[Checkpoint | None] = relationship()
    town: Mapped[Town | None] = relationship()
    lead: Mapped[Lead | None] = relationship()


class PasswordRecord(Base):
    """A password that an account had or has: the last ones may not come back."""

    __tablename__ = "password_record"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)


class WechatUser(Base):
    """One person's WeChat in one of our apps; nothing is known of them but the openid."""

    __tablename__ = "wechat_user"
    __table_args__ = (UniqueConstraint("app_id", "openid"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    app_id: Mapped[str] = mapped_column(String(40))
    openid: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # The tag that chooses the account's menu (models/menu_tags.py): when it must be looked at,
    # how often that failed, which one was proven last, and what WeChat said.
    tag_due_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    tag_attempts: Mapped[int] = mapped_column(default=0)
    tag_name: Mapped[str] = mapped_column(String(30), default="")
    tag_answer: Mapped[str] = mapped_column(String(40), default="")


class Binding(Base):
    """A WeChat user who signed in as an account or as a lead, until one of them ends it.

    An account or lead is bound to one WeChat user at a time: the phone it signed in on last.
    """

    __tablename__ = "binding"
    __table_args__ = (
        CheckConstraint("(account_id IS NULL) <> (lead_id IS NULL)", name="one_of_two"),
        Index(
            "uq_binding_account",
            "account_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
            sqlite_where=text("ended_at IS NULL"),
        ),
        Index(
            "uq_binding_lead",
            "lead_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
            sqlite_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    wechat_user_id: Mapped[int] = mapped_column(ForeignKey("wechat_user.id"), index=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    lead_id: Mapped[int | None] = mapped_column(ForeignKey("lead.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    account: Mapped[Account | None] = relationship()
    lead: Mapped[Lead | None] = relationship()


def list_password_hashes(session: Session, account_id: int, *, most: int) -> list[str]:
    """The newest passwords of the account, as hashes."""
    query = (
        select(PasswordRecord.password_hash)
        .where(PasswordRecord.account_id == account_id)
        .order_by(PasswordRecord.id.desc())
        .limit(most)
    )
    return list(session.scalars(query))


def find_account(session: Session, name: str) -> Account | None:
    query = (
        select(Account)
        .where(Account.name == name)
        .options(joinedload(Account.checkpoint), joinedload(Account.town))
    )
    return session.scalar(query)


def list_accounts_of_leads(session: Session, lead_ids: Iterable[int]) -> list[Account]:
    query = select(Account).where(Account.lead_id.in_(set(lead_ids))).order_by(Account.id)
    return list(session.scalars(query))


def get_or_create_wechat_user(
    session: Session, app_id: str, openid: str, *, now: datetime
) -> WechatUser:
    user = find_wechat_user_by_openid(session, app_id, openid)
    if user is None:
        user = WechatUser(app_id=app_id, openid=openid, created_at=now)
        session.add(user)
        session.flush()
    return user


def find_wechat_user_by_openid(session: Session, app_id: str, openid: str) -> WechatUser | None:
    query = select(WechatUser).where(WechatUser.app_id == app_id, WechatUser.openid == openid)
    return session.scalar(query)


def find_wechat_user(session: Session, wechat_user_id: int) -> WechatUser | None:
    return session.get(WechatUser, wechat_user_id)


def list_bindings(session: Session, wechat_user_id: int) -> list[Binding]:
    query = (
        select(Binding)
        .where(Binding.wechat_user_id == wechat_user_id, Binding.ended_at.is_(None))
        .options(
            joinedload(Binding.account).joinedload(Account.checkpoint),
            joinedload(Binding.account).joinedload(Account.town),
            joinedload(Binding.lead),
        )
        .order_by(Binding.id)
    )
    return list(session.scalars(query))


def begin_binding(session: Session, binding: Binding) -> None:
    """Add it; whoever's roles change has their menu's tag looked at."""
    session.add(binding)
    _look_at_tags(session, [binding.wechat_user_id], now=binding.created_at)


def end_bindings(
    session: Session,
    *,
    now: datetime,
    account_id: int | None = None,
    lead_id: int | None = None,
    wechat_user_id: int | None = None,
) -> int:
    """End every live binding of the account, of the lead or of the WeChat user; how many."""
    ids = {"account_id": account_id, "lead_id": lead_id, "wechat_user_id": wechat_user_id}
    wanted = [getattr(Binding, name) == value for name, value in ids.items() if value is not None]
    query = update(Binding).where(Binding.ended_at.is_(None), or_(false(), *wanted))
    ended = query.values(ended_at=now).returning(Binding.wechat_user_id)
    users = session.scalars(ended).all()
    _look_at_tags(session, users, now=now)
    return len(users)


def _look_at_tags(session: Session, wechat_user_ids: Iterable[int], *, now: datetime) -> None:
    """In the same transaction, so that no change of roles is without its change of menu."""
    users = set(wechat_user_ids)
    if users:
        query = update(WechatUser).where(WechatUser.id.in_(users))
        session.execute(query.values(tag_due_at=now, tag_attempts=0))
