"""Writes of the API happen once: the same key with the same request gets the same answer."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.api_requests import (
    ApiRequest,
    delete_api_requests,
    find_api_request,
    forget_api_request,
    keep_api_answer,
    take_over,
)
from models.database import IntegrityError, Session, reading, transaction
from wxbackend.domain.errors import Conflict, ProductError
from wxbackend.services.dependencies import Dependencies

_KEPT_FOR = timedelta(hours=24)
# No request takes longer; one without an answer after this time died, and its twin may act.
_ALIVE_FOR = timedelta(seconds=60)


class KeyReused(ProductError):
    """The key came before with another request."""

    code = "idempotency_key_reused"


class RequestUnderWay(Conflict):
    """The same request came before and is still at work."""

    code = "request_under_way"


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    status: int
    body: str


@dataclass(frozen=True, slots=True)
class Begun:
    """The request may act; its end is told by `keep_answer` or `forget_request`."""

    id: int


def begin_request(
    dependencies: Dependencies, *, person: str, key: str, request_hash: bytes
) -> Begun | KeptAnswer:
    """Raises: KeyReused, RequestUnderWay."""
    now, key_hash = dependencies.clock(), hashlib.sha256(key.encode()).digest()
    with reading() as session:
        earlier = find_api_request(session, person, key_hash)
        if earlier is not None and earlier.begun_at > now - _KEPT_FOR:
            kept = _kept(earlier, request_hash, now=now)
            if kept is not None:
                return kept
        seen = (earlier.id, earlier.begun_at) if earlier else None
    try:
        with transaction() as session:
            return Begun(_claim(session, person, (key_hash, request_hash), seen, now=now))
    except IntegrityError:  # its twin was faster
        raise RequestUnderWay from None


def keep_answer(request: Begun, answer: KeptAnswer) -> None:
    with transaction() as session:
        keep_api_answer(session, request.id, [answer.status, answer.body])


def forget_request(request: Begun) -> None:
    """It changed nothing: the same key may be sent again, with a better request."""
    with transaction() as session:
        forget_api_request(session, request.id)


def erase_old_requests(dependencies: Dependencies) -> int:
    with transaction() as session:
        return delete_api_requests(session, begun_before=dependencies.clock() - _KEPT_FOR)


def _kept(earlier: ApiRequest, request_hash: bytes, *, now: datetime) -> KeptAnswer | None:
    if not hmac.compare_digest(earlier.request_hash, request_hash):
        raise KeyReused
    if earlier.answer is not None:
        status, body = earlier.answer
        return KeptAnswer(int(str(status)), str(body))
    if earlier.begun_at > now - _ALIVE_FOR:
        raise RequestUnderWay
    return None


def _claim(
    session: Session,
    person: str,
    hashes: tuple[bytes, bytes],
    seen: tuple[int, datetime] | None,
    *,
    now: datetime,
) -> int:
    key_hash, request_hash = hashes
    if seen is not None:
        request_id, begun_at = seen
        if take_over(session, request_id, begun_at=begun_at, request_hash=request_hash, now=now):
            return request_id
        raise RequestUnderWay
    row = ApiRequest(person=person, key_hash=key_hash, request_hash=request_hash, begun_at=now)
    session.add(row)
    session.flush()
    return row.id
