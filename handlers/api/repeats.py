"""The Idempotency-Key: whoever sends the same write twice gets the first answer again."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable

from flask import Response, request

from handlers.context import actor, dependencies, visitor
from wxbackend.domain.errors import ProductError
from wxbackend.services.api_requests import (
    Begun,
    KeptAnswer,
    begin_request,
    forget_request,
    keep_answer,
)

HEADER = "Idempotency-Key"
KEY_PATTERN = r"^[0-9A-Za-z_-]{16,64}$"
_KEY = re.compile(KEY_PATTERN)


class KeyMissing(ProductError):
    """A write came without its Idempotency-Key, or with none that could be one."""

    code = "idempotency_key_missing"


def request_key() -> str:
    """Raises: KeyMissing."""
    key = request.headers.get(HEADER, "")
    if not _KEY.fullmatch(key):
        raise KeyMissing
    return key


def write_id() -> str:
    """The key in the form that the product's own records of a write have."""
    return hashlib.sha256(request_key().encode()).hexdigest()[:32]


def once(act: Callable[[], Response]) -> Response:
    """Act, or give the answer that this person's same request got within the last 24 hours.

    Only what succeeded is kept: a refused request changed nothing and may be mended.
    """
    begun = begin_request(
        dependencies(), person=_person(), key=request_key(), request_hash=_request_hash()
    )
    if isinstance(begun, KeptAnswer):
        mimetype = "application/json" if begun.body else None
        return Response(begun.body, status=begun.status, mimetype=mimetype)
    return _act(begun, act)


def _act(begun: Begun, act: Callable[[], Response]) -> Response:
    is_done = False
    try:
        answer = act()
        is_done = answer.status_code < 400
    finally:
        if not is_done:
            forget_request(begun)
    keep_answer(begun, KeptAnswer(answer.status_code, answer.get_data(as_text=True)))
    return answer


def _person() -> str:
    """Whose key it is: the same key of another person is another key."""
    members = visitor().members
    who = actor(members[0] if members else None)
    return f"{who.kind.value}:{who.id}"


def _request_hash() -> bytes:
    about = f"{request.method} {request.full_path} {request.content_type}\n".encode()
    return hashlib.sha256(about + request.get_data(cache=True)).digest()
