"""Silent sign-in by WeChat OAuth, safe against replays, double callbacks and lost cookies."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import time
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from models.accounts import get_or_create_wechat_user
from models.database import transaction
from wxbackend.gateways.errors import GatewayError
from wxbackend.gateways.interfaces.stores import SharedStore
from wxbackend.gateways.interfaces.wechat import CodeSpent, WechatIdentity
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.visitors import open_session

_STATE_KEPT = timedelta(minutes=10)
# After its first use a state lives on shortly: WeChat may call back twice with two codes.
_STATE_KEPT_AFTER_USE = timedelta(seconds=15)
_CODE_KEPT = timedelta(minutes=5)
_WAIT_FOR_TWIN_SECONDS = 2.0
_MOST_HOPS = 2
_CALLBACK_PATH = "/wechat/oauth"


class OauthEnd(StrEnum):
    SIGNED_IN = "signed_in"
    RESTART = "restart"  # begin OAuth once more
    LOOP = "loop"  # cookies are not kept, or codes never work: say so instead of going round
    SNAPSHOT = "snapshot"
    DENIED = "denied"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class OauthResult:
    end: OauthEnd
    next_path: str
    hops: int = 0
    session_secret: str | None = None


@dataclass(frozen=True, slots=True)
class _State:
    next_path: str
    browser: str
    hops: int


def new_browser_key() -> str:
    return secrets.token_hex(16)


def begin_oauth(
    dependencies: Dependencies, *, next_path: str, browser_key: str, hops: int = 0
) -> str:
    """The address of WeChat's page that sends the browser back with a code."""
    state = secrets.token_hex(16)
    content = _State(next_path, _digest(browser_key), hops)
    _write_state(dependencies, state, content, keep=_STATE_KEPT)
    return dependencies.gateways.wechat.authorize_url(
        redirect_uri=dependencies.public_base_url + _CALLBACK_PATH, state=state
    )


def finish_oauth(
    dependencies: Dependencies,
    *,
    state: str,
    code: str,
    browser_key: str | None,
    old_secret: str | None,
) -> OauthResult:
    """What the callback leads to; the code is exchanged once, whatever calls how often."""
    known = _read_state(dependencies, state)
    if known is None:
        return OauthResult(OauthEnd.RESTART, "/")
    if browser_key is None or not hmac.compare_digest(known.browser, _digest(browser_key)):
        return _again(known)
    if not code:
        return OauthResult(OauthEnd.DENIED, known.next_path)
    _write_state(dependencies, state, known, keep=_STATE_KEPT_AFTER_USE)
    try:
        identity = _exchange_once(dependencies, code)
    except CodeSpent:
        return _again(known)
    except GatewayError:
        return OauthResult(OauthEnd.UNAVAILABLE, known.next_path)
    if identity.is_snapshot:
        return OauthResult(OauthEnd.SNAPSHOT, known.next_path)
    secret = _sign_in(dependencies, identity.openid, old_secret)
    return OauthResult(OauthEnd.SIGNED_IN, known.next_path, known.hops, secret)


def _again(known: _State) -> OauthResult:
    end = OauthEnd.RESTART if known.hops < _MOST_HOPS else OauthEnd.LOOP
    return OauthResult(end, known.next_path, known.hops + 1)


def _exchange_once(dependencies: Dependencies, code: str) -> WechatIdentity:
    """Exchange the code, or wait for what its twin request got.

    Android's WeChat sends the callback twice within milliseconds; the second exchange would be
    refused and must not turn a good sign-in into an error (wechat.md section 2, row 1).
    """
    shared = dependencies.gateways.shared
    key = f"oauth.code:{_digest(code)}"
    if not shared.add(key, "", keep=_CODE_KEPT):
        return _wait_for_twin(shared, key)
    identity = dependencies.gateways.wechat.exchange_code(code)
    content = {"openid": identity.openid, "is_snapshot": identity.is_snapshot}
    # Only the twin may use it: a copied address finds nothing after a few seconds.
    shared.put(f"{key}:result", json.dumps(content), keep=_STATE_KEPT_AFTER_USE)
    return identity


def _wait_for_twin(shared: SharedStore, key: str) -> WechatIdentity:
    end = time.monotonic() + _WAIT_FOR_TWIN_SECONDS
    while time.monotonic() < end:
        found = shared.get(f"{key}:result")
        if found:
            return WechatIdentity(**json.loads(found))
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


def _read_state(dependencies: Dependencies, state: str) -> _State | None:
    gateways = dependencies.gateways
    sealed = gateways.shared.get(f"oauth.state:{state}") if state.isalnum() else None
    if sealed is None:
        return None
    plain = gateways.keys.decrypt(bytes.fromhex(sealed), purpose="oauth.state")
    found = json.loads(plain)
    return _State(found["next"], found["browser"], found["hops"])


def _write_state(
    dependencies: Dependencies, state: str, content: _State, *, keep: timedelta
) -> None:
    """Sealed: the path may hold a pass token, which must not lie open in the shared store."""
    gateways = dependencies.gateways
    plain = json.dumps(
        {"next": content.next_path, "browser": content.browser, "hops": content.hops}
    )
    sealed = gateways.keys.encrypt(plain.encode(), purpose="oauth.state")
    gateways.shared.put(f"oauth.state:{state}", sealed.hex(), keep=keep)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
