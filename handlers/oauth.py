"""Where WeChat's OAuth calls back: the answer is always a redirect to a clean address."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, request, url_for
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
    OauthCallback,
    OauthEnd,
    OauthResult,
    finish_oauth,
    remember_end,
    way_on,
)

blueprint = guarded(Blueprint("wechat", __name__, url_prefix="/wechat"), anyone)

_LONGEST_CODE = 512
_REFUSALS = {
    OauthEnd.LOOP: ("oauth_loop", 400),
    OauthEnd.SNAPSHOT: ("oauth_snapshot", 403),
    OauthEnd.DENIED: ("oauth_denied", 403),
    OauthEnd.UNAVAILABLE: ("oauth_unavailable", 503),
}


@blueprint.get("/oauth")
def callback() -> ResponseReturnValue:
    """WeChat's call back; whatever it brings, the answer is a redirect to a clean address."""
    known = visitor()
    result = finish_oauth(
        dependencies(),
        OauthCallback(
            state=request.args.get("state", ""),
            code=request.args.get("code", "")[:_LONGEST_CODE],
            browser_key=browser_key(),
            is_signed_in=known.wechat_user_id is not None,
            old_secret=session_secret() if not known.members else None,
        ),
    )
    return _answer(result)


@blueprint.get("/oauth/<end>")
def ended(end: str) -> ResponseReturnValue:
    """Why the sign-in ended without one, and a button to try again from where it was wanted."""
    known = {each.value: each for each in _REFUSALS}
    if end not in known:
        abort(404)
    code, status = _REFUSALS[known[end]]
    path = way_on(dependencies(), request.args.get("key", "")[:_LONGEST_CODE])
    return refuse(code, status, again=local_path(path))


def _answer(result: OauthResult) -> ResponseReturnValue:
    if result.end in _REFUSALS:
        key = remember_end(dependencies(), result)
        return redirect(url_for("wechat.ended", end=result.end.value, key=key or None))
    path = local_path(result.next_path)
    if result.end is OauthEnd.RESTART:
        return begin_oauth_redirect(path, hops=result.hops)
    if result.session_secret is not None:
        keep_session(result.session_secret)
    return redirect(path)
