"""微信接口: what an admin reads when WeChat refuses us."""

from __future__ import annotations

import pytest

from wxbackend.gateways.errors import GatewayError

PAGE = "/office/wechat"


def test_all_is_well(office, dependencies):
    dependencies.gateways.wechat.warm_up()
    admin = office("admin")
    admin.get(PAGE)
    assert "公众号" in admin.text
    assert "小程序" in admin.text
    assert "access_token 正常" in admin.text


def test_the_address_to_list_is_shown_and_goes_when_it_works(office, dependencies, sandbox, clock):
    sandbox.put("/sandbox/wechat-rules/tokens", {"unlisted": "203.0.113.7"})
    sandbox.post("/sandbox/tokens/invalidate", {"target": "wechat"})
    dependencies.gateways.shared.drop(f"token:wechat.{dependencies.gateways.wechat.app_id}")
    with pytest.raises(GatewayError, match="40164"):
        dependencies.gateways.wechat.warm_up()
    admin = office("admin")
    admin.get(PAGE)
    assert "IP 白名单" in admin.text
    assert "203.0.113.7" in admin.text
    assert "被拒绝" in admin.text


def test_a_used_up_endpoint_is_shown_with_its_end(office, dependencies, sandbox):
    sandbox.put("/sandbox/wechat-rules/quotas", {"ticket/getticket": 0})
    dependencies.gateways.shared.drop(f"token:wechat.{dependencies.gateways.wechat.app_id}.jsapi")
    with pytest.raises(GatewayError, match="45009"):
        dependencies.gateways.wechat.warm_up()
    admin = office("admin")
    admin.get(PAGE)
    assert "今日调用次数已用完（45009）" in admin.text
    assert "暂停调用" in admin.text
    assert "00:00:00" in admin.text
