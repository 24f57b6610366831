"""Silent sign-in by WeChat OAuth, safe against replays, double callbacks and lost cookies."""

from __future__ import annotations

import hmac
import secrets
import time
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from enum import StrEnum

from models.accounts import get_or_create_wechat_user
from models.database import IntegrityError, transaction
from wxbackend.gateways.errors import GatewayError
from wxbackend.gateways.interfaces.wechat import CodeSpent, WechatIdentity
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.oauth_states import (
    Begun,
    digest,
    find_begun,
    get_sealed,
    new_state,
    put_sealed,
    read_state,
    write_begun,
)
from wxbackend.services.visitors import open_session

# After its first use a state takes codes only shortly: WeChat may call back twice with two.
_MORE_CODES_FOR = timedelta(seconds=15)
_RESULT_KEPT = timedelta(seconds=15)
_CODE_KEPT = timedelta(minutes=5)
_ENDED_KEPT = timedelta(minutes=30)
_WAIT_FOR_TWIN_SECONDS = 2.0
_MOST_HOPS = 2
_CALLBACK_PATH = "/wechat/oauth"


class OauthEnd(StrEnum):
    SIGNED_IN = "signed_in"
    KNOWN = "known"  # signed in already: a replayed callback
    RESTART = "restart"  # begin OAuth once more
    LOOP = "loop"  # cookies are not kept, or codes never work: say so instead of going round
    SNAPSHOT = "snapshot"
    DENIED = "denied"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class OauthCallback:
    """What came back: the address's two values, and who the browser says it is."""

    state: str
    code: str
    browser_key: str | None
    is_signed_in: bool
    old_secret: str | None


@dataclass(frozen=True, slots=True)
class OauthResult:
    end: OauthEnd
    next_path: str = "/"
    hops: int = 0
    session_secret: str | None = None


def new_browser_key() -> str:
    return secrets.token_hex(16)


def begin_oauth(
    dependencies: Dependencies, *, next_path: str, browser_key: str, hops: int = 0
) -> str:
    """The address of WeChat's page that sends the browser back with a code.

    Raises: GatewayError without the shared store.
    """
    key, state = new_state(dependencies, hops=hops)
    write_begun(dependencies, key, Begun(next_path, digest(browser_key)))
    return dependencies.gateways.wechat.authorize_url(
        redirect_uri=dependencies.public_base_url + _CALLBACK_PATH, state=state
    )


def finish_oauth(dependencies: Dependencies, callback: OauthCallback) -> OauthResult:
    """What the callback leads to; the code is exchanged once, whatever calls how often."""
    try:
        return _finish(dependencies, callback)
    except GatewayError:
        return OauthResult(OauthEnd.UNAVAILABLE)


def remember_end(dependencies: Dependencies, result: OauthResult) -> str:
    """A key under which the page that tells how it ended finds the way on; empty without store."""
    key = secrets.token_hex(16)
    try:
        put_sealed(dependencies, f"oauth.ended:{key}", {"next": result.next_path}, keep=_ENDED_KEPT)
    except GatewayError:
        return ""
    return key


def way_on(dependencies: Dependencies, key: str) -> str:
    """Where somebody wanted to go whose sign-in ended under this key."""
    found = get_sealed(dependencies, f"oauth.ended:{key}") if key.isalnum() else None
    return found["next"] if found else "/"


def _finish(dependencies: Dependencies, callback: OauthCallback) -> OauthResult:
    key, hops = read_state(dependencies, callback.state)
    begun = find_begun(dependencies, key)
    if callback.is_signed_in:
        return OauthResult(OauthEnd.KNOWN, begun.next_path if begun else "/")
    if begun is None:
        return _again("/", hops)
    if not _is_same_browser(begun, callback.browser_key):
        return _again(begun.next_path, hops)
    if not callback.code:
        return OauthResult(OauthEnd.DENIED, begun.next_path)
    now = dependencies.clock()
    if begun.used_at is not None and now - begun.used_at > _MORE_CODES_FOR:
        return _again(begun.next_path, hops)
    if begun.used_at is None:
        write_begun(dependencies, key, replace(begun, used_at=now))
    return _sign_in_with(dependencies, callback, begun.next_path, hops=hops)


def _sign_in_with(
    dependencies: Dependencies, callback: OauthCallback, next_path: str, *, hops: int
) -> OauthResult:
    try:
        identity = _exchange_once(dependencies, callback.code)
    except CodeSpent:
        return _again(next_path, hops)
    except GatewayError:
        return OauthResult(OauthEnd.UNAVAILABLE, next_path)
    if identity.is_snapshot:
        return OauthResult(OauthEnd.SNAPSHOT, next_path)
    try:
        secret = _sign_in(dependencies, identity.openid, callback.old_secret)
    except IntegrityError:  # the twin callback was faster and wrote the same person
        secret = _sign_in(dependencies, identity.openid, callback.old_secret)
    return OauthResult(OauthEnd.SIGNED_IN, next_path, hops, secret)


def _is_same_browser(begun: Begun, browser_key: str | None) -> bool:
    return browser_key is not None and hmac.compare_digest(begun.browser, digest(browser_key))


def _again(next_path: str, hops: int) -> OauthResult:
    end = OauthEnd.RESTART if hops < _MOST_HOPS else OauthEnd.LOOP
    return OauthResult(end, next_path, hops + 1)


def _exchange_once(dependencies: Dependencies, code: str) -> WechatIdentity:
    """Exchange the code, or wait for what its twin request got.

    Android's WeChat sends the callback twice within milliseconds; the second exchange would be
    refused and must not turn a good sign-in into an error (wechat.md section 2, row 1).
    """
    shared = dependencies.gateways.shared
    key = f"oauth.code:{digest(code)}"
    if not shared.add(key, "", keep=_CODE_KEPT):
        return _wait_for_twin(dependencies, key)
    identity = dependencies.gateways.wechat.exchange_code(code)
    # Only the twin may use it: a copied address finds nothing after a few seconds.
    put_sealed(dependencies, f"{key}:result", asdict(identity), keep=_RESULT_KEPT)
    return identity


def _wait_for_twin(dependencies: Dependencies, key: str) -> WechatIdentity:
    end = time.monotonic() + _WAIT_FOR_TWIN_SECONDS
    while time.monotonic() < end:
        found = get_sealed(dependencies, f"{key}:result")
        if found:
            return WechatIdentity(**found)
        time.sleep(0.05)
    raise CodeSpent


def _sign_in(dependencies: Dependencies, openid: str, old_secret: str | None) -> str:
    now = dependencies.clock()
    with transaction() as session:
        user = get_or_create_wechat_user(
            session, dependencies.gateways.wechat.app_id, openid, now=now
        )
        return open_session(
            session,
            now=now,
            policy=dependencies.policy.sign_in,
            wechat_user_id=user.id,
            replaces=old_secret,
        )
