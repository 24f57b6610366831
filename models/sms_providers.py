"""How SMS providers have answered lately, and how much each is trusted at this moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    case,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.accounts import Account
from models.base import Base, UtcDateTime, changed_rows, enum_column
from wxbackend.domain.sms_failover import FULL_SHARE, Share, ShareReason


class ProviderCall(Base):
    """One call, kept for an hour: what failover is decided by."""

    __tablename__ = "provider_call"
    __table_args__ = (Index("ix_provider_call_provider_at", "provider", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    provider: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    is_good: Mapped[bool]
    seconds: Mapped[float]


class ProviderShare(Base):
    """Of the texts that a provider is the first choice for, the part it gets; no row: all."""

    __tablename__ = "provider_share"
    __table_args__ = (CheckConstraint("share BETWEEN 0 AND 100", name="share"),)

    provider: Mapped[str] = mapped_column(String(20), primary_key=True)
    share: Mapped[int]
    reason: Mapped[ShareReason | None] = mapped_column(enum_column(ShareReason))
    failed_trials: Mapped[int] = mapped_column(default=0, server_default="0")
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ProviderChange(Base):
    """Every change of a share, with its reason, and whose it was if a person's."""

    __tablename__ = "provider_change"

    id: Mapped[int] = mapped_column(primary_key=True)
    provider: Mapped[str] = mapped_column(String(20), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    share_before: Mapped[int]
    share_after: Mapped[int]
    reason: Mapped[str] = mapped_column(String(40))
    bad_calls: Mapped[int]
    calls: Mapped[int]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))


@dataclass(frozen=True, slots=True)
class CallCounts:
    """`seconds` is the mean of a call, 0 without one."""

    calls: int
    bad: int
    seconds: float


def add_call(
    session: Session, *, provider: str, at: datetime, is_good: bool, seconds: float
) -> None:
    row = {"provider": provider, "at": at, "is_good": is_good, "seconds": seconds}
    session.execute(insert(ProviderCall), row)


def count_calls(
    session: Session, provider: str, *, since: datetime, newest: int | None = None
) -> CallCounts:
    """Calls since then; of them only the `newest` so many, if it says so."""
    calls_query = (
        select(ProviderCall.is_good, ProviderCall.seconds)
        .where(ProviderCall.provider == provider, ProviderCall.at > since)
        .order_by(ProviderCall.id.desc())
    )
    found = (calls_query.limit(newest) if newest else calls_query).subquery()
    query = select(
        func.count(),
        func.coalesce(func.sum(case((found.c.is_good, 0), else_=1)), 0),
        func.coalesce(func.avg(found.c.seconds), 0.0),
    ).select_from(found)
    calls, bad, seconds = session.execute(query).one()
    return CallCounts(calls, bad, float(seconds))


def read_shares(session: Session) -> dict[str, Share]:
    """The shares of every provider that ever had another than all."""
    return {row.provider: _share_of(row) for row in session.scalars(select(ProviderShare))}


def list_provider_changes(
    session: Session, *, limit: int
) -> list[tuple[ProviderChange, str | None]]:
    """The newest first, with the name of the account that decided."""
    query = (
        select(ProviderChange, Account.display_name)
        .outerjoin(Account, Account.id == ProviderChange.account_id)
        .order_by(ProviderChange.id.desc())
        .limit(limit)
    )
    return [(change, who) for change, who in session.execute(query)]


def change_share(
    session: Session,
    provider: str,
    *,
    before: Share,
    after: Share,
    counts: CallCounts,
    now: datetime,
    account_id: int | None = None,
) -> bool:
    """Change a share that still stands as it did; False when another process was first."""
    if session.get(ProviderShare, provider) is None:
        # Two processes may add it at once: the key lets one of them through.
        session.add(ProviderShare(provider=provider, share=FULL_SHARE, changed_at=now))
        session.flush()
    unchanged = (
        ProviderShare.provider == provider,
        ProviderShare.share == before.percent,
        ProviderShare.reason.is_not_distinct_from(before.reason),
        ProviderShare.failed_trials == before.failed_trials,
    )
    values = {
        "share": after.percent,
        "reason": after.reason,
        "failed_trials": after.failed_trials,
        "changed_at": now,
    }
    if changed_rows(session, update(ProviderShare).where(*unchanged).values(values)) != 1:
        return False
    session.add(
        ProviderChange(
            provider=provider,
            at=now,
            share_before=before.percent,
            share_after=after.percent,
            reason=after.reason.value if after.reason else "",
            bad_calls=counts.bad,
            calls=counts.calls,
            account_id=account_id,
        )
    )
    return True


def _share_of(row: ProviderShare) -> Share:
    return Share(row.share, row.reason, row.failed_trials, row.changed_at)


def delete_old_calls(session: Session, *, before: datetime) -> int:
    return changed_rows(session, delete(ProviderCall).where(ProviderCall.at < before))
