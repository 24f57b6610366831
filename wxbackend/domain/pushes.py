"""A push of WeChat's: what a follower said or did, or what became of a message."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

EVENT = "event"
# What tells two events of one person in one second apart. Source: wechat.md section 2, row 13.
_DISTINGUISHING = (
    *("Event", "EventKey", "MsgID", "Ticket", "ScanCodeInfo.ScanResult"),
    "SubscribeMsgSentEvent.List.MsgID",
)


@dataclass(frozen=True, slots=True)
class Push:
    """One push, opened and checked; `parts` are its other elements by their dotted names."""

    openid: str
    created_at: str  # CreateTime as it was sent: the same in every delivery
    kind: str  # MsgType
    parts: Mapping[str, str] = field(default_factory=dict)

    def part(self, name: str) -> str:
        return self.parts.get(name, "")

    @property
    def sent_at(self) -> datetime:
        return datetime.fromtimestamp(int(self.created_at), UTC)

    @property
    def name(self) -> str:
        """What it tells: a kind of message (`text`) or an event (`subscribe`), in small letters."""
        return (self.part("Event") if self.kind == EVENT else self.kind).lower()

    @property
    def fingerprint(self) -> str:
        """The same for each delivery of one push, and for no other push; tells nothing itself."""
        own = [self.part("MsgId")] if self.part("MsgId") not in {"", "0"} else []
        own = own or [self.part(name) for name in _DISTINGUISHING]
        text = "\n".join([self.openid, self.created_at, self.kind, *own])
        return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
