"""What WeChat told us to leave alone for a while, shared by all processes."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable
from datetime import datetime, timedelta

from wxbackend.domain.moments import day_bounds, local_day
from wxbackend.gateways.interfaces.stores import SharedStore
from wxbackend.gateways.interfaces.wechat import WechatHold
from wxbackend.gateways.wechat.codes import NOT_ON_ITS_LIST, error_of

_log = logging.getLogger(__name__)
_LOCK_KEPT, _LOCK_WAIT = timedelta(seconds=5), timedelta(seconds=5)
# What only an administrator can mend is tried again this often, and shown until it works.
_CONFIGURATION_PAUSE = timedelta(minutes=1)
_SHOWN_FOR = timedelta(days=1)
# Of these 45009 says that a minute's calls are used up, not a day's. Source: wechat.md section 5.5.
_COUNTED_BY_MINUTE = frozenset({"wxa/getwxacodeunlimit"})
_MINUTE = timedelta(minutes=1)
_OUR_ADDRESS = re.compile(r"invalid ip ([0-9a-fA-F.:]{2,45})")


class Holds:
    """The endpoints of one account that are not called for now, and why."""

    def __init__(self, store: SharedStore, *, app_id: str, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._key = f"wechat.holds:{app_id}"
        self._clock = clock

    def check(self, endpoint: str) -> None:
        """Let an endpoint pass that is not held. Raises: GatewayError, without a call."""
        now = self._clock()
        for hold in self.standing():
            if hold.endpoint == endpoint and hold.until > now:
                raise error_of(int(hold.code), wait=hold.until - now)

    def standing(self) -> tuple[WechatHold, ...]:
        """The holds of now, and configuration errors that no call has disproved yet."""
        now = self._clock()
        return tuple(hold for hold in self._read() if hold.until > now or _is_shown(hold, now))

    def hold_for_the_day(self, endpoint: str, code: int) -> timedelta:
        """Until midnight where WeChat counts days, a minute where it counts minutes; how long."""
        now = self._clock()
        until = day_bounds(local_day(now))[1]
        if endpoint in _COUNTED_BY_MINUTE:
            until = now + _MINUTE
        self._put(WechatHold(endpoint, str(code), since=now, until=until))
        return until - now

    def hold_for_an_admin(self, endpoint: str, code: int, message: str) -> None:
        """For a minute, so that nothing hammers; with the address that a 40164 complains of."""
        now = self._clock()
        found = _OUR_ADDRESS.search(message) if code == NOT_ON_ITS_LIST else None
        self._put(
            WechatHold(
                endpoint,
                str(code),
                since=now,
                until=now + _CONFIGURATION_PAUSE,
                address=found[1] if found else "",
            )
        )

    def release(self, endpoint: str) -> None:
        """The endpoint answered: what was held against it is over."""
        if any(hold.endpoint == endpoint for hold in self._read()):
            self._change(endpoint, None)

    def _put(self, hold: WechatHold) -> None:
        self._change(hold.endpoint, hold)
        _log.warning(
            "wechat endpoint held",
            extra={
                "endpoint": hold.endpoint,
                "errcode": hold.code,
                "until": hold.until.isoformat(timespec="seconds"),
            },
        )

    def _change(self, endpoint: str, hold: WechatHold | None) -> None:
        with self._store.lock(self._key, keep=_LOCK_KEPT, wait=_LOCK_WAIT):
            others = [other for other in self.standing() if other.endpoint != endpoint]
            holds = [*others, hold] if hold else others
            content = json.dumps([_as_json(hold) for hold in holds])
            self._store.put(self._key, content, keep=_SHOWN_FOR)

    def _read(self) -> list[WechatHold]:
        return [_from_json(fields) for fields in json.loads(self._store.get(self._key) or "[]")]


def _is_shown(hold: WechatHold, now: datetime) -> bool:
    return hold.needs_an_admin and now - hold.since < _SHOWN_FOR


def _as_json(hold: WechatHold) -> dict[str, str]:
    return {
        "endpoint": hold.endpoint,
        "code": hold.code,
        "since": hold.since.isoformat(),
        "until": hold.until.isoformat(),
        "address": hold.address,
    }


def _from_json(fields: dict[str, str]) -> WechatHold:
    return WechatHold(
        endpoint=fields["endpoint"],
        code=fields["code"],
        since=datetime.fromisoformat(fields["since"]),
        until=datetime.fromisoformat(fields["until"]),
        address=fields["address"],
    )
