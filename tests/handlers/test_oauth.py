"""WeChat's OAuth as it comes on real phones: twice, late, replayed, without cookies."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import text

from models.database import reading
from tests.browser import Browser


def scalar(sql: str) -> object:
    with reading() as session:
        return session.execute(text(sql)).scalar_one()


def begin(browser: Browser, path: str = "/d") -> str:
    """Open a page and stop at WeChat: the address that WeChat calls back."""
    address = browser.redirect_of(path)
    assert "/connect/oauth2/authorize" in address
    return browser.outside(address).removeprefix(browser.app_url)


def test_the_way_there_asks_for_the_openid_alone(driver):
    query = parse_qs(urlsplit(driver.redirect_of("/d")).query)
    assert query["scope"] == ["snsapi_base"]
    assert query["redirect_uri"] == [f"{driver.app_url}/wechat/oauth"]
    assert query["state"][0].isalnum()
    assert len(query["state"][0]) <= 128


def test_it_ends_at_a_clean_address(driver):
    driver.get("/d?before=99")
    assert driver.path == "/d?before=99"
    assert "code=" not in driver.path


def test_the_same_callback_twice_is_one_person(driver):
    callback = begin(driver)
    driver.get(callback)
    assert driver.path == "/d"
    driver.get(callback)
    assert driver.path == "/d"
    assert driver.status == 200
    assert scalar("SELECT count(*) FROM wechat_user") == 1


def test_two_callbacks_with_two_codes_are_one_person(driver):
    address = driver.redirect_of("/d")
    first, second = driver.outside(address), driver.outside(address)
    for callback in (first, second):
        driver.get(callback.removeprefix(driver.app_url))
        assert driver.status == 200
    assert scalar("SELECT count(*) FROM wechat_user") == 1


def test_a_shared_address_with_a_spent_code_begins_anew(driver, app, sandbox):
    callback = begin(driver)
    driver.get(callback)
    other = Browser(app, sandbox, openid=sandbox.personas()[1]["openid"])
    other.get(callback)
    assert other.status == 200
    assert scalar("SELECT count(*) FROM wechat_user") == 2  # their own identity, not the first's


def test_a_code_is_not_accepted_without_the_cookie_that_began(driver, app, sandbox):
    callback = begin(driver)
    thief = Browser(app, sandbox, openid=sandbox.personas()[1]["openid"])
    thief.get(callback)
    with reading() as session:
        openids = session.execute(text("SELECT openid FROM wechat_user")).scalars().all()
    assert openids == [thief.openid]


def test_a_browser_that_keeps_no_cookies_is_told_so(driver):
    driver.keeps_cookies = False
    driver.get("/d")
    assert driver.status == 400
    assert "微信登录没有成功" in driver.text


def test_a_forged_or_old_state_begins_anew(driver):
    driver.get("/wechat/oauth?code=abc&state=forged")
    assert driver.path == "/d"  # the only port of a driver
    assert driver.status == 200
    driver.get("/wechat/oauth?code=abc&state=../../x%00")
    assert driver.status == 200


def test_a_snapshot_user_is_never_signed_in(driver, sandbox):
    sandbox.put("/sandbox/oauth-mode", {"mode": "snapshot", "count": 1})
    driver.get("/d")
    assert driver.status == 403
    assert "使用完整服务" in driver.text
    assert scalar("SELECT count(*) FROM wechat_user") == 0


def test_who_denies_is_told_how_to_go_on(driver, sandbox):
    sandbox.put("/sandbox/oauth-mode", {"mode": "deny", "count": 1})
    driver.get("/d")
    assert "没有取得微信授权" in driver.text


@pytest.mark.parametrize(
    ("fault", "value"), [("http_500", None), ("garbage", None), ("refuse", None)]
)
def test_wechat_down_is_said_and_not_a_crash(driver, sandbox, fault, value):
    sandbox.fault("wechat", fault, value=value, count=3)
    driver.get("/d")
    assert driver.status == 503
    assert "微信登录暂不可用" in driver.text


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
