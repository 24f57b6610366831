"""Signing in and out: limits, bindings, and what acts at once on live sessions."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import text

from models.database import reading
from tests.browser import Browser
from tests.people import ACTOR, make_guard_account
from wxbackend.domain.roles import Role
from wxbackend.services.accounts import (
    NewAccount,
    create_account,
    disable_account,
    reset_password,
)


def scalar(sql: str) -> object:
    with reading() as session:
        return session.execute(text(sql)).scalar_one()


@pytest.fixture
def password(story) -> str:
    return make_guard_account(story.dependencies)


def sign_in(browser: Browser, password: str, name: str = "gate1") -> None:
    browser.get("/sign-in")
    browser.post("/sign-in", {"account": name, "password": password})


def test_a_wrong_password_never_says_what_was_wrong(stranger, password):
    sign_in(stranger, "wrong")
    wrong_password = stranger.text
    sign_in(stranger, "wrong", "nobody")
    assert stranger.status == 422
    assert wrong_password.replace("gate1", "") == stranger.text.replace("nobody", "")
    assert "账号或密码不正确" in stranger.text


def test_five_wrong_tries_lock_this_address_for_a_while(app, sandbox, stranger, password, clock):
    for _ in range(5):
        sign_in(stranger, "wrong")
    sign_in(stranger, password)
    assert stranger.status == 429
    assert "密码错误次数过多" in stranger.text
    # The owner, from elsewhere, is not locked out by somebody who guesses.
    owner = Browser(app, sandbox)
    owner.environ["REMOTE_ADDR"] = "10.0.0.9"
    sign_in(owner, password)
    assert "开始值班" in owner.text
    # Trying on does not lengthen the wait.
    clock.advance(minutes=14)
    sign_in(stranger, "wrong")
    clock.advance(minutes=1, seconds=1)
    sign_in(stranger, password)
    assert "开始值班" in stranger.text


def test_a_forged_forwarded_address_does_not_help(stranger, password):
    for number in range(6):
        stranger.get("/sign-in")
        stranger.post(
            "/sign-in",
            {"account": "gate1", "password": "wrong"},
            **{"X-Forwarded-For": f"10.1.1.{number}"},
        )
    assert stranger.status == 429


def test_signing_in_makes_a_new_session(stranger, password):
    stranger.get("/P/" + "A" * 26)
    stranger.post("/P/sign-in", {"token": "A" * 26})
    before = stranger.cookie("wxbackend")
    sign_in(stranger, password)
    assert stranger.cookie("wxbackend") != before
    assert scalar("SELECT count(*) FROM browser_session") == 1


def test_signing_out_kills_the_session_on_the_server(stranger, password):
    sign_in(stranger, password)
    kept = stranger.cookie("wxbackend")
    stranger.post("/account/sign-out")
    stranger.set_cookie("wxbackend", kept)
    stranger.get("/gate")
    assert stranger.path == "/sign-in"


@pytest.mark.parametrize("change", [disable_account, reset_password])
def test_what_ends_an_account_acts_at_once(stranger, password, story, change):
    sign_in(stranger, password)
    stranger.post("/gate/shift")
    change(story.dependencies, "gate1", actor=ACTOR)
    stranger.get("/gate")
    assert stranger.path == "/sign-in"


def test_a_disabled_account_cannot_sign_in(stranger, password, story):
    disable_account(story.dependencies, "gate1", actor=ACTOR)
    sign_in(stranger, password)
    assert "账号或密码不正确" in stranger.text


def test_the_openid_is_bound_and_recognised_silently(app, sandbox, driver, password):
    driver.get("/gate")
    assert driver.path == "/sign-in"
    driver.post("/sign-in", {"account": "gate1", "password": password})
    assert "开始值班" in driver.text
    # Another day, another cookie: WeChat alone is enough.
    again = Browser(app, sandbox, openid=driver.openid)
    again.get("/gate")
    assert "开始值班" in again.text
    again.post("/account/sign-out")
    later = Browser(app, sandbox, openid=driver.openid)
    later.get("/gate")
    assert later.path == "/sign-in"
    assert scalar("SELECT count(*) FROM binding WHERE ended_at IS NULL") == 0


def test_signing_in_on_another_phone_leaves_the_first(app, sandbox, driver, password):
    driver.get("/gate")
    driver.post("/sign-in", {"account": "gate1", "password": password})
    other = Browser(app, sandbox, openid=sandbox.personas()[1]["openid"])
    other.get("/gate")
    other.post("/sign-in", {"account": "gate1", "password": password})
    assert "开始值班" in other.text
    driver.get("/gate")
    assert driver.path == "/sign-in"


def test_one_phone_may_hold_several_roles(driver, password, story):
    driver.get("/d")
    driver.get("/sign-in")
    driver.post("/sign-in", {"account": "gate1", "password": password})
    driver.get("/")
    assert "我的预约" in driver.text
    assert "卡口查验" in driver.text
    driver.get("/d")
    assert driver.status == 200


def test_a_first_password_must_be_changed_before_anything(app, sandbox, story, stranger):
    new = NewAccount("gate7", Role.CHECKPOINT, "新同事", "黄阁卡口")
    first = create_account(story.dependencies, new, actor=ACTOR)
    sign_in(stranger, first, "gate7")
    assert stranger.path == "/account/password"
    for path in ("/gate", "/gate/passages", "/gate/short-code"):
        stranger.get(path)
        assert stranger.path == "/account/password"
    stranger.get("/P/" + "A" * 26)
    assert "请由卡口工作人员查验" in stranger.text
    stranger.get("/account/password")
    own = "Kuaidian-chifan8"
    stranger.post("/account/password", {"old": first, "new": own, "again": own})
    assert "密码已修改" in stranger.text
    sign_in(stranger, first, "gate7")
    assert "账号或密码不正确" in stranger.text
    sign_in(stranger, own, "gate7")
    assert "开始值班" in stranger.text


@pytest.mark.parametrize(
    ("old", "new", "again", "sentence"),
    [
        ("x", "Kuaidian-chifan8", "Kuaidian-chifan8", "原密码不正确"),
        (None, "short", "short", "新密码至少 10 位"),
        (None, "Kuaidian-chifan8", "other", "两次输入的新密码不一致"),
        (None, "alllowercaseletters", "alllowercaseletters", "至少三种"),
        (None, "Gate1-gate1-X", "Gate1-gate1-X", "过于常见"),
    ],
)
def test_a_bad_new_password_is_refused_in_words(stranger, password, old, new, again, sentence):
    sign_in(stranger, password)
    stranger.get("/account/password")
    stranger.post("/account/password", {"old": old or password, "new": new, "again": again})
    assert stranger.status == 422
    assert sentence in stranger.text


def test_sessions_idle_out(stranger, password, clock):
    sign_in(stranger, password)
    clock.advance(hours=11)
    stranger.get("/gate")
    assert stranger.path == "/gate"
    clock.advance(hours=12, minutes=1)
    stranger.get("/gate")
    assert stranger.path == "/sign-in"


# ---- leads: a code by SMS ----------------------------------------------------------------------

PHONE = "13900000001"


@pytest.fixture
def known_lead(story) -> str:
    story.enterprise("广州顺达物流有限公司", "黄阁镇", PHONE)
    return PHONE


def ask_code(browser: Browser, story, phone: str = PHONE) -> str:
    browser.get("/sign-in/phone")
    browser.post("/sign-in/phone/code", {"phone": phone})
    story.send_all()
    sent = story.sandbox.messages(channel="sms")
    return re.search(r"\d{6}", sent[-1]["text"])[0] if sent else ""


def test_a_code_signs_a_lead_in_once(stranger, story, known_lead, app, sandbox):
    code = ask_code(stranger, story)
    assert sandbox.messages(channel="sms")[0]["text"] == f"验证码{code},5分钟内有效,请勿告诉他人。"
    stranger.post("/sign-in/phone", {"phone": PHONE, "code": code})
    assert "广州顺达物流有限公司" in stranger.text
    again = Browser(app, sandbox)
    again.get("/sign-in/phone")
    again.post("/sign-in/phone", {"phone": PHONE, "code": code})
    assert "验证码不正确" in again.text


def test_a_code_of_another_browser_does_not_work(stranger, story, known_lead, app, sandbox):
    code = ask_code(stranger, story)
    thief = Browser(app, sandbox)
    thief.get("/sign-in/phone")
    thief.post("/sign-in/phone", {"phone": PHONE, "code": code})
    assert thief.status == 422


@pytest.mark.parametrize(("seconds", "works"), [(299, True), (300, False)])
def test_a_code_lives_five_minutes(stranger, story, known_lead, clock, seconds, works):
    code = ask_code(stranger, story)
    clock.advance(seconds=seconds)
    stranger.post("/sign-in/phone", {"phone": PHONE, "code": code})
    assert ("广州顺达" in stranger.text) is works


def test_five_wrong_tries_void_a_code(stranger, story, known_lead):
    code = ask_code(stranger, story)
    for _ in range(5):
        stranger.post("/sign-in/phone", {"phone": PHONE, "code": f"{(int(code) + 1) % 10**6:06}"})
    stranger.post("/sign-in/phone", {"phone": PHONE, "code": code})
    assert stranger.status == 422


def test_a_newer_code_voids_the_older_one(stranger, story, known_lead, clock):
    old = ask_code(stranger, story)
    clock.advance(seconds=61)
    new = ask_code(stranger, story)
    if new != old:
        stranger.post("/sign-in/phone", {"phone": PHONE, "code": old})
        assert stranger.status == 422
    stranger.post("/sign-in/phone", {"phone": PHONE, "code": new})
    assert "广州顺达" in stranger.text


def test_one_code_a_minute_and_ten_a_day_however_written(stranger, story, known_lead, clock):
    ask_code(stranger, story)
    for shape in (PHONE, f"+86 {PHONE}", "１３９ 0000 0001"):
        stranger.post("/sign-in/phone/code", {"phone": shape})
        assert stranger.status == 429
        assert "秒后再获取" in stranger.text
    for _ in range(9):
        clock.advance(seconds=61)
        stranger.post("/sign-in/phone/code", {"phone": PHONE})
        assert stranger.status == 200
    clock.advance(seconds=61)
    stranger.post("/sign-in/phone/code", {"phone": PHONE})
    assert stranger.status == 429
    assert "一天最多获取 10 次" in stranger.text


def test_an_unknown_number_gets_the_same_answer_and_no_sms(stranger, story, known_lead):
    ask_code(stranger, story)
    known = stranger.text
    story.sandbox.delete("/sandbox/messages")
    assert ask_code(stranger, story, "13900000002") == ""
    assert stranger.text == known
    assert "未登记请联系区住建局" in stranger.text
    stranger.post("/sign-in/phone/code", {"phone": "13900000002"})
    assert stranger.status == 429  # limits do not tell either


def test_a_lead_of_disabled_enterprises_cannot_sign_in(stranger, story, known_lead, app, sandbox):
    code = ask_code(stranger, story)
    stranger.post("/sign-in/phone", {"phone": PHONE, "code": code})
    assert "广州顺达" in stranger.text
    story.execute("UPDATE enterprise SET disabled_at = created_at")
    stranger.get("/e")
    assert stranger.path == "/sign-in/phone"
    story.sandbox.delete("/sandbox/messages")
    assert ask_code(Browser(app, sandbox), story) == ""


def test_the_database_holds_no_code_and_no_password(stranger, story, known_lead, password):
    code = ask_code(stranger, story)
    with reading() as session:
        for salt, code_hash in session.execute(text("SELECT salt, code_hash FROM sign_in_code")):
            assert code.encode() not in bytes(salt) + bytes(code_hash)
        kept = session.execute(text("SELECT password_hash FROM account")).scalar_one()
    assert kept.startswith("$argon2id$")
    assert password not in kept
