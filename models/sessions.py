"""Browser sessions: the cookie holds a secret, this table its hash and who it stands for."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, delete, false, or_, select, update
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from models.accounts import Account, WechatUser
from models.base import Base, EncryptedText, UtcDateTime, changed_rows
from models.enterprises import Lead


class BrowserSession(Base):
    __tablename__ = "browser_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    secret_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    wechat_user_id: Mapped[int | None] = mapped_column(ForeignKey("wechat_user.id"), index=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    lead_id: Mapped[int | None] = mapped_column(ForeignKey("lead.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    # Where to go after signing in; it may hold a pass token, so it never travels in an address.
    return_path: Mapped[str | None] = mapped_column(EncryptedText("browser_session.return_path"))

    wechat_user: Mapped[WechatUser | None] = relationship()
    account: Mapped[Account | None] = relationship()
    lead: Mapped[Lead | None] = relationship()


def find_session(session: Session, secret_hash: bytes, *, now: datetime) -> BrowserSession | None:
    query = (
        select(BrowserSession)
        .where(BrowserSession.secret_hash == secret_hash, BrowserSession.expires_at > now)
        .options(
            joinedload(BrowserSession.wechat_user),
            joinedload(BrowserSession.account).joinedload(Account.checkpoint),
            joinedload(BrowserSession.account).joinedload(Account.town),
            joinedload(BrowserSession.lead),
        )
    )
    return session.scalar(query)


def touch_session(
    session: Session, session_id: int, *, seen_at: datetime, expires_at: datetime
) -> None:
    query = update(BrowserSession).where(BrowserSession.id == session_id)
    session.execute(query.values(seen_at=seen_at, expires_at=expires_at))


def remember_return_path(session: Session, session_id: int, path: str | None) -> None:
    query = update(BrowserSession).where(BrowserSession.id == session_id)
    session.execute(query.values(return_path=path))


def end_session(session: Session, secret_hash: bytes) -> None:
    session.execute(delete(BrowserSession).where(BrowserSession.secret_hash == secret_hash))


def end_sessions_of(
    session: Session, *, account_id: int | None = None, lead_id: int | None = None
) -> None:
    ids = {"account_id": account_id, "lead_id": lead_id}
    wanted = [
        getattr(BrowserSession, name) == value for name, value in ids.items() if value is not None
    ]
    session.execute(delete(BrowserSession).where(or_(false(), *wanted)))


def end_phone_tokens(
    session: Session, *, account_id: int | None = None, lead_id: int | None = None
) -> None:
    """End the tokens of the account or lead on phones: one at a time (docs/decisions/0007).

    A session of the pages that knows a WeChat user names no account: a binding does.
    """
    ids = {"account_id": account_id, "lead_id": lead_id}
    wanted = [
        getattr(BrowserSession, name) == value for name, value in ids.items() if value is not None
    ]
    session.execute(
        delete(BrowserSession).where(
            BrowserSession.wechat_user_id.is_not(None), or_(false(), *wanted)
        )
    )


def delete_expired_sessions(session: Session, *, now: datetime) -> int:
    return changed_rows(session, delete(BrowserSession).where(BrowserSession.expires_at <= now))
