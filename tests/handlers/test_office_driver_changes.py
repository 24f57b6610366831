"""Rosters at the PC: who may write them, what a form says, and that nothing is lost."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from models.database import reading
from models.employees import Employee
from tests.people import credit_code, resident_id

LIST = "/office/drivers"
FORM = {
    "enterprise_called": "黄阁甲物流有限公司",
    "name": "孙某某",
    "id_type": "resident_id",
    "id_number": resident_id(5),
    "phone": "13700001111",
    "plate_number": "粤a·8k652",
    "position": "押运员",
}


@pytest.fixture
def district(story):
    own = story.enterprise("黄阁甲物流有限公司", "黄阁镇", "13900000001")
    story.enterprise("东涌乙运输有限公司", "东涌镇", "13900000002")
    story.employ(own, resident_id(1), "黄某某")
    return story


def people() -> dict[str, Employee]:
    with reading() as session:
        found = {row.name: row for row in session.scalars(select(Employee))}
        session.expunge_all()
        return found


@pytest.mark.parametrize(("role", "place"), [("bureau", ""), ("enterprise", "13900000001")])
def test_somebody_is_added_edited_removed_and_brought_back(district, office, role, place):
    browser = office(role, place)
    browser.get(f"{LIST}/new")
    browser.post(f"{LIST}/new", FORM)
    assert browser.status == 200
    assert "已添加员工" in browser.text
    added = people()["孙某某"]
    assert added.plate_number == "粤A8K652"
    page = f"{LIST}/{added.public_id}"
    browser.get(f"{page}/edit")
    assert resident_id(5) not in browser.page
    changed = {**FORM, "id_number": "", "phone": "", "position": "调度员"}
    browser.post(f"{page}/edit", {**changed, "version": browser.hidden("version")})
    assert "已保存" in browser.text
    assert people()["孙某某"].position == "调度员"
    assert people()["孙某某"].id_number == resident_id(5)
    browser.get(f"{page}/remove")
    assert "移除 1 人" in browser.text
    browser.post(f"{page}/remove")
    assert people()["孙某某"].removed_at is not None
    browser.get(page)
    browser.post(f"{page}/bring-back")
    assert people()["孙某某"].removed_at is None


def test_a_wrong_form_loses_nothing_and_says_where(district, office):
    bureau = office("bureau")
    bureau.get(f"{LIST}/new")
    wrong = {"enterprise_called": "没有的企业", "phone": "123", "id_number": resident_id(1)}
    bureau.post(f"{LIST}/new", {**FORM, **wrong})
    assert bureau.status == 422
    assert "没有这家启用的企业" in bureau.text
    assert 'value="孙某某"' in bureau.page
    bureau.post(f"{LIST}/new", {**FORM, "phone": "123"})
    assert bureau.status == 422
    assert "手机号码为 11 位数字" in bureau.text
    bureau.post(f"{LIST}/new", {**FORM, "id_number": resident_id(1)})
    assert "已在本企业名单中" in bureau.text
    assert list(people()) == ["黄某某"]


def test_the_credit_code_names_an_enterprise_too(district, office):
    bureau = office("bureau")
    bureau.get(f"{LIST}/new")
    bureau.post(f"{LIST}/new", {**FORM, "enterprise_called": f" {credit_code(2).lower()} "})
    assert "已添加员工" in bureau.text
    assert people()["孙某某"].enterprise_id == 2


def test_a_leads_form_begins_with_their_enterprise(district, office):
    lead = office("enterprise", "13900000001")
    lead.get(f"{LIST}/new")
    assert 'value="黄阁甲物流有限公司"' in lead.page


def test_a_lead_writes_no_roster_but_their_own(district, office):
    lead = office("enterprise", "13900000002")
    driver = people()["黄某某"].public_id
    lead.get(f"{LIST}/new")
    lead.post(f"{LIST}/new", FORM)
    assert lead.status == 422
    for path in ("edit", "remove"):
        lead.get(f"{LIST}/{driver}/{path}")
        assert lead.status == 404
    for path in ("edit", "remove", "bring-back"):
        lead.post(f"{LIST}/{driver}/{path}", FORM)
        assert lead.status == 404
    assert list(people()) == ["黄某某"]
    assert people()["黄某某"].removed_at is None


def test_a_town_only_looks(district, office):
    town = office("town", "黄阁镇")
    driver = people()["黄某某"].public_id
    town.get(LIST)
    assert not re.search("新增员工|导入员工", town.text)
    town.get(f"{LIST}/{driver}")
    assert not re.search("编辑|移除", town.text)
    for path in ("new", f"{driver}/edit", f"{driver}/remove", f"{driver}/bring-back"):
        town.post(f"{LIST}/{path}", FORM)
        assert town.status == 403
    assert list(people()) == ["黄某某"]
