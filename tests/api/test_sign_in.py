"""Every way to a token, what it stands for, and how it ends."""

from __future__ import annotations

import pytest

from models.accounts import WechatUser
from models.database import reading
from tests.insiders import insider
from tests.people import ACTOR, make_guard_account
from wxbackend.domain.roles import Role
from wxbackend.services.accounts import disable_account, reset_password


def test_a_driver_signs_in_by_js_code(driver):
    me = driver.get("/me")
    assert me.content == {"is_driver": True, "members": []}
    assert driver.token.startswith("wxb_")


def test_a_js_code_works_once(program, persona):
    code = program.code(persona["openid"])
    assert program.sign_in("wechat", {"js_code": code}).status == 200
    again = program.sign_in("wechat", {"js_code": code})
    assert (again.status, again.code) == (401, "program_code_refused")


def test_an_invented_js_code_signs_nobody_in(program):
    answered = program.sign_in("wechat", {"js_code": "x" * 32})
    assert (answered.status, answered.code) == (401, "program_code_refused")


def test_wechat_down_is_said_and_nobody_signed_in(program, persona, sandbox):
    sandbox.fault("wechat", "http_500", count=3)
    answered = program.sign_in_as(persona["openid"])
    assert (answered.status, answered.code) == (503, "mini_program_unavailable")


def test_the_same_person_is_the_same_driver_again(program, persona, story):
    program.sign_in_as(persona["openid"])
    program.sign_in_as(persona["openid"])
    with reading() as session:
        assert session.query(WechatUser).count() == 1


def test_a_lead_signs_in_by_the_phone_number_of_wechat(lead):
    me = lead.get("/me")
    assert me["is_driver"]
    assert me["members"][0]["role"] == "enterprise"
    assert me["members"][0]["place"] == "广州顺达物流有限公司"


def test_a_number_of_no_lead_is_a_driver(program, persona):
    assert program.sign_in_by_phone(persona["openid"])["roles"] == ["driver"]


def test_staff_sign_in_with_their_password(staff):
    me = staff().get("/me")
    assert not me["is_driver"]
    assert me["members"][0]["place"] == "万顷沙卡口"


def test_wrong_passwords_lock_as_on_the_pages(program, story):
    make_guard_account(story.dependencies, "gate9")
    for _ in range(5):
        wrong = program.sign_in("password", {"account": "gate9", "password": "wrong"})
        assert (wrong.status, wrong.code) == (422, "sign_in.wrong")
    locked = program.sign_in("password", {"account": "gate9", "password": "wrong"})
    assert (locked.status, locked.code) == (429, "sign_in_locked")


def test_a_lead_signs_in_by_sms(program, story, sandbox):
    story.enterprise("广州顺达物流有限公司", "黄阁镇", "13900000001")
    ticket = program.post("/sign-in/sms-codes", {"phone": "13900000001"})["ticket"]
    story.send_all()
    code = sandbox.messages(channel="sms")[-1]["text"][3:9]
    asked = {"ticket": ticket, "phone": "13900000001", "code": code}
    assert program.sign_in("sms", {**asked, "ticket": "wxb_other"}).status == 422
    assert program.sign_in("sms", asked)["roles"] == ["enterprise"]
    assert program.sign_in("sms", asked).status == 422


def test_an_unknown_number_gets_the_same_answer_and_no_sms(program, sandbox, story):
    answered = program.post("/sign-in/sms-codes", {"phone": "13900000009"})
    story.send_all()
    assert answered.status == 200
    assert sandbox.messages(channel="sms") == []


def test_a_ticket_is_no_token(program):
    program.token = program.post("/sign-in/sms-codes", {"phone": "13900000009"})["ticket"]
    assert program.get("/me").status == 401


def test_a_signed_out_token_is_dead(driver):
    assert driver.delete("/me/token").status == 204
    refused = driver.get("/me")
    assert (refused.status, refused.code) == (401, "token_invalid")
    assert refused.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("end", [disable_account, reset_password])
def test_what_ends_an_account_ends_its_tokens(staff, story, end):
    program = staff()
    end(story.dependencies, "gate1", actor=ACTOR)
    assert program.get("/me").status == 401


def test_an_account_is_on_one_phone_at_a_time(program, persona, story):
    password = make_guard_account(story.dependencies, "gate9")
    account = {"account": "gate9", "password": password}
    program.sign_in("password", {**account, "js_code": program.code(persona["openid"])})
    first = program.token
    program.sign_in("password", {**account, "js_code": program.code(persona["openid"])})
    assert program.get("/me")["members"][0]["account_name"] == "gate9"
    program.token = first
    assert program.get("/me").status == 401


def test_an_idle_token_ends(staff, clock):
    program = staff()
    clock.advance(hours=13)
    assert program.get("/me").status == 401


def test_a_token_in_use_lives_on_and_not_for_ever(staff, clock):
    program = staff()
    for _ in range(71):
        clock.advance(hours=10)
        assert program.get("/me").status == 200
    clock.advance(hours=11)
    assert program.get("/me").status == 401


def test_a_first_password_may_only_be_changed(program, story):
    make_guard_account(story.dependencies, "gate9")
    password = reset_password(story.dependencies, "gate9", actor=ACTOR)
    signed_in = program.sign_in("password", {"account": "gate9", "password": password})
    assert signed_in["must_change_password"]
    changed = program.post("/me/password", {"old": password, "new": "Ein-neues-Wort-77"})
    assert changed.status == 204
    assert program.get("/me").status == 401


@pytest.mark.parametrize(
    "header",
    ["", "Basic Zm9v", "Bearer", "Bearer x", "Bearer wxb_" + "a" * 43, "bearer  "],
)
def test_no_good_token_is_no_entry(program, header):
    refused = program.ask("GET", "/me", headers={"Authorization": header})
    assert refused.status == 401


def test_a_browsers_cookie_counts_for_nothing(app, story, program):
    browser = insider(app, "town9", Role.TOWN, "黄阁镇")
    browser.token = ""
    assert browser.ask("GET", "/office").status_code == 200
    assert browser.ask("GET", "/api/v1/me").status_code == 401


def test_a_browsers_session_is_no_token(app, story, program):
    browser = insider(app, "town9", Role.TOWN, "黄阁镇")
    with browser.client.session_transaction(base_url=browser.base_url) as cookie:
        program.token = cookie["sid"]
    assert program.get("/me").status == 401
