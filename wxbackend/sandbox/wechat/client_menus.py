"""The menus that people's phones keep: WeChat's app asks anew on entering, after five minutes."""

from __future__ import annotations

from threading import Lock

from wxbackend.sandbox.clock import Clock
from wxbackend.sandbox.wechat.menus import Menu

KEPT_SECONDS = 300


class ClientMenus:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = Lock()
        self._kept: dict[str, tuple[Menu, float]] = {}  # openid -> the menu, and when it was pulled

    def shown(self, openid: str, current: Menu | None, *, entering: bool) -> Menu | None:
        """What the person's phone shows while this is their menu; `entering` opens the chat."""
        with self._lock:
            kept, pulled_at = self._kept.get(openid, (None, 0.0))
            is_old = self._clock.now() - pulled_at > KEPT_SECONDS
            if current is not None and (kept is None or (entering and is_old)):
                self._kept[openid] = (current, self._clock.now())
                return current
            return kept if current is not None else None

    def forget(self, openid: str) -> None:
        """Who follows anew has nothing kept."""
        with self._lock:
            self._kept.pop(openid, None)
