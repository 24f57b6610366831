"""The tags of followers as we know them: whose must be looked at, and what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from models.accounts import Binding, WechatUser
from models.base import changed_rows

_ROWS_AT_ONCE = 500  # SQLite takes so many values in one statement, and more


def ask_for_tags(session: Session, app_id: str, openids: Iterable[str], *, now: datetime) -> int:
    """Have the tags of these people looked at; whoever was never seen becomes known. How many."""
    wanted = sorted(set(openids))
    for start in range(0, len(wanted), _ROWS_AT_ONCE):
        part = wanted[start : start + _ROWS_AT_ONCE]
        known = set(session.scalars(select(WechatUser.openid).where(*_among(app_id, part))))
        session.add_all(
            WechatUser(app_id=app_id, openid=openid, created_at=now)
            for openid in part
            if openid not in known
        )
        session.flush()
        query = update(WechatUser).where(*_among(app_id, part))
        session.execute(query.values(tag_due_at=now, tag_attempts=0))
    return len(wanted)


def _among(app_id: str, openids: Sequence[str]) -> tuple[ColumnElement[bool], ...]:
    return WechatUser.app_id == app_id, WechatUser.openid.in_(openids)


def list_due_tags(
    session: Session, app_id: str, *, now: datetime, limit: int
) -> Sequence[WechatUser]:
    query = (
        select(WechatUser)
        .where(WechatUser.app_id == app_id, WechatUser.tag_due_at <= now)
        .order_by(WechatUser.tag_due_at, WechatUser.id)
        .limit(limit)
    )
    return session.scalars(query).all()


def take_tag(
    session: Session, wechat_user_id: int, *, due_at: datetime, leased_until: datetime
) -> bool:
    """Put the turn off for as long as the work may take; of several takers one succeeds."""
    query = update(WechatUser).where(
        WechatUser.id == wechat_user_id, WechatUser.tag_due_at == due_at
    )
    return changed_rows(session, query.values(tag_due_at=leased_until)) == 1


def settle_tag(
    session: Session,
    wechat_user_id: int,
    *,
    leased_until: datetime,
    name: str | None,
    answer: str,
    next_at: datetime | None,
) -> bool:
    """Write what came of it; False when the tag was asked for again meanwhile."""
    values: dict[str, object] = {"tag_due_at": next_at, "tag_answer": answer[:40]}
    if name is not None:
        values |= {"tag_name": name, "tag_attempts": 0}
    else:
        values["tag_attempts"] = WechatUser.tag_attempts + 1
    query = update(WechatUser).where(
        WechatUser.id == wechat_user_id, WechatUser.tag_due_at == leased_until
    )
    return changed_rows(session, query.values(values)) == 1


def list_bound_users(session: Session, app_id: str) -> Sequence[WechatUser]:
    """Everybody who is signed in as somebody: whoever may have another menu than a driver's."""
    bound = select(Binding.wechat_user_id).where(Binding.ended_at.is_(None))
    query = select(WechatUser).where(WechatUser.app_id == app_id, WechatUser.id.in_(bound))
    return session.scalars(query).all()
