"""What became of messages to drivers, as WeChat reports it: each report closes one row."""

from __future__ import annotations

from models.database import reading
from models.notifications import find_oldest_sent
from wxbackend.domain.notifications import Channel
from wxbackend.domain.pushes import Push
from wxbackend.services.deliveries import settle_delivery
from wxbackend.services.dependencies import Dependencies

_DELIVERED = "success"
_REPORT = "SubscribeMsgSentEvent.List"
_NO_ERROR = "0"


def settle_template(dependencies: Dependencies, push: Push) -> None:
    """A repeated or overtaken event changes nothing."""
    status = push.part("Status")
    _settle(
        dependencies,
        push,
        reference=push.part("MsgID"),
        is_delivered=status == _DELIVERED,
        code=status,
    )


def settle_subscription(dependencies: Dependencies, push: Push) -> None:
    """WeChat names the template alone: the oldest of its messages to this person is meant."""
    kind = dependencies.gateways.wechat.kind_of_template(push.part(f"{_REPORT}.TemplateId"))
    if kind is None:
        return
    with reading() as session:
        row = find_oldest_sent(session, push.openid, kind)
        reference = row.provider_reference if row else ""
    code = push.part(f"{_REPORT}.ErrorCode")
    is_delivered = code == _NO_ERROR
    _settle(
        dependencies,
        push,
        reference=reference,
        is_delivered=is_delivered,
        code=_DELIVERED if is_delivered else code,
    )


def _settle(
    dependencies: Dependencies, push: Push, *, reference: str, is_delivered: bool, code: str
) -> None:
    settle_delivery(
        dependencies,
        provider=Channel.WECHAT.value,
        reference=reference,
        address=push.openid,
        delivered=is_delivered,
        code=code,
        at=push.sent_at,
    )
