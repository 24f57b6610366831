"""The switches that make a platform fail, and the patience to hold a call without an answer."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from threading import Event, Lock
from typing import Any

TARGETS = (
    *("wechat", "weijing", "yuezhengyi"),
    *("sms.mas", "sms.mas2", "sms.tencent", "sms.aliyun", "health"),
)
KINDS = ("refuse", "timeout", "timeout_after_effect", "http_500", "garbage", "slow", "errcode")
DEFAULT_SECONDS = {"timeout": 30.0, "timeout_after_effect": 30.0, "slow": 3.0}
MOST_SECONDS = 600.0

# Half of the server's threads: the other half keeps answering whatever is held.
MOST_HELD_CALLS = 16


@dataclass(frozen=True)
class Fault:
    """What the next `count` calls get; `count` None means until it is switched off."""

    kind: str
    value: float | str | None
    count: int | None
    path: str | None = None

    @property
    def seconds(self) -> float:
        if isinstance(self.value, int | float):
            return float(self.value)
        return DEFAULT_SECONDS.get(self.kind, 0.0)


class FaultBoard:
    def __init__(self) -> None:
        self._faults: dict[str, Fault] = {}
        self._lock = Lock()
        self._released = Event()
        self._held = 0

    def put(self, target: str, fault: Fault) -> None:
        with self._lock:
            self._faults[target] = fault

    def remove(self, target: str | None = None) -> None:
        """Switch one target's fault off, or all of them, and let go of the calls being held."""
        with self._lock:
            for name in [target] if target else list(self._faults):
                self._faults.pop(name, None)
            self._released.set()
            self._released = Event()

    def listing(self) -> dict[str, dict[str, Any]]:
        with self._lock:
            return {target: asdict(fault) for target, fault in self._faults.items()}

    def look(self, target: str) -> Fault | None:
        return self._faults.get(target)

    def take(self, target: str, path: str) -> Fault | None:
        """The fault that this call gets, counted down."""
        with self._lock:
            fault = self._faults.get(target)
            if fault is None or (fault.path is not None and fault.path not in path):
                return None
            if fault.count is not None:
                self._count_down(target, fault, left=fault.count - 1)
            return fault

    def _count_down(self, target: str, fault: Fault, *, left: int) -> None:
        if left > 0:
            self._faults[target] = Fault(fault.kind, fault.value, left, fault.path)
        else:
            del self._faults[target]

    def hold(self, seconds: float) -> bool:
        """Wait in real time; False when too many calls are held already and this one is not."""
        with self._lock:
            if self._held >= MOST_HELD_CALLS:
                return False
            self._held += 1
            released = self._released
        try:
            released.wait(seconds)
        finally:
            with self._lock:
                self._held -= 1
        return True
