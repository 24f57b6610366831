"""Web sign-in: the page, the codes, and the ways in which it goes wrong."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from tests.sandbox.client import DRIVER, OTHER_DRIVER, Client
from tests.sandbox.little_app import LittleApp


def exchange(sandbox: Client, code: str, /, **changes: str) -> dict[str, Any]:
    wechat = sandbox.credentials["wechat"]
    params = {
        "appid": wechat["app_id"],
        "secret": wechat["app_secret"],
        "code": code,
        "grant_type": "authorization_code",
        **changes,
    }
    payload: dict[str, Any] = sandbox.get("/sns/oauth2/access_token", params=params).json()
    return payload


def query_of(location: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


def code_for(sandbox: Client, app: LittleApp, openid: str = DRIVER, **changes: str) -> str:
    return query_of(sandbox.sign_in(app.authorize_url(**changes), openid))["code"]


def test_the_named_person_comes_back_with_code_and_state(
    sandbox: Client, little_app: LittleApp
) -> None:
    location = sandbox.sign_in(little_app.authorize_url())
    assert location.startswith(f"{little_app.url}/callback?")
    assert query_of(location).keys() == {"next", "code", "state"}
    assert query_of(location)["state"] == "abc123"


def test_the_choice_is_kept_in_a_cookie(sandbox: Client, little_app: LittleApp) -> None:
    sandbox.sign_in(little_app.authorize_url(), OTHER_DRIVER)
    cookie = next(iter(sandbox.cookies))
    assert (cookie.name, cookie.value, cookie.path) == ("sandbox_persona", OTHER_DRIVER, "/")
    assert cookie.has_nonstandard_attr("HttpOnly")
    address = little_app.authorize_url().split("#")[0]
    location = sandbox.get(address, allow_redirects=False).headers["Location"]
    assert exchange(sandbox, query_of(location)["code"])["openid"] == OTHER_DRIVER


def test_without_a_choice_the_page_asks_who(sandbox: Client, little_app: LittleApp) -> None:
    page = sandbox.get(little_app.authorize_url().split("#")[0], allow_redirects=False)
    assert page.status_code == 200
    assert "梁志强" in page.text
    assert f"as={DRIVER}" in page.text


def test_the_code_is_exchanged_once(sandbox: Client, little_app: LittleApp) -> None:
    code = code_for(sandbox, little_app)
    grant = exchange(sandbox, code)
    assert grant["openid"] == DRIVER
    assert grant["scope"] == "snsapi_base"
    assert grant["expires_in"] == 7200
    assert not {"unionid", "is_snapshotuser"} & grant.keys()
    assert exchange(sandbox, code)["errcode"] == 40163


@pytest.mark.parametrize(
    ("changes", "errcode"),
    [
        ({"appid": "wx0"}, 40013),
        ({"appid": ""}, 41002),
        ({"secret": "x"}, 40125),
        ({"code": ""}, 41008),
        ({"code": "nonsense"}, 40029),
    ],
)
def test_a_wrong_exchange_leaves_the_code_unused(
    sandbox: Client, little_app: LittleApp, changes: dict[str, str], errcode: int
) -> None:
    code = code_for(sandbox, little_app)
    assert exchange(sandbox, code, **changes)["errcode"] == errcode
    assert exchange(sandbox, code)["openid"] == DRIVER


def test_a_code_lives_five_minutes(sandbox: Client, little_app: LittleApp) -> None:
    code = code_for(sandbox, little_app)
    sandbox.move_clock(301)
    assert exchange(sandbox, code)["errcode"] == 42003


def test_profile_scope_gives_unionid_and_nickname(sandbox: Client, little_app: LittleApp) -> None:
    grant = exchange(sandbox, code_for(sandbox, little_app, scope="snsapi_userinfo"))
    assert grant["unionid"].startswith("o6")
    params = {"access_token": grant["access_token"], "openid": grant["openid"]}
    profile = sandbox.get("/sns/userinfo", params=params)
    assert profile.headers["Content-Type"].startswith("text/plain")
    assert profile.json()["nickname"] == "强哥跑车"
    assert sandbox.get("/sns/auth", params=params).json()["errcode"] == 0
    params["openid"] = OTHER_DRIVER
    assert sandbox.get("/sns/userinfo", params=params).json()["errcode"] == 40003


def test_base_scope_gives_no_profile(sandbox: Client, little_app: LittleApp) -> None:
    grant = exchange(sandbox, code_for(sandbox, little_app))
    params = {"access_token": grant["access_token"], "openid": DRIVER}
    assert sandbox.get("/sns/userinfo", params=params).json()["errcode"] == 48001
    params["access_token"] = "x"
    assert sandbox.get("/sns/userinfo", params=params).json()["errcode"] == 40001


def test_refresh(sandbox: Client, little_app: LittleApp) -> None:
    grant = exchange(sandbox, code_for(sandbox, little_app))
    params = {
        "appid": sandbox.credentials["wechat"]["app_id"],
        "grant_type": "refresh_token",
        "refresh_token": grant["refresh_token"],
    }
    fresh = sandbox.get("/sns/oauth2/refresh_token", params=params).json()
    assert fresh["openid"] == DRIVER
    assert fresh["access_token"] != grant["access_token"]
    params["refresh_token"] = "x"
    assert sandbox.get("/sns/oauth2/refresh_token", params=params).json()["errcode"] == 40030


def test_profile_scope_asks_for_consent(sandbox: Client, little_app: LittleApp) -> None:
    sandbox.sign_in(little_app.authorize_url())
    address = little_app.authorize_url(scope="snsapi_userinfo").split("#")[0]
    assert sandbox.get(address, allow_redirects=False).status_code == 200
    denied = sandbox.get(f"{address}&consent=deny", allow_redirects=False)
    assert "code" not in query_of(denied.headers["Location"])
    allowed = sandbox.get(f"{address}&consent=allow", allow_redirects=False)
    assert "code" in query_of(allowed.headers["Location"])


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"redirect_uri": "http://gate.example.gov.cn/callback"}, 10003),
        ({"redirect_uri": "http://gate.example.gov.cn:8000/callback"}, 10003),
        ({"redirect_uri": "ftp://127.0.0.1/callback"}, 10003),
        ({"redirect_uri": "/callback"}, 10003),
        ({"redirect_uri": ""}, 10011),
        ({"scope": "snsapi_all"}, 10005),
        ({"scope": ""}, 10010),
        ({"appid": ""}, 10012),
        ({"appid": "wx0"}, 10016),
        ({"state": ""}, 10013),
    ],
)
def test_error_pages(
    sandbox: Client, little_app: LittleApp, changes: dict[str, str], code: int
) -> None:
    page = sandbox.get(little_app.authorize_url(**changes).split("#")[0], allow_redirects=False)
    assert page.status_code == 200
    assert f"错误码：{code}" in page.text


def test_names_of_this_machine_are_one_host(sandbox: Client, little_app: LittleApp) -> None:
    uri = f"http://localhost:{little_app.port}/callback"
    location = sandbox.sign_in(little_app.authorize_url(redirect_uri=uri))
    assert location.startswith(uri)


def set_mode(sandbox: Client, mode: str, **more: Any) -> None:
    assert sandbox.put("/sandbox/oauth-mode", json={"mode": mode, **more}).ok


def test_a_snapshot_is_a_fake_identity_without_profile(
    sandbox: Client, little_app: LittleApp
) -> None:
    set_mode(sandbox, "snapshot")
    grant = exchange(sandbox, code_for(sandbox, little_app, scope="snsapi_userinfo"))
    assert grant["is_snapshotuser"] == 1
    assert grant["openid"] != DRIVER
    params = {"access_token": grant["access_token"], "openid": grant["openid"]}
    assert sandbox.get("/sns/userinfo", params=params).json()["errcode"] == 48001
    assert exchange(sandbox, code_for(sandbox, little_app))["openid"] == DRIVER, "once only"


def test_denied_comes_back_without_a_code(sandbox: Client, little_app: LittleApp) -> None:
    set_mode(sandbox, "deny", count=2)
    for _ in range(2):
        assert query_of(sandbox.sign_in(little_app.authorize_url())).keys() == {"next", "state"}
    assert "code" in query_of(sandbox.sign_in(little_app.authorize_url()))


@pytest.mark.parametrize(
    ("mode", "different"),
    [("double_callback_same_code", 1), ("double_callback_new_code", 2)],
)
def test_double_callback_page_names_both(
    sandbox: Client, little_app: LittleApp, mode: str, different: int
) -> None:
    set_mode(sandbox, mode)
    page = sandbox.get(f"{little_app.authorize_url().split('#')[0]}&as={DRIVER}")
    addresses = [part.split('"')[0] for part in page.text.split("data-")[1:]]
    assert "first=" in addresses[0] or len(addresses) == 2
    values = [page.text.split(f'data-{name}="')[1].split('"')[0] for name in ("first", "second")]
    codes = {query_of(value.replace("&amp;", "&"))["code"] for value in values}
    states = {query_of(value.replace("&amp;", "&"))["state"] for value in values}
    assert len(codes) == different
    assert states == {"abc123"}


def test_browser_pages_are_no_server_calls(sandbox: Client, little_app: LittleApp) -> None:
    sandbox.fault("wechat", kind="refuse", count=1)
    sandbox.sign_in(little_app.authorize_url())
    assert [call["caller"] for call in sandbox.calls(path="/connect/")] == ["browser"]
    with pytest.raises(requests.ConnectionError):
        sandbox.get("/sns/auth")
