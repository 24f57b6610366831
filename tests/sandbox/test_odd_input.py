"""Odd input everywhere: an answer in the platform's own words, and never a crash."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from tests.sandbox.client import DRIVER, Client

ODD_VALUES: list[Any] = [None, True, -1, 10**30, "", "字\x00", [], [[]], {}, {"a": []}]
CALLS: dict[str, list[str]] = {
    "/cgi-bin/stable_token": ["grant_type", "appid", "secret", "force_refresh"],
    "/cgi-bin/clear_quota": ["appid"],
    "/cgi-bin/menu/create": ["button"],
    "/cgi-bin/menu/addconditional": ["button", "matchrule"],
    "/cgi-bin/menu/delconditional": ["menuid"],
    "/cgi-bin/menu/trymatch": ["user_id"],
    "/cgi-bin/tags/create": ["tag"],
    "/cgi-bin/tags/update": ["tag"],
    "/cgi-bin/tags/delete": ["tag"],
    "/cgi-bin/tags/members/batchtagging": ["openid_list", "tagid"],
    "/cgi-bin/tags/members/batchuntagging": ["openid_list", "tagid"],
    "/cgi-bin/tags/getidlist": ["openid"],
    "/cgi-bin/user/tag/get": ["tagid", "next_openid"],
    "/cgi-bin/user/info/batchget": ["user_list"],
    "/cgi-bin/message/template/send": ["touser", "template_id", "data", "client_msg_id"],
    "/cgi-bin/message/subscribe/bizsend": ["touser", "template_id", "data"],
    "/cgi-bin/message/custom/send": ["touser", "msgtype", "text"],
    "/v2/api/authreq": ["authType", "mode", "idInfo", "exp", "businessInfo", "extraParams"],
    "/v2/api/authhist": ["authHistQry"],
    "/qyapi/cgi-bin/message/send": [
        *("touser", "msgtype", "text", "agentid"),
        *("enable_duplicate_check", "duplicate_check_interval"),
    ],
    "/sms/norsubmit": ["ecName", "mobiles", "content", "mac"],
    "/tencent-sms/": ["PhoneNumberSet"],
    "/sandbox/push": ["openid", "type", "content", "deliveries", "extra", "mode", "tamper"],
    "/sandbox/tokens/invalidate": ["target"],
    "/phone/say": ["openid", "content"],
    "/phone/tap": ["openid", "event", "key", "menu_id"],
}
PUTS: dict[str, list[str]] = {
    f"/sandbox/personas/{DRIVER}": ["name", "subscribed", "note"],
    "/sandbox/faults/wechat": ["kind", "value", "count", "path"],
    "/sandbox/clock": ["offset_seconds"],
    "/sandbox/oauth-mode": ["mode", "count"],
    "/sandbox/weijing-mode": ["mode"],
    "/sandbox/jssdk-mode": ["platform", "scan"],
    "/sandbox/template-outcome": ["outcome", "count"],
    "/sandbox/health-records/1": ["nucleic", "vaccine"],
    "/phone/holder": ["openid"],
    "/phone/following": ["openid", "subscribed"],
}


def good_body(sandbox: Client, path: str) -> dict[str, Any]:
    """So much of a right body that the odd value is reached."""
    card = sandbox.credentials["wechat"]["templates"]["reservation_made"]["id"]
    if path.startswith("/v2/"):
        return {"accessToken": sandbox.weijing_token(), "authType": "GzhRegular", "mode": 66}
    if path.startswith("/qyapi/"):
        return sandbox.text_to("li", "x", enable_duplicate_check=1)
    return {
        "touser": DRIVER,
        "openid": DRIVER,
        "template_id": card,
        "type": "text",
        "event": "VIEW",
    }


def bodies(sandbox: Client, path: str, fields: list[str]) -> list[bytes]:
    base = good_body(sandbox, path)
    if path.startswith(("/sandbox/", "/phone/")):
        base = {name: value for name, value in base.items() if name in fields}
    odd = [json.dumps({**base, name: value}) for name in fields for value in ODD_VALUES]
    return [text.encode() for text in (*odd, "", "[]", "5", "{")]


@pytest.mark.parametrize("path", CALLS)
def test_no_post_crashes(sandbox: Client, path: str) -> None:
    tokens = {
        "/cgi-bin/": sandbox.wechat_token(),
        "/qyapi/": sandbox.yuezhengyi_token(),
    }
    token = next((t for prefix, t in tokens.items() if path.startswith(prefix)), "")
    for body in bodies(sandbox, path, CALLS[path]):
        raw = base64.b64encode(body) if path.startswith("/sms") else body
        answer = sandbox.post(path, params={"access_token": token}, data=raw)
        assert answer.status_code < 500, body


@pytest.mark.parametrize("path", PUTS)
def test_no_put_crashes(sandbox: Client, path: str) -> None:
    for body in bodies(sandbox, path, PUTS[path]):
        assert sandbox.put(path, data=body).status_code < 500, body
        sandbox.delete("/sandbox/faults")


@pytest.mark.parametrize(
    ("method", "path", "target"),
    [
        ("POST", "/cgi-bin/material/add_news", "wechat"),
        ("GET", "/cgi-bin/menu/create", "wechat"),
        ("POST", "/qyapi/cgi-bin/user/get", "yuezhengyi"),
        ("POST", "/sms/report", "sms.mas"),
    ],
)
def test_what_is_not_simulated_says_so(
    sandbox: Client, method: str, path: str, target: str
) -> None:
    answer = sandbox.request(method, path)
    assert answer.status_code in {404, 405}
    assert answer.json()["error"] == f"the sandbox does not simulate {method} {path}"
    assert [call["note"] for call in sandbox.calls(target=target)] == ["not simulated"]
