"""账号: the admin's list, the first password shown once, and what acts at once."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import event, text

from models.database import db, reading
from tests.browser import Browser
from tests.people import ACTOR, make_office_account
from wxbackend.domain.roles import Role
from wxbackend.services.account_changes import LastAdmin, switch_account
from wxbackend.services.accounts import NewAccount, create_account

OTHERS = [
    (Role.BUREAU, ""),
    (Role.TOWN, "黄阁镇"),
    (Role.AUDITOR, ""),
    (Role.CHECKPOINT, "黄阁卡口"),
]


def rows(sql: str, **values: object) -> list[tuple[object, ...]]:
    with reading() as session:
        return [tuple(row) for row in session.execute(text(sql), values)]


def signed_in(app, sandbox, story, role: Role, place: str = "") -> Browser:
    name, password = make_office_account(story.dependencies, role, place)
    return with_password(Browser(app, sandbox), name, password)


def with_password(browser: Browser, name: str, password: str) -> Browser:
    browser.get("/office/sign-in")
    browser.post("/office/sign-in", {"account": name, "password": password})
    browser.account = name
    return browser


@pytest.fixture
def admin(app, sandbox, story) -> Browser:
    return signed_in(app, sandbox, story, Role.ADMIN)


def public_id(name: str) -> str:
    return str(rows("SELECT public_id FROM account WHERE name = :name", name=name)[0][0])


def add(admin: Browser, **fields: str) -> str:
    """Create an account on the page; its first password."""
    admin.get("/office/accounts/new")
    admin.post("/office/accounts/new", fields)
    assert admin.status == 201, admin.text
    return re.search(r'class="secret"[^>]*>([^<]+)<', admin.page)[1]


def test_the_first_password_is_shown_once_and_kept_nowhere(admin, app, sandbox):
    password = add(
        admin, name="Gate9", display_name="新同事", role="checkpoint", checkpoint="黄阁卡口"
    )
    assert "只显示这一次" in admin.text
    assert admin.response.headers["Cache-Control"] == "no-store"
    admin.get("/office/accounts")
    assert "gate9" in admin.text
    assert password not in admin.page
    assert all(password not in str(row) for row in rows("SELECT details FROM audit_entry"))
    fresh = with_password(Browser(app, sandbox), "gate9", password)
    assert fresh.path == "/account/password"


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"name": "9", "display_name": "甲", "role": "bureau"}, "以字母开头"),
        ({"name": "new1", "display_name": " ", "role": "bureau"}, "请填写此项"),
        ({"name": "new1", "display_name": "甲", "role": "driver"}, "请选择"),
        ({"name": "new1", "display_name": "甲", "role": "town", "town": "无此镇"}, "已有的卡口"),
        ({"name": "new1", "display_name": "甲", "role": "enterprise", "phone": "139"}, "已登记"),
    ],
)
def test_a_wrong_form_is_answered_in_words_and_loses_nothing(admin, fields, sentence):
    admin.get("/office/accounts/new")
    admin.post("/office/accounts/new", fields)
    assert admin.status == 422
    assert sentence in admin.text
    assert f'value="{fields["name"]}"' in admin.page
    assert rows("SELECT count(*) FROM account WHERE name IN ('9', 'new1')") == [(0,)]


def test_a_taken_name_is_refused(admin):
    fields = {"name": admin.account, "display_name": "甲", "role": "bureau"}
    admin.get("/office/accounts/new")
    admin.post("/office/accounts/new", fields)
    assert admin.status == 422
    assert "账号已存在" in admin.text


def test_the_list_filters_sorts_and_counts(admin, story):
    for number in range(25):
        new = NewAccount(f"town{number:02}", Role.TOWN, f"张{number}", "黄阁镇")
        create_account(story.dependencies, new, actor=ACTOR)
    admin.get("/office/accounts?sort=name&page=2")
    assert "共 26 个" in admin.text
    assert "town24" in admin.text
    assert "town00" not in admin.text
    admin.get("/office/accounts")
    admin.post("/office/accounts/search", {"display_name": "张2", "role": "town"})
    assert "张2" not in admin.path
    assert "共 6 个" in admin.text
    admin.get("/office/accounts?role=admin&state=active")
    assert "共 1 个" in admin.text
    admin.get("/office/accounts?state=first_password")
    assert "共 25 个" in admin.text
    town = rows("SELECT id FROM town WHERE name = '横沥镇'")[0][0]
    admin.get(f"/office/accounts?place=town:{town}")
    assert "没有符合条件的账号" in admin.text


@pytest.mark.parametrize(
    ("role", "place", "step"),
    [
        (Role.BUREAU, "", "disable"),
        (Role.BUREAU, "", "kick"),
        (Role.BUREAU, "", "reset"),
        (Role.TOWN, "黄阁镇", "disable"),
    ],
)
def test_what_ends_an_account_acts_at_once(app, sandbox, story, admin, role, place, step):
    other = signed_in(app, sandbox, story, role, place)
    other.get("/office")
    assert other.path == "/office"
    one = public_id(other.account)
    admin.get(f"/office/accounts/{one}/{step}")
    admin.post(f"/office/accounts/{one}/{step}")
    assert admin.status == 200
    other.get("/office")
    assert other.path == "/office/sign-in"


def test_a_disabled_account_comes_back_with_its_password(app, sandbox, story, admin):
    name, password = make_office_account(story.dependencies, Role.BUREAU)
    one = public_id(name)
    for step in ("disable", "enable"):
        admin.get(f"/office/accounts/{one}/{step}")
        admin.post(f"/office/accounts/{one}/{step}")
    assert "已启用" in admin.text
    assert with_password(Browser(app, sandbox), name, password).path == "/office"


def test_another_place_ends_sessions_and_is_written_down(app, sandbox, story, admin):
    other = signed_in(app, sandbox, story, Role.TOWN, "黄阁镇")
    one = public_id(other.account)
    admin.get(f"/office/accounts/{one}/edit")
    same = {"display_name": "何某某", "role": "town", "town": "黄阁镇"}
    admin.post(f"/office/accounts/{one}/edit", same)
    other.get("/office")
    assert other.path == "/office"
    admin.get(f"/office/accounts/{one}/edit")
    admin.post(f"/office/accounts/{one}/edit", {**same, "town": "横沥镇"})
    assert "横沥镇" in admin.text
    other.get("/office")
    assert other.path == "/office/sign-in"
    details = rows("SELECT details FROM audit_entry WHERE action = 'change_account' ORDER BY id")
    assert len(details) == 2
    assert "town_id" in str(details[1][0])
    assert "何某某" not in str(details)


def test_a_role_changes_only_with_its_place(app, sandbox, story, admin):
    name, _ = make_office_account(story.dependencies, Role.BUREAU)
    one = public_id(name)
    admin.get(f"/office/accounts/{one}/edit")
    admin.post(f"/office/accounts/{one}/edit", {"display_name": "何", "role": "checkpoint"})
    assert admin.status == 422
    assert "已有的卡口" in admin.text
    admin.post(
        f"/office/accounts/{one}/edit",
        {"display_name": "何", "role": "checkpoint", "checkpoint": "东涌卡口"},
    )
    assert "东涌卡口" in admin.text


@pytest.mark.parametrize("step", ["disable", "reset", "kick"])
def test_an_admin_does_not_shut_themselves_out(admin, step):
    one = public_id(admin.account)
    admin.get(f"/office/accounts/{one}")
    admin.post(f"/office/accounts/{one}/{step}")
    assert admin.status == 409
    assert "自己的账号" in admin.text
    admin.get("/office/accounts")
    assert admin.path == "/office/accounts"


def test_an_admin_does_not_demote_themselves(admin):
    one = public_id(admin.account)
    admin.get(f"/office/accounts/{one}/edit")
    admin.post(f"/office/accounts/{one}/edit", {"display_name": "何", "role": "bureau"})
    assert admin.status == 409
    admin.get(f"/office/accounts/{one}/edit")
    admin.post(f"/office/accounts/{one}/edit", {"display_name": "何新名", "role": "admin"})
    assert "何新名" in admin.text


def test_the_last_admin_stays(admin, story):
    """Two admins who disable each other at once would leave nobody; the second is refused."""
    one = public_id(admin.account)
    with pytest.raises(LastAdmin):
        switch_account(story.dependencies, one, is_active=False, actor=ACTOR)
    make_office_account(story.dependencies, Role.ADMIN)
    switch_account(story.dependencies, one, is_active=False, actor=ACTOR)


def test_unbinding_ends_the_phone_and_never_shows_the_openid(admin, driver, story):
    name, password = make_office_account(story.dependencies, Role.CHECKPOINT, "黄阁卡口")
    driver.get("/gate")
    driver.post("/sign-in", {"account": name, "password": password})
    assert "开始值班" in driver.text
    one = public_id(name)
    admin.get(f"/office/accounts/{one}")
    assert "自动登录" in admin.text
    assert driver.openid not in admin.page
    admin.get(f"/office/accounts/{one}/unbind")
    admin.post(f"/office/accounts/{one}/unbind")
    assert "未绑定" in admin.text
    driver.get("/gate")
    assert driver.path == "/sign-in"


@pytest.mark.parametrize(("role", "place"), OTHERS)
@pytest.mark.parametrize(
    "path",
    ["/office/accounts", "/office/accounts/new", "/office/places", "/office/settings"],
)
def test_the_admins_pages_refuse_other_roles(app, sandbox, story, role, place, path):
    other = signed_in(app, sandbox, story, role, place)
    other.get(path)
    assert other.status == 403
    other.post(path)
    assert other.status in {403, 405}


def test_every_change_is_in_the_audit_log_once(admin, story):
    add(admin, name="gate9", display_name="新同事", role="bureau")
    one = public_id("gate9")
    for step in ("reset", "kick", "disable", "enable"):
        admin.get(f"/office/accounts/{one}/{step}")
        admin.post(f"/office/accounts/{one}/{step}")
    found = rows(
        "SELECT action, actor_label FROM audit_entry WHERE object_kind = 'account' AND object_id ="
        " (SELECT CAST(id AS VARCHAR(20)) FROM account WHERE name = 'gate9') ORDER BY id"
    )
    assert [action for action, _ in found] == [
        "create_account",
        "reset_password",
        "end_sessions",
        "disable_account",
        "enable_account",
    ]
    assert {label for _, label in found} == {admin.account}


def test_guessed_ids_and_steps_are_not_found(admin):
    for path in ("/office/accounts/" + "a" * 26, f"/office/accounts/{'a' * 26}/reset"):
        admin.get(path)
        assert admin.status == 404
    admin.get(f"/office/accounts/{public_id(admin.account)}/delete")
    assert admin.status == 404


def test_the_list_asks_few_questions(app, admin, story):
    asked: list[str] = []
    for number in range(5):
        new = NewAccount(f"gate{number}", Role.CHECKPOINT, "甲", "黄阁卡口")
        create_account(story.dependencies, new, actor=ACTOR)
    event.listen(db.engine, "before_cursor_execute", lambda *call: asked.append(call[2]))
    admin.get("/office/accounts")
    questions = [one for one in asked if one.lstrip().upper().startswith("SELECT")]
    assert len(questions) <= 6, questions
