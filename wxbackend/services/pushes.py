"""What the account answers to a push; each push is handled once, however often it is delivered."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

from wxbackend.domain.pushes import Push
from wxbackend.gateways.interfaces.stores import SharedStore
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.menu_tags import look_at_follower
from wxbackend.services.push_receipts import settle_subscription, settle_template
from wxbackend.services.push_replies import Reader, greet, reply_to_click, reply_to_text
from wxbackend.services.push_scans import reply_to_scan

# WeChat delivers three times, five seconds apart; a clock's error and a slow line come on top.
_REMEMBERED = timedelta(minutes=2)
# A delivery that meets another at work waits for its answer, inside WeChat's five seconds.
_WAIT_FOR_TWIN_SECONDS = 3.5


Reply = Callable[[Dependencies, Push, Reader], str]
# What is not named here is heard and not answered: VIEW, LOCATION, pictures, events to come.
_REPLIES: dict[str, Reply] = {
    "text": reply_to_text,
    "click": reply_to_click,
    "subscribe": greet,
    "scancode_waitmsg": reply_to_scan,
}


def answer_push(dependencies: Dependencies, push: Push, *, request_id: str) -> str:
    """The text for the sender, or nothing; a repeated delivery gets the first one's answer."""
    shared, key = dependencies.gateways.shared, f"wechat.push:{push.fingerprint}"
    if not shared.add(key, "", keep=_REMEMBERED):
        return _answer_of_twin(shared, key)
    text = _handle(dependencies, push, request_id)
    shared.put(f"{key}:answer", text, keep=_REMEMBERED)
    return text


def is_answered(push: Push) -> bool:
    """Whether the sender waits for words: then a failure is said, not kept quiet."""
    return push.name in _REPLIES


# What must be done besides answering, or in place of it. Nothing of it calls the network.
_NEWS: dict[str, Callable[[Dependencies, Push], None]] = {
    "templatesendjobfinish": settle_template,
    "subscribe_msg_sent_event": settle_subscription,
    "subscribe": look_at_follower,
    "unsubscribe": look_at_follower,
}


def _handle(dependencies: Dependencies, push: Push, request_id: str) -> str:
    news = _NEWS.get(push.name)
    if news is not None:
        news(dependencies, push)
    reply = _REPLIES.get(push.name)
    if reply is None:
        return ""
    return reply(dependencies, push, Reader.of(dependencies, push.openid, request_id=request_id))


def _answer_of_twin(shared: SharedStore, key: str) -> str:
    end = time.monotonic() + _WAIT_FOR_TWIN_SECONDS
    while time.monotonic() < end:
        found = shared.get(f"{key}:answer")
        if found is not None:
            return found
        time.sleep(0.05)
    return ""
