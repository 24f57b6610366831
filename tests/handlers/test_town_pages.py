"""The town's pages on the phone: 货车司机 of one town, nothing of another, and nothing to write."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from models.database import reading
from tests.browser import Browser
from tests.handlers.test_lead_pages import decided, link_of
from tests.people import ACTOR, resident_id
from wxbackend.domain.reservation import Verdict
from wxbackend.domain.roles import Role
from wxbackend.services.accounts import NewAccount, create_account

OWN, OTHER = "广州顺达物流有限公司", "广东海湾运输有限公司"


@pytest.fixture
def town(app, story, sandbox) -> Browser:
    new = NewAccount("town1", Role.TOWN, "林某某", "黄阁镇")
    password = create_account(story.dependencies, new, must_change=False, actor=ACTOR)
    browser = Browser(app, sandbox)
    browser.get("/sign-in")
    browser.post("/sign-in", {"account": "town1", "password": password})
    return browser


@pytest.fixture
def own(story) -> int:
    enterprise = story.enterprise(OWN, "黄阁镇", "13900000001")
    story.employ(enterprise, resident_id(1), "李某某")
    return enterprise


@pytest.fixture
def other(story) -> int:
    enterprise = story.enterprise(OTHER, "东涌镇", "13900000002")
    story.employ(enterprise, resident_id(5), "王某某")
    return enterprise


def scalar(sql: str) -> object:
    with reading() as session:
        return session.execute(text(sql)).scalar_one()


def test_from_the_enterprise_to_the_driver_to_the_passage(town, story, own):
    decided(story, 1, Verdict.DENIED, name="李某某")
    town.get("/t")
    assert "企业 1 家，司机 1 人" in town.text
    assert "1 不予通行" in town.text
    town.get(link_of(town, "货车司机"))
    assert f"{OWN} 司机 1 人" in town.text
    town.get(link_of(town, OWN))
    town.get(link_of(town, "李某某"))
    assert resident_id(1) not in town.page
    assert "李某某 不予通行" in town.text
    town.post(town.path, {"field": "id_number"})
    assert resident_id(1) in town.text
    assert scalar("SELECT count(*) FROM audit_entry WHERE action = 'reveal_number'") == 1
    town.get(link_of(town, "不予通行"))
    assert "原因 健康码黄码" in town.text


@pytest.mark.parametrize("words", ["李", "顺达", "8K6", resident_id(1)[-4:]])
def test_a_search_finds_enterprises_and_drivers(town, story, own, other, words):
    story.execute("UPDATE employee SET plate_number = '粤A8K652' WHERE name = '李某某'")
    town.get("/t/drivers")
    town.post("/t/drivers", {"q": words})
    assert ("李某某" in town.text) or (OWN in town.text)
    assert words not in town.path
    assert OTHER not in town.text
    assert "王某某" not in town.text


def test_drivers_of_no_roster_bound_for_the_town_are_there(town, story, own):
    ours = str(story.district.town_ids["黄阁镇"])
    story.submit(story.driver(), id_number=resident_id(8), name="冯某某", destination_town=ours)
    story.submit(story.driver(), id_number=resident_id(9), name="邓某某")  # for another town
    town.get("/t/reservations")
    assert "冯某某 待认证" in town.text
    assert "邓某某" not in town.text
    town.post("/t/reservations/search", {"q": "冯"})
    town.get(link_of(town, "冯某某"))
    assert town.status == 200
    town.post(town.path, {"field": "driver-phone"})
    assert "13800005678" in town.text


def test_passages_stand_apart_from_reservations(town, story, own):
    decided(story, 1, name="李某某")
    town.get("/t/reservations")
    assert "李某某" not in town.text
    town.get("/t/reservations?tab=decided")
    assert "李某某 已通行" in town.text


def test_nothing_of_another_town_is_seen_counted_or_guessed(town, story, own, other):
    reservation = decided(story, 5, name="王某某")
    pages = ("/t", "/t/drivers", "/t/reservations", "/t/reservations?tab=decided")
    for path in pages:
        town.get(path)
        assert "王某某" not in town.text, path
        assert OTHER not in town.text, path
    town.get("/t")
    assert "企业 1 家，司机 1 人" in town.text
    assert "0 已通行" in town.text
    for words in ("王", resident_id(5), "海湾"):
        town.post("/t/drivers", {"q": words})
        assert "没有找到" in town.text
    employee = scalar("SELECT public_id FROM employee WHERE name = '王某某'")
    enterprise = scalar(f"SELECT public_id FROM enterprise WHERE id = {other}")
    for path in (
        f"/t/enterprises/{enterprise}",
        f"/t/drivers/{employee}",
        f"/t/reservations/{reservation}",
        f"/t/reservations/{reservation}/images/x.jpg",
    ):
        town.get(path)
        assert town.status == 404, path
    for path in (f"/t/drivers/{employee}", f"/t/reservations/{reservation}"):
        town.post(path, {"field": "phone"})
        assert town.status == 404, path


def test_a_town_cannot_use_the_leads_pages(town, own):
    employee = scalar("SELECT public_id FROM employee")
    for path in ("/e/employees", f"/e/employees/{employee}", f"/e/employees/{employee}/remove"):
        town.get(path)
        assert "李某某" not in town.text
    town.post(f"/e/employees/{employee}/remove")
    assert scalar("SELECT count(*) FROM employee WHERE removed_at IS NULL") == 1
