"""The PC's way in: the rules of test_sign_in.py hold on it too (SEC-A05 to A09, B02 to B05)."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import text

from models.database import reading
from tests.browser import Browser
from tests.people import ACTOR, make_office_account
from wxbackend.domain.roles import Role
from wxbackend.services.accounts import NewAccount, create_account, reset_password

OWN = "Kuaidian-chifan8"


def sign_in(browser: Browser, name: str, password: str) -> Browser:
    browser.get("/office/sign-in")
    browser.post("/office/sign-in", {"account": name, "password": password})
    return browser


@pytest.fixture
def bureau(story) -> tuple[str, str]:
    return make_office_account(story.dependencies, Role.BUREAU)


def change(browser: Browser, old: str, new: str) -> None:
    browser.get("/account/password")
    browser.post("/account/password", {"old": old, "new": new, "again": new})


# ---- SEC-A05, A06: wrong passwords -------------------------------------------------------------


def test_wrong_tries_are_counted_over_both_doors(stranger, bureau, app, sandbox):
    name, password = bureau
    for number in range(5):
        door = "/sign-in" if number % 2 else "/office/sign-in"
        stranger.get(door)
        stranger.post(door, {"account": name.upper() if number == 3 else name, "password": "x"})
    for door in ("/sign-in", "/office/sign-in"):
        stranger.get(door)
        stranger.post(door, {"account": name, "password": password})
        assert stranger.status == 429
    elsewhere = Browser(app, sandbox)
    elsewhere.environ["REMOTE_ADDR"] = "10.0.0.9"
    assert sign_in(elsewhere, name, password).path == "/office"


def test_the_old_password_is_not_guessed_on_the_change_page(stranger, bureau, clock):
    name, password = bureau
    sign_in(stranger, name, password)
    clock.advance(seconds=1)
    for _ in range(5):
        change(stranger, "wrong", OWN)
        assert stranger.status == 422
    change(stranger, password, OWN)
    assert stranger.status == 429
    with reading() as session:
        query = "SELECT succeeded FROM audit_entry WHERE action = 'change_password'"
        assert session.execute(text(query)).scalars().all() == [False] * 5


def test_the_pc_never_says_what_was_wrong(stranger, bureau):
    name, _ = bureau
    said = []
    for one in (name, "nobody-here"):
        sign_in(stranger, one, "wrong")
        assert stranger.status == 422
        said.append(stranger.page.replace(one, ""))
    without_token = [re.sub(r'csrf_token" value="[^"]+"', "", page) for page in said]
    assert without_token[0] == without_token[1]


# ---- SEC-A07, A08: first passwords -------------------------------------------------------------


@pytest.mark.parametrize("name", ["admin", "admin1", "root", "ry", "bureau1", "test"])
def test_no_account_and_no_password_is_there_by_itself(stranger, story, name):
    for password in ("123456", "admin123", "admin", "password", name):
        sign_in(stranger, name, password)
        assert stranger.status in {422, 429}


@pytest.mark.parametrize(
    ("role", "place", "paths"),
    [
        (Role.BUREAU, "", ["/office", "/office/enterprises", "/office/drivers", "/office/imports"]),
        (Role.ADMIN, "", ["/office/accounts", "/office/places", "/office/settings"]),
        (Role.AUDITOR, "", ["/office/audit", "/office/audit/exports", "/office/sign-ins"]),
        (Role.TOWN, "黄阁镇", ["/office", "/t", "/office/reservations"]),
    ],
)
def test_a_first_password_opens_only_the_change_page(stranger, story, role, place, paths):
    new = NewAccount("new-one", role, "新同事", place)
    first = create_account(story.dependencies, new, actor=ACTOR)
    sign_in(stranger, "new-one", first)
    assert stranger.path == "/account/password"
    assert "修改密码" in stranger.text
    for path in paths:
        stranger.get(path)
        assert stranger.path == "/account/password", path
    change(stranger, first, OWN)
    assert stranger.path == "/office/sign-in?changed=1"
    assert "密码已修改" in stranger.text
    sign_in(stranger, "new-one", OWN)
    assert stranger.path == paths[0]


def test_a_first_password_ends_after_seven_days(stranger, story, clock):
    first = create_account(
        story.dependencies, NewAccount("new-one", Role.BUREAU, "新同事"), actor=ACTOR
    )
    clock.advance(days=7)
    sign_in(stranger, "new-one", first)
    assert stranger.status == 422
    assert "初始密码已过期" in stranger.text
    again = reset_password(story.dependencies, "new-one", actor=ACTOR)
    assert sign_in(stranger, "new-one", again).path == "/account/password"


# ---- SEC-A09: which passwords, and for how long -------------------------------------------------


def test_a_long_password_is_taken_whole(stranger, bureau):
    name, password = bureau
    long = "Kd9-" + "changju-" * 15
    assert len(long) == 124
    change(sign_in(stranger, name, password), password, long)
    assert "密码已修改" in stranger.text
    sign_in(stranger, name, long[:-1])
    assert stranger.status == 422
    assert sign_in(stranger, name, long).path == "/office"


def test_the_last_five_passwords_do_not_come_back(stranger, bureau, clock):
    name, current = bureau
    first = current
    for number in range(5):
        new = f"Chuang-Qian{number}-yue"
        for former in (first, current):
            change(sign_in(stranger, name, current), current, former)
            assert stranger.status == 422
            assert "不能再用" in stranger.text or "不能与原密码相同" in stranger.text
        change(stranger, current, new)
        assert "密码已修改" in stranger.text, number
        current = new
        clock.advance(minutes=16)
    change(sign_in(stranger, name, current), current, first)
    assert "密码已修改" in stranger.text  # five others lie between


@pytest.mark.parametrize(("days", "path"), [(89, "/office"), (90, "/account/password")])
def test_a_password_grows_old(stranger, bureau, clock, days, path):
    name, password = bureau
    clock.advance(days=days, minutes=-5)
    if days == 90:
        clock.advance(minutes=5)
    assert sign_in(stranger, name, password).path == path


def test_who_is_on_shift_may_finish_it_with_an_old_password(staff, clock, story):
    browser = staff(on_shift=False)
    moved = "UPDATE account SET password_set_at = '{}'"
    long_ago = (clock() - timedelta(days=89, hours=23)).isoformat(sep=" ")
    story.execute(moved.format(long_ago))
    browser.get("/gate")
    browser.post("/gate/shift")
    clock.advance(hours=2)
    browser.get("/gate")
    assert browser.path == "/gate"
    clock.advance(hours=11)
    browser.get("/gate")
    assert browser.path in {"/account/password", "/sign-in"}


# ---- SEC-B02 to B05 ------------------------------------------------------------------------------


def test_signing_out_and_idling_end_the_session_on_the_server(stranger, bureau, clock):
    name, password = bureau
    sign_in(stranger, name, password)
    kept = stranger.cookie("wxbackend")
    stranger.post("/account/sign-out")
    stranger.set_cookie("wxbackend", kept)
    stranger.get("/office")
    assert stranger.path == "/office/sign-in"
    sign_in(stranger, name, password)
    clock.advance(minutes=29)
    stranger.get("/office")
    assert stranger.path == "/office"
    clock.advance(minutes=31)
    stranger.get("/office")
    assert stranger.path == "/office/sign-in"


def test_a_new_password_ends_the_other_sessions(stranger, bureau, app, sandbox):
    name, password = bureau
    other = sign_in(Browser(app, sandbox), name, password)
    change(sign_in(stranger, name, password), password, OWN)
    other.get("/office")
    assert other.path == "/office/sign-in"


@pytest.mark.parametrize(
    "path",
    [
        "/office/accounts/new",
        "/office/accounts/search",
        "/office/settings",
        "/office/settings/shift/default",
        "/office/places/town/new",
        "/office/places/town/1/up",
        "/office/places/checkpoint/1/poster/renew",
        "/account/password",
        "/account/sign-out",
    ],
)
def test_no_form_works_without_its_token_and_none_by_get(stranger, story, path):
    name, password = make_office_account(story.dependencies, Role.ADMIN)
    sign_in(stranger, name, password)
    before = counts()
    for token in ("", "forged"):
        stranger.post(path, {"csrf_token": token, "name": "x", "shift": "5"})
        assert stranger.status == 400
        assert "页面已过期" in stranger.text
    stranger.get(path)
    assert counts() == before
    stranger.get("/office/accounts")
    assert stranger.path == "/office/accounts"


def counts() -> list[object]:
    tables = ("account", "town", "office_setting", "browser_session")
    with reading() as session:
        return [session.execute(text(f"SELECT count(*) FROM {one}")).scalar_one() for one in tables]


# ---- the look ----------------------------------------------------------------------------------


def test_the_change_page_looks_like_the_port_it_is_opened_from(stranger, driver, bureau):
    name, password = bureau
    sign_in(stranger, name, password)
    stranger.get("/account/password")
    assert "office.css" in stranger.page
    driver.get("/d")
    driver.get("/sign-in")
    driver.post("/sign-in", {"account": name, "password": password})
    driver.get("/account/password")
    assert "mobile.css" in driver.page
    driver.post("/account/password", {"old": password, "new": OWN, "again": OWN})
    assert driver.path == "/sign-in?changed=1"
