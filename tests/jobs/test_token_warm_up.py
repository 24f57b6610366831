"""Tokens are there before somebody needs them, and one platform holds up no other."""

from __future__ import annotations

import pytest

from wxbackend.gateways.errors import GatewayError
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.token_warm_up import warm_up_tokens


@pytest.fixture
def cold(dependencies) -> Dependencies:
    """No token is kept yet."""
    app_id = dependencies.gateways.wechat.app_id
    for name in ("yuezhengyi", f"wechat.{app_id}", f"wechat.{app_id}.jsapi"):
        dependencies.gateways.shared.drop(f"token:{name}")
    return dependencies


def test_tokens_are_fetched_and_then_kept(cold):
    assert warm_up_tokens(cold) == 2
    assert warm_up_tokens(cold) == 0


def test_one_platforms_failure_holds_up_no_other(cold, sandbox):
    sandbox.fault("wechat", "refuse", count=9)
    with pytest.raises(GatewayError, match="wechat"):
        warm_up_tokens(cold)
    assert cold.gateways.members.warm_up() is False
