"""首页: the numbers of the day, each leading to its list, inside the scope of who looks."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html import unescape

import pytest

from tests.people import ACTOR, resident_id
from tests.stories import Story
from wxbackend.domain.reservation import Verdict
from wxbackend.domain.roles import Role
from wxbackend.services.accounts import NewAccount, create_account
from wxbackend.services.jobs import Process, beat

FORENOON = datetime(2026, 4, 22, 2, 30, tzinfo=UTC)  # half past ten in the district


@pytest.fixture
def clock(clock):
    clock.now = FORENOON
    return clock


@pytest.fixture
def at_home(story, stranger):
    """Signs somebody in at the back office; their home page."""

    def sign_in(name: str, role: Role, place: str = ""):
        new = NewAccount(name, role, "值班员", place)
        password = create_account(story.dependencies, new, must_change=False, actor=ACTOR)
        stranger.get("/office/sign-in")
        stranger.post("/office/sign-in", {"account": name, "password": password})
        stranger.get("/office")
        return stranger

    return sign_in


def decide(story: Story, verdict=Verdict.ALLOWED, reason="", **changes) -> None:
    guard = story.guard("万顷沙卡口")
    reserved = story.reserve(**changes)
    story.decide(guard, story.scan(guard, reserved.token), verdict, reason)


def tile(page: str, title: str) -> tuple[str, str]:
    """The number on a tile and the address that it leads to."""
    found = re.search(
        rf'<a class="tile" href="([^"]+)"><span>{title}</span><b[^>]*>([\d,]+)<', page
    )
    assert found, title
    return found[2], unescape(found[1])


def test_the_tiles_count_todays_trucks_and_lead_to_them(story, at_home):
    decide(story)
    decide(story, Verdict.DENIED, "健康码黄码")
    story.reserve()
    page = at_home("bureau1", Role.BUREAU).page
    assert tile(page, "今日预约") == (
        "3",
        "/office/reservations?basis=arrival&first=2026-04-22&last=2026-04-22",
    )
    assert tile(page, "允许通行")[0] == "1"
    count, address = tile(page, "不予通行")
    assert count == "1"
    assert address.endswith("basis=decided&first=2026-04-22&last=2026-04-22&state=denied")
    assert tile(page, "待通行")[0] == "1"
    assert tile(page, "非南沙企业司机")[0] == "2"


def test_yesterday_counts_up_to_this_time_of_day(story, at_home, clock):
    clock.advance(days=-1, hours=-1)
    decide(story)
    clock.advance(hours=2)
    decide(story)
    clock.now = FORENOON
    page = at_home("bureau1", Role.BUREAU).page
    assert tile(page, "允许通行")[0] == "0"
    assert "昨日同时 1" in page
    days = re.search(r'data-chart="days".*?</section>', page, re.S)[0]
    yesterday = re.search(r">4/21</th>(.*?)</tr>", days, re.S)[1]
    assert ">2</a>" in yesterday
    assert "first=2026-04-21&amp;last=2026-04-21&amp;state=passed" in yesterday


def test_hours_checkpoints_reasons_and_towns_tell_today_apart(story, at_home, clock):
    decide(story)
    clock.advance(hours=-3)
    decide(story, Verdict.DENIED, "车辆超高")
    clock.now = FORENOON
    page = at_home("bureau1", Role.BUREAU).page
    hours = re.search(r'data-chart="hours".*?</section>', page, re.S)[0]
    assert re.search(r"<tr data-partial><th[^>]*>10时</th><td[^>]*><a[^>]*>1<", hours)
    assert re.search(r">7时</th><td[^>]*>0</td><td[^>]*><a[^>]*>1<", hours)
    assert re.search(r"<tr data-ahead><th[^>]*>11时", hours)
    checkpoint = story.district.checkpoint_ids["万顷沙卡口"]
    assert f"checkpoint={checkpoint}&amp;state=denied" in page
    assert "state=denied&amp;reason=other" in page
    assert "其他原因" in page
    town = story.district.town_ids["万顷沙镇"]
    assert f"town={town}&amp;state=passed" in page


def test_a_town_counts_its_own(story, at_home):
    here = str(story.district.town_ids["榄核镇"])
    decide(story, destination_town=here)
    decide(story)
    page = at_home("town1", Role.TOWN, "榄核镇").page
    assert tile(page, "允许通行")[0] == "1"
    assert tile(page, "今日预约")[0] == "1"
    assert "无告警接收人" not in page


def test_a_lead_counts_their_own_drivers(story, at_home):
    enterprise = story.enterprise("广州顺达物流有限公司", "黄阁镇", "13900000001")
    story.employ(enterprise, resident_id(7))
    decide(story, id_number=resident_id(7))
    decide(story)
    page = at_home("lead1", Role.ENTERPRISE, "13900000001").page
    assert tile(page, "允许通行")[0] == "1"
    assert tile(page, "待认证")[0] == "0"
    assert "非南沙企业司机" not in page


def test_notes_stand_only_for_what_a_person_should_do(story, at_home):
    for town in story.district.town_ids:
        story.recipient("somebody", town)
    story.test_result(resident_id(1), hours_ago=1)
    story.execute(
        "INSERT INTO register_status (register, data_until, imported_at)"
        " VALUES ('nucleic_acid', '2026-04-22 01:00:00+00', '2026-04-22 01:00:00+00')"
    )
    now = story.dependencies.clock()
    worker = Process("host:1:aa", "host", 1, now)
    beat(story.dependencies, worker, leader_since=now)
    browser = at_home("bureau1", Role.BUREAU)
    assert 'class="notes"' not in browser.page
    story.execute("DELETE FROM alert_recipient WHERE town_id = 9")
    story.execute("UPDATE register_status SET data_until = '2026-04-20 01:00:00+00'")
    browser.get("/office")
    assert "榄核镇 无告警接收人" in browser.text
    assert "核酸库 数据更新至 04-20 09:00，超 24 小时" in browser.text


@pytest.mark.parametrize("role", [Role.ADMIN, Role.AUDITOR])
def test_who_has_no_right_to_people_has_no_home_page(at_home, role):
    assert at_home("other1", role).status == 403
