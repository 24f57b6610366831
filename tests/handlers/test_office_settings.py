"""参数设置: bounds, before and after, the default again, and every process within ten seconds."""

from __future__ import annotations

import pytest
from sqlalchemy import event, text

from models.database import db, reading
from tests.browser import Browser
from tests.people import make_office_account
from wxbackend.app import create_app
from wxbackend.domain.office_numbers import OFFICE_NUMBERS, with_office_numbers
from wxbackend.domain.roles import Role
from wxbackend.services.office_settings import refresh_policy


def rows(sql: str) -> list[tuple[object, ...]]:
    with reading() as session:
        return [tuple(row) for row in session.execute(text(sql))]


@pytest.fixture
def admin(app, sandbox, story) -> Browser:
    name, password = make_office_account(story.dependencies, Role.ADMIN)
    browser = Browser(app, sandbox)
    browser.get("/office/sign-in")
    browser.post("/office/sign-in", {"account": name, "password": password})
    return browser


def set_number(admin: Browser, **numbers: str) -> None:
    admin.get("/office/settings")
    admin.post("/office/settings", numbers)


def test_a_number_holds_at_once_and_says_who_set_it(admin, driver):
    set_number(admin, bookable_ahead="3", most_passengers="2")
    assert "已保存 2 项" in admin.text
    assert admin.text.count("何某某") >= 2
    driver.get("/d/new")
    assert "最多 2 人" in driver.text


def test_full_width_digits_count_and_the_same_number_changes_nothing(admin):
    set_number(admin, bookable_ahead=" ３ ")
    assert "已保存 1 项" in admin.text
    set_number(admin, bookable_ahead="3")
    assert "没有改动" in admin.text
    assert rows("SELECT count(*) FROM audit_entry WHERE action = 'change_setting'") == [(1,)]


@pytest.mark.parametrize("typed", ["", "0", "31", "-1", "7.5", "七", "1e1", "99999", "７天"])
def test_a_number_out_of_bounds_is_refused_and_kept_in_its_field(admin, typed):
    set_number(admin, bookable_ahead=typed, shift="8")
    assert admin.status == 422
    assert "须在 1 至 30 之间" in admin.text or "请填写整数" in admin.text
    assert f'value="{typed}"' in admin.page
    assert rows("SELECT count(*) FROM office_setting") == [(0,)]


def test_before_and_after_are_written_down_and_the_default_comes_back(admin, story):
    set_number(admin, shift="8")
    set_number(admin, shift="10")
    admin.post("/office/settings/shift/default")
    assert "已恢复默认" in admin.text
    assert story.dependencies.policy.gate.shift.total_seconds() == 12 * 3600
    found = rows(
        "SELECT action, details FROM audit_entry WHERE object_kind = 'setting'"
        " AND object_id = 'shift' ORDER BY id"
    )
    assert [action for action, _ in found] == ["change_setting"] * 2 + ["restore_setting"]
    for (_, details), numbers in zip(found, ((12, 8), (8, 10), (10, 12)), strict=True):
        assert all(str(number) in str(details) for number in numbers)
    admin.post("/office/settings/nonsense/default")
    assert admin.status == 404


def test_another_process_hears_of_it_within_ten_seconds(admin, settings, clock):
    other = create_app(settings, clock=clock, with_web=False).extensions["wxbackend"]
    refresh_policy(other)
    set_number(admin, register_fresh_for="48")
    clock.advance(seconds=9)
    refresh_policy(other)
    assert other.policy.gate.register_fresh_for.total_seconds() == 24 * 3600
    clock.advance(seconds=1)
    refresh_policy(other)
    assert other.policy.gate.register_fresh_for.total_seconds() == 48 * 3600


def test_the_numbers_are_asked_for_once_in_ten_seconds(stranger, clock):
    asked: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *call: asked.append(call[2]))

    def questions() -> int:
        return sum("office_setting" in one for one in asked)

    clock.advance(seconds=10)
    for _ in range(5):
        stranger.get("/sign-in")
    assert questions() == 1
    clock.advance(seconds=10)
    stranger.get("/sign-in")
    assert questions() == 2
    stranger.get("/healthz")
    clock.advance(seconds=10)
    stranger.get("/healthz")
    assert questions() == 2


def test_wild_values_in_the_table_change_nothing(dependencies):
    wild = {"shift": "8", "bookable_ahead": 10**9, "most_passengers": True, "unknown": 1}
    assert with_office_numbers(dependencies.configured, wild) == dependencies.configured


@pytest.mark.parametrize("number", OFFICE_NUMBERS, ids=lambda number: number.key)
def test_each_number_is_read_where_it_is_written(dependencies, number):
    for value in (number.least, number.most):
        assert number.read(number.write(dependencies.configured, value)) == value
    assert number.allows(number.read(dependencies.configured))
