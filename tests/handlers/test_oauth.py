"""The way to WeChat and back; how it ends on real phones is tests/processes/test_oauth_deck.py."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import text

from models.database import reading
from tests.browser import Browser
from wxbackend.config.loading import Secret


def scalar(sql: str) -> object:
    with reading() as session:
        return session.execute(text(sql)).scalar_one()


def test_the_way_there_asks_for_the_openid_alone(driver):
    query = parse_qs(urlsplit(driver.redirect_of("/d")).query)
    assert query["scope"] == ["snsapi_base"]
    assert query["redirect_uri"] == [f"{driver.app_url}/wechat/oauth"]
    assert query["state"][0].isalnum()
    assert len(query["state"][0]) <= 128


def test_another_persona_in_the_phone_is_another_person(driver, sandbox):
    driver.get("/d")
    driver.openid = sandbox.personas()[1]["openid"]
    driver.set_cookie("sandbox_persona", driver.openid)
    driver.get("/d")
    assert driver.status == 200
    assert scalar("SELECT count(*) FROM wechat_user") == 2


@pytest.mark.parametrize("next_path", ["//evil.example", "/\\evil.example", "https:evil", "/ok\n"])
def test_only_paths_of_our_own_are_gone_on_to(next_path):
    from handlers.local_paths import local_path

    assert local_path(next_path) == "/"
    assert local_path("/d/new?x=1") == "/d/new?x=1"


def test_without_the_shared_store_it_is_said(another_app, settings, sandbox):
    storage = replace(settings.storage, shared_store_url=Secret("redis://127.0.0.1:1/0"))
    app = another_app(replace(settings, storage=storage))
    browser = Browser(app, sandbox, openid=sandbox.personas()[0]["openid"])
    browser.get("/d")
    assert browser.status == 503
    assert "系统暂不可用" in browser.text
    browser.get(f"/wechat/oauth?code=abc&state={'0' * 41}")
    assert browser.status == 503
    assert "微信登录暂不可用" in browser.text
    assert browser.path == "/wechat/oauth/unavailable"


def test_no_other_end_than_the_known_ones_has_a_page(stranger):
    stranger.get("/wechat/oauth/signed_in")
    assert stranger.status == 404
    stranger.get("/wechat/oauth/denied?key=unknown")
    assert stranger.status == 403
    assert 'href="/">重新登录' in stranger.page


# ---- the JS-SDK --------------------------------------------------------------------------------


def test_the_js_sdk_signature_is_right_for_our_pages_only(stranger, sandbox):
    url = f"{stranger.app_url}/gate"
    stranger.get("/sign-in")
    stranger.post("/wechat/js-sdk", {"url": url + "#scan"}, Accept="application/json")
    signed = stranger.response.get_json()
    assert isinstance(signed["timestamp"], str)
    checked = sandbox.get(
        "/sandbox/jssdk/check",
        appId=signed["app_id"],
        timestamp=signed["timestamp"],
        nonceStr=signed["nonce"],
        signature=signed["signature"],
        url=url,
    )
    assert checked.get("errMsg", checked.get("ok")) in {"config:ok", True}
    stranger.post("/wechat/js-sdk", {"url": "https://evil.example/gate"}, Accept="application/json")
    assert stranger.status == 400
