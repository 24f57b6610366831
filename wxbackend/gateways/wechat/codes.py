"""WeChat's error codes, and which of our errors each one is."""

from __future__ import annotations

from datetime import timedelta

from wxbackend.gateways.errors import (
    ConfigurationGatewayError,
    GatewayError,
    PermanentGatewayError,
    TemporaryGatewayError,
)

SYSTEM = "wechat"
TOKEN_REFUSED = frozenset({40001, 40014, 42001})
CODE_SPENT = frozenset({40029, 40163, 42003})
BUSY = -1
DAY_USED_UP = 45009
MINUTE_USED_UP = 45011
NOT_ON_ITS_LIST = 40164
# What WeChat says of a template's field that does not fit; said by us before it can.
REFUSED_FIELD = "47003"
# Nobody but an administrator can mend these: app id, secret, address list, frozen, no right.
_CONFIGURATION = frozenset({40013, 40125, NOT_ON_ITS_LIST, 40243, 48001})
_TEMPORARY = TOKEN_REFUSED | {BUSY, DAY_USED_UP, MINUTE_USED_UP}


def error_of(code: object, *, wait: timedelta | None = None) -> GatewayError:
    """The error to raise for an errcode; its `code` is WeChat's number as text."""
    if code in _TEMPORARY:
        return TemporaryGatewayError(SYSTEM, str(code), wait=wait)
    if code in _CONFIGURATION:
        return ConfigurationGatewayError(SYSTEM, str(code), wait=wait)
    return PermanentGatewayError(SYSTEM, str(code), wait=wait)
