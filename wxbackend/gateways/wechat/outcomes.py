"""What became of a message to WeChat, in the sender's own words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from wxbackend.domain.notifications import Answer, SendOutcome
from wxbackend.gateways.errors import (
    ConfigurationGatewayError,
    PermanentGatewayError,
    TemporaryGatewayError,
    UnknownOutcomeError,
)
from wxbackend.gateways.interfaces.stores import LockNotFree


def outcome_of(send: Callable[[], Mapping[str, Any]]) -> SendOutcome:
    try:
        answer = send()
    except LockNotFree:
        return SendOutcome(Answer.TRANSIENT, "lock_not_free")
    except TemporaryGatewayError as error:
        kind = Answer.THROTTLED if error.wait else Answer.TRANSIENT
        return SendOutcome(kind, error.code, wait=error.wait)
    except UnknownOutcomeError as error:
        return SendOutcome(Answer.UNKNOWN, error.code)
    except ConfigurationGatewayError as error:
        return SendOutcome(Answer.CONFIGURATION, error.code, wait=error.wait)
    except PermanentGatewayError as error:
        return SendOutcome(Answer.PERMANENT, error.code)
    return SendOutcome(Answer.ACCEPTED, "0", str(answer.get("msgid", "")))
