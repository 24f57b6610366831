"""Delivery receipts: what the SMS platforms tell the app after a text has left."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import TYPE_CHECKING, Any

import requests

from wxbackend.sandbox.clock import SHANGHAI

if TYPE_CHECKING:
    from wxbackend.sandbox.world import World

MODES = ("off", "delivered", "failed")
DEADLINE_SECONDS = 5.0
# In `reordered`, a receipt that no other one overtakes goes alone after this time.
LONGEST_HELD_SECONDS = 1.0
NO_ANSWER = 0


@dataclass(frozen=True)
class Sent:
    """One text that a platform took; `own_reference` is the app's, where it may give one."""

    provider: str
    reference: str
    mobile: str
    own_reference: str = ""


@dataclass
class ReceiptRules:
    """Whether receipts are sent and what they say, how late, how often each, and in which order."""

    mode: str = "off"
    delay_seconds: float = 0.2
    copies: int = 1
    reordered: bool = False


class ReceiptDesk:
    def __init__(self) -> None:
        self.rules = ReceiptRules()
        self._held: Sent | None = None
        self._lock = Lock()

    def bundle(self, sent: Sent) -> list[Sent]:
        """What goes now: the text itself, or two in the wrong order, or nothing yet."""
        if not self.rules.reordered:
            return [sent]
        with self._lock:
            held, self._held = self._held, None
            if held is not None and held.provider == sent.provider:
                return [sent, held]
            self._held = sent
            return [held] if held else []

    def give_up(self, sent: Sent) -> list[Sent]:
        """What is still held, to go alone."""
        with self._lock:
            if self._held is not sent:
                return []
            self._held = None
            return [sent]


def report(world: World, sent: Sent) -> None:
    """Let the app know of a text, as the rules say."""
    desk, rules = world.receipts, world.receipts.rules
    if rules.mode == "off" or not world.receipts_url:
        return
    bundle = desk.bundle(sent)
    for _ in range(rules.copies):
        world.courier.send(lambda: _post(world, bundle), delay_seconds=rules.delay_seconds)
    if rules.reordered:
        late = rules.delay_seconds + LONGEST_HELD_SECONDS
        world.courier.send(lambda: _post(world, desk.give_up(sent)), delay_seconds=late)


def _post(world: World, bundle: list[Sent]) -> None:
    if not bundle:
        return
    provider, arrived = bundle[0].provider, world.receipts.rules.mode == "delivered"
    at = datetime.fromtimestamp(world.clock.now(), SHANGHAI)
    items = [SHAPES[provider](sent, arrived=arrived, at=at) for sent in bundle]
    # 移动云MAS tells of one text with a bare object.
    body: Any = items[0] if provider.startswith("mas") and len(items) == 1 else items
    try:
        status = world.http.post(
            f"{world.receipts_url}/{provider}",
            json=body,
            timeout=DEADLINE_SECONDS,
            allow_redirects=False,
        ).status_code
    except requests.RequestException:
        status = NO_ANSWER
    world.journal.record(
        "sms.receipts",
        f"/…/{provider}",  # the address itself is a secret
        method="POST",
        status=status,
        caller="sandbox",
        note=f"{len(items)} {world.receipts.rules.mode}",
    )


def _of_mas(sent: Sent, *, arrived: bool, at: datetime) -> dict[str, Any]:
    moment = f"{at:%Y%m%d%H%M%S}"
    return {
        "reportStatus": "CM:0000" if arrived else "MK:0012",
        "errorCode": "DELIVRD" if arrived else "UNDELIV",
        "mobile": sent.mobile,
        "msgGroup": sent.reference,
        "submitDate": moment,
        "receiveDate": moment,
    }


def _of_tencent(sent: Sent, *, arrived: bool, at: datetime) -> dict[str, Any]:
    return {
        "user_receive_time": f"{at:%Y-%m-%d %H:%M:%S}",
        "nationcode": "86",
        "mobile": sent.mobile,
        "report_status": "SUCCESS" if arrived else "FAIL",
        "errmsg": "DELIVRD" if arrived else "UNDELIV",
        "description": "用户短信送达成功" if arrived else "用户短信送达失败",
        "sid": sent.reference,
    }


def _of_aliyun(sent: Sent, *, arrived: bool, at: datetime) -> dict[str, Any]:
    moment = f"{at:%Y-%m-%d %H:%M:%S}"
    return {
        "phone_number": sent.mobile,
        "send_time": moment,
        "report_time": moment,
        "success": arrived,
        "err_code": "DELIVERED" if arrived else "MOBILE_SEND_LIMIT",
        "err_msg": "用户接收成功" if arrived else "用户接收失败",
        "sms_size": "1",
        "biz_id": sent.reference,
        "out_id": sent.own_reference,
    }


SHAPES: dict[str, Callable[..., dict[str, Any]]] = {
    "mas": _of_mas,
    "mas2": _of_mas,
    "tencent": _of_tencent,
    "aliyun": _of_aliyun,
}
