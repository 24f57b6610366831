"""Who may call what: the guards of the API's blueprints answer in JSON and never redirect."""

from __future__ import annotations

from flask import make_response, request
from flask.typing import ResponseReturnValue

from handlers.api.limits import check_pace
from handlers.context import bearer_token, dependencies, visitor
from handlers.refusals import refuse
from wxbackend.domain.roles import Role
from wxbackend.services.shifts import current_shift

_LARGEST_JSON_BYTES = 64 * 1024


def anybody() -> ResponseReturnValue | None:
    """No token needed: signing in, and the document."""
    request.max_content_length = _LARGEST_JSON_BYTES
    check_pace()
    return None


def token_holders() -> ResponseReturnValue | None:
    """Whoever holds a token that lives, whatever the role."""
    anybody()
    return None if visitor().roles else _no_token()


def drivers() -> ResponseReturnValue | None:
    """A token with a WeChat user."""
    answer = token_holders()
    if answer is None and visitor().wechat_user_id is None:
        return refuse("forbidden", 403)
    return answer


def checkpoint_staff() -> ResponseReturnValue | None:
    return _members(Role.CHECKPOINT)


def staff_on_shift() -> ResponseReturnValue | None:
    answer = checkpoint_staff()
    member = visitor().member(Role.CHECKPOINT)
    if answer is None and member is not None and current_shift(dependencies(), member) is None:
        return refuse("no_shift", 403)
    return answer


def enterprise_leads() -> ResponseReturnValue | None:
    return _members(Role.ENTERPRISE)


def _members(role: Role) -> ResponseReturnValue | None:
    answer = token_holders()
    if answer is not None:
        return answer
    member = visitor().member(role)
    if member is None:
        return refuse("forbidden", 403)
    return refuse("password_must_change", 403) if member.must_change_password else None


def _no_token() -> ResponseReturnValue:
    code = "token_missing" if bearer_token() is None else "token_invalid"
    answer = make_response(refuse(code, 401))
    answer.headers["WWW-Authenticate"] = "Bearer"
    return answer
