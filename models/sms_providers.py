"""How SMS providers have answered lately, and how much each is trusted at this moment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import CheckConstraint, Index, String, case, delete, func, insert, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, UtcDateTime, changed_rows

FULL_SHARE = 100


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
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ProviderChange(Base):
    """Every change of a share, with its reason."""

    __tablename__ = "provider_change"

    id: Mapped[int] = mapped_column(primary_key=True)
    provider: Mapped[str] = mapped_column(String(20), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    share_before: Mapped[int]
    share_after: Mapped[int]
    reason: Mapped[str] = mapped_column(String(40))
    bad_calls: Mapped[int]
    calls: Mapped[int]


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


def shares(session: Session, providers: Iterable[str]) -> dict[str, int]:
    query = select(ProviderShare).where(ProviderShare.provider.in_(set(providers)))
    found = dict.fromkeys(providers, FULL_SHARE)
    return found | {row.provider: row.share for row in session.scalars(query)}


def list_lowered(session: Session) -> Sequence[ProviderShare]:
    query = select(ProviderShare).where(ProviderShare.share < FULL_SHARE)
    return session.scalars(query).all()


def list_provider_shares(session: Session) -> Sequence[ProviderShare]:
    return session.scalars(select(ProviderShare).order_by(ProviderShare.provider)).all()


def list_provider_changes(session: Session, *, limit: int) -> Sequence[ProviderChange]:
    return session.scalars(
        select(ProviderChange).order_by(ProviderChange.id.desc()).limit(limit)
    ).all()


def change_share(
    session: Session,
    provider: str,
    *,
    before: int,
    after: int,
    reason: str,
    counts: CallCounts,
    now: datetime,
) -> bool:
    """Change a share that still stands at `before`; False when another process was first."""
    if session.get(ProviderShare, provider) is None:
        # Two processes may add it at once: the key lets one of them through.
        session.add(ProviderShare(provider=provider, share=FULL_SHARE, changed_at=now))
        session.flush()
    query = update(ProviderShare).where(
        ProviderShare.provider == provider, ProviderShare.share == before
    )
    if changed_rows(session, query.values(share=after, changed_at=now)) != 1:
        return False
    session.add(
        ProviderChange(
            provider=provider,
            at=now,
            share_before=before,
            share_after=after,
            reason=reason,
            bad_calls=counts.bad,
            calls=counts.calls,
        )
    )
    return True


def delete_old_calls(session: Session, *, before: datetime) -> int:
    return changed_rows(session, delete(ProviderCall).where(ProviderCall.at < before))
