"""The JS-SDK's check of a signature, as its script asks for it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.client import Client
from tests.sandbox.little_app import LittleApp


def check(sandbox: Client, app: LittleApp, **changes: Any) -> str:
    url = f"{app.url}/scan?a=1"
    config = app.jssdk_config(url)
    config.pop("jsApiList")
    answer = sandbox.get("/sandbox/jssdk/check", params={**config, "url": url, **changes})
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    told = answer.json()
    assert told["ok"] is (told["errMsg"] == "config:ok")
    return str(told["errMsg"])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({}, "config:ok"),
        ({"signature": "0" * 40}, "config:fail,invalid signature"),
        ({"nonceStr": "other"}, "config:fail,invalid signature"),
        ({"timestamp": "1"}, "config:fail,invalid signature"),
        ({"url": "http://127.0.0.1:1/other"}, "config:fail,invalid signature"),
        ({"url": "https://evil.example/"}, "config:invalid url domain"),
        ({"appId": "wx0"}, "config:invalid appid"),
    ],
)
def test_the_signature_is_really_checked(
    sandbox: Client, little_app: LittleApp, changes: dict[str, str], message: str
) -> None:
    assert check(sandbox, little_app, **changes) == message


def test_an_iphone_signs_the_page_it_landed_on(sandbox: Client, little_app: LittleApp) -> None:
    landing = f"{little_app.url}/scan?a=1"
    later = f"{little_app.url}/later"
    wrong = "config:fail,invalid signature"
    assert check(sandbox, little_app, url=later, landing=landing) == wrong
    sandbox.put("/sandbox/jssdk-mode", json={"platform": "ios"})
    assert check(sandbox, little_app, url=later, landing=landing) == "config:ok"


def test_a_ticket_that_expired_signs_nothing(sandbox: Client, little_app: LittleApp) -> None:
    url = f"{little_app.url}/scan"
    config = little_app.jssdk_config(url)
    config.pop("jsApiList")
    sandbox.move_clock(7201)
    answer = sandbox.get("/sandbox/jssdk/check", params={**config, "url": url}).json()
    assert answer["errMsg"] == "config:fail,invalid signature"


def test_the_script_is_served(sandbox: Client) -> None:
    script = sandbox.get(sandbox.credentials["wechat"]["jssdk_path"])
    assert "javascript" in script.headers["Content-Type"]
    assert "scanQRCode" in script.text
