"""The shared store twice: in Redis for several processes, in memory for one."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

import redis

from wxbackend.gateways.errors import TemporaryGatewayError
from wxbackend.gateways.interfaces.stores import LockNotFree

_LOCK_POLL_SECONDS = 0.05
# Delete the lock only if it is still ours: our time may have run out and another may hold it.
_RELEASE = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end"


class RedisStore:
    def __init__(self, url: str) -> None:
        self._redis = redis.Redis.from_url(
            url,
            decode_responses=True,
            socket_timeout=5,
            socket_connect_timeout=3,
            health_check_interval=30,
        )
        self._release = self._redis.register_script(_RELEASE)

    def get(self, key: str) -> str | None:
        with _reachable():
            return _text(self._redis.get(_name(key)))

    def put(self, key: str, value: str, *, keep: timedelta) -> None:
        with _reachable():
            self._redis.set(_name(key), value, px=_milliseconds(keep))

    def add(self, key: str, value: str, *, keep: timedelta) -> bool:
        with _reachable():
            return bool(self._redis.set(_name(key), value, px=_milliseconds(keep), nx=True))

    def take(self, key: str) -> str | None:
        with _reachable():
            return _text(self._redis.getdel(_name(key)))

    def drop(self, key: str) -> None:
        with _reachable():
            self._redis.delete(_name(key))

    def count(self, key: str, *, keep: timedelta) -> int:
        with _reachable(), self._redis.pipeline() as both:
            both.set(_name(key), 0, px=_milliseconds(keep), nx=True)
            both.incr(_name(key))
            return int(both.execute()[1])

    @contextmanager
    def lock(self, name: str, *, keep: timedelta, wait: timedelta) -> Iterator[None]:
        key, secret = f"lock:{name}", secrets.token_hex(16)
        _wait_for(lambda: self.add(key, secret, keep=keep), name, wait)
        try:
            yield
        finally:
            # A lock that cannot be given back runs out by itself.
            with suppress(redis.RedisError):
                self._release(keys=[_name(key)], args=[secret])

    def answers(self) -> bool:
        try:
            return bool(self._redis.ping())
        except redis.RedisError:
            return False


class MemoryStore:
    """For one process: the embedded mode."""

    def __init__(self) -> None:
        self._values: dict[str, tuple[str, float]] = {}
        self._guard = threading.Lock()

    def get(self, key: str) -> str | None:
        with self._guard:
            return self._live(key)

    def put(self, key: str, value: str, *, keep: timedelta) -> None:
        with self._guard:
            self._forget_expired()
            self._values[key] = (value, time.monotonic() + keep.total_seconds())

    def add(self, key: str, value: str, *, keep: timedelta) -> bool:
        with self._guard:
            if self._live(key) is not None:
                return False
            self._values[key] = (value, time.monotonic() + keep.total_seconds())
            return True

    def take(self, key: str) -> str | None:
        with self._guard:
            value = self._live(key)
            self._values.pop(key, None)
            return value

    def drop(self, key: str) -> None:
        with self._guard:
            self._values.pop(key, None)

    def count(self, key: str, *, keep: timedelta) -> int:
        with self._guard:
            self._forget_expired()
            value, ends = self._values.get(key, ("0", time.monotonic() + keep.total_seconds()))
            number = int(value) + 1
            self._values[key] = (str(number), ends)
            return number

    @contextmanager
    def lock(self, name: str, *, keep: timedelta, wait: timedelta) -> Iterator[None]:
        key, secret = f"lock:{name}", secrets.token_hex(16)
        _wait_for(lambda: self.add(key, secret, keep=keep), name, wait)
        try:
            yield
        finally:
            with self._guard:
                if self._live(key) == secret:
                    del self._values[key]

    def answers(self) -> bool:
        return True

    def _live(self, key: str) -> str | None:
        value, ends = self._values.get(key, ("", 0.0))
        return value if ends > time.monotonic() else None

    def _forget_expired(self) -> None:
        now = time.monotonic()
        for key in [key for key, (_, ends) in self._values.items() if ends <= now]:
            del self._values[key]


@contextmanager
def _reachable() -> Iterator[None]:
    """One of our errors for the library's, which name the host."""
    try:
        yield
    except redis.RedisError:
        raise TemporaryGatewayError("shared_store", "unreachable") from None


def _wait_for(attempt: Callable[[], bool], name: str, wait: timedelta) -> None:
    end = time.monotonic() + wait.total_seconds()
    while not attempt():
        if time.monotonic() >= end:
            raise LockNotFree(name)
        time.sleep(_LOCK_POLL_SECONDS)


def _name(key: str) -> str:
    return f"wxbackend:{key}"


def _milliseconds(duration: timedelta) -> int:
    return max(1, int(duration.total_seconds() * 1000))


def _text(value: bytes | str | None) -> str | None:
    return value.decode() if isinstance(value, bytes) else value
