"""Where WeChat's OAuth calls back: the answer is always a redirect to a clean address."""

from __future__ import annotations

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue

from handlers.context import (
    browser_key,
    dependencies,
    keep_session,
    session_secret,
    visitor,
)
from handlers.guards import anyone, guarded
from handlers.local_paths import local_path
from handlers.oauth_redirect import begin_oauth_redirect
from handlers.refusals import refuse
from wxbackend.services.wechat_sign_in import (
    OauthEnd,
    OauthResult,
    finish_oauth,
)

blueprint = guarded(Blueprint("wechat", __name__, url_prefix="/wechat"), anyone)

_REFUSALS = {
    OauthEnd.LOOP: ("oauth_loop", 400),
    OauthEnd.SNAPSHOT: ("oauth_snapshot", 403),
    OauthEnd.DENIED: ("oauth_denied", 403),
    OauthEnd.UNAVAILABLE: ("oauth_unavailable", 503),
}


@blueprint.get("/oauth")
def callback() -> ResponseReturnValue:
    """WeChat's call back: `code` and `state`; a refresh or a shared address ends well too."""
    result = finish_oauth(
        dependencies(),
        state=request.args.get("state", "")[:128],
        code=request.args.get("code", "")[:128],
        browser_key=browser_key(),
        old_secret=session_secret() if not visitor().members else None,
    )
    return _answer(result)


def _answer(result: OauthResult) -> ResponseReturnValue:
    if result.end is OauthEnd.SIGNED_IN and result.session_secret is not None:
        keep_session(result.session_secret)
        return redirect(local_path(result.next_path))
    if result.end is OauthEnd.RESTART and visitor().wechat_user_id is not None:
        return redirect(local_path(result.next_path))  # a replayed callback of a good sign-in
    if result.end is OauthEnd.RESTART:
        return begin_oauth_redirect(local_path(result.next_path), hops=max(1, result.hops))
    code, status = _REFUSALS[result.end]
    return refuse(code, status)
