"""The lead's pages on the phone: 员工管理 and 司机预约查询, inside what the lead answers for."""

from __future__ import annotations

import io
import re

import pytest
from sqlalchemy import text

from models.database import reading
from tests.browser import Browser
from tests.people import resident_id
from wxbackend.domain.reservation import Verdict

PHONE = "13900000001"
EMPLOYEE = {
    "name": "郑某某",
    "id_type": "resident_id",
    "id_number": resident_id(7),
    "phone": "13711110007",
    "plate_number": "粤A06218D",
    "position": "司机",
}


def sign_in(app, story, sandbox, phone: str = PHONE) -> Browser:
    browser = Browser(app, sandbox)
    browser.get("/sign-in/phone")
    browser.post("/sign-in/phone/code", {"phone": phone})
    story.send_all()
    code = sandbox.messages(channel="sms")[-1]["text"][3:9]
    browser.post("/sign-in/phone", {"phone": phone, "code": code})
    return browser


@pytest.fixture
def own(story) -> int:
    return story.enterprise("广州顺达物流有限公司", "黄阁镇", PHONE)


@pytest.fixture
def other(story) -> int:
    return story.enterprise("广东海湾运输有限公司", "东涌镇", "13900000002")


@pytest.fixture
def lead(app, story, sandbox, own) -> Browser:
    return sign_in(app, story, sandbox)


def link_of(browser: Browser, words: str) -> str:
    for address, content in re.findall(
        r'<a [^>]*href="([^"]+)"[^>]*>(.*?)</a>', browser.page, re.S
    ):
        if words in re.sub(r"<[^>]+>", "", content):
            return address.replace("&amp;", "&")
    raise AssertionError(f"no link {words} on {browser.path}")


def rows(sql: str) -> int:
    with reading() as session:
        return session.execute(text(sql)).scalar_one()


def decided(story, number: int, verdict=Verdict.ALLOWED, **changes) -> str:
    reserved = story.reserve(id_number=resident_id(number), **changes)
    guard = story.guard()
    reason = "健康码黄码" if verdict is Verdict.DENIED else ""
    story.decide(guard, story.scan(guard, reserved.token), verdict, reason)
    return reserved.public_id


def add(lead: Browser, **changes: str) -> None:
    lead.get("/e/employees/new")
    lead.post("/e/employees/new", {**EMPLOYEE, **changes})


def test_the_home_page_has_the_manuals_two_entries(lead, story, own):
    story.employ(own, resident_id(1))
    lead.get("/e")
    assert "员工管理 在册 1 人" in lead.text
    assert "司机预约查询" in lead.text
    for words in ("员工管理", "司机预约查询", "代预约"):
        address = link_of(lead, words)
        lead.get(address)
        assert lead.status == 200
        lead.get("/e")


def test_an_employee_is_added_found_edited_and_removed(lead, own):
    add(lead)
    assert "已添加员工" in lead.text
    detail = lead.path
    assert EMPLOYEE["id_number"] not in lead.page
    lead.get("/e/employees")
    lead.post("/e/employees/search", {"q": "06218"})
    assert "郑某某" in lead.text
    assert "06218" not in lead.path
    lead.get(f"{detail}/edit")
    assert EMPLOYEE["phone"] not in lead.page
    version = lead.hidden("version")
    lead.post(
        f"{detail}/edit",
        {**EMPLOYEE, "id_number": "", "phone": "", "position": "押运员", "version": version},
    )
    assert "押运员" in lead.text
    lead.get(f"{detail}/remove")
    lead.post(f"{detail}/remove")
    assert "郑某某" not in lead.text
    lead.get("/e/employees?removed=yes")
    assert "郑某某" in lead.text
    lead.get(detail)
    lead.post(f"{detail}/bring-back")
    assert "已恢复" in lead.text


def test_wrong_fields_say_why_and_nothing_is_lost(lead):
    add(lead, id_number="440115198803120008", phone="1")
    assert lead.status == 422
    assert "第 18 位校验码不对" in lead.text
    assert "郑某某" in lead.page
    assert "粤A06218D" in lead.page


def test_a_number_is_shown_when_asked_for_and_the_look_is_kept(lead):
    add(lead)
    detail = lead.path
    lead.post(detail, {"field": "phone"})
    assert EMPLOYEE["phone"] in lead.text
    assert EMPLOYEE["id_number"] not in lead.page
    assert rows("SELECT count(*) FROM audit_entry WHERE action = 'reveal_number'") == 1
    lead.post(detail, {"field": "id_number_hash"})
    assert lead.status == 404


def test_two_editors_do_not_overwrite_each_other(lead):
    add(lead)
    detail = lead.path
    lead.get(f"{detail}/edit")
    version = lead.hidden("version")
    for position in ("一", "二"):
        lead.post(f"{detail}/edit", {**EMPLOYEE, "position": position, "version": version})
    assert lead.status == 422
    assert "刚被他人修改" in lead.text


def test_more_than_a_page_of_employees_is_reached_by_a_link(lead, story, own):
    for number in range(27):
        story.employ(own, resident_id(100 + number), f"司机{'甲乙丙丁戊己庚辛壬癸'[number % 10]}")
    lead.get("/e/employees")
    assert lead.page.count("row_go") == 25
    lead.get(link_of(lead, "加载更多"))
    assert lead.page.count("row_go") == 2
    assert "上一页" in lead.text


def test_passed_and_not_passed_are_told_apart(lead, story, own):
    for number in (1, 2, 3):
        story.employ(own, resident_id(number))
    decided(story, 1, name="李某某")
    decided(story, 2, Verdict.DENIED, name="张某某")
    story.submit(story.driver(), id_number=resident_id(3), name="冯某某")
    lead.get("/e/reservations")
    assert "已通行 1" in lead.text
    assert "未通行 2" in lead.text
    assert "李某某" in lead.text
    assert "张某某" not in lead.text
    lead.get("/e/reservations?tab=open")
    assert "张某某 不予通行" in lead.text
    assert "原因：健康码黄码" in lead.text
    assert "冯某某 待认证" in lead.text
    lead.post("/e/reservations/search", {"q": "冯", "tab": "open"})
    assert "张某某" not in lead.text
    lead.get(link_of(lead, "冯某某"))
    assert "预计到达" in lead.text
    assert resident_id(3) not in lead.page
    lead.post(lead.path, {"field": "driver-id_number"})
    assert resident_id(3) in lead.text


def test_a_passage_shows_where_when_and_why(lead, story, own):
    story.employ(own, resident_id(2))
    public_id = decided(story, 2, Verdict.DENIED, name="张某某")
    lead.get(f"/e/reservations/{public_id}")
    for words in ("通行记录 不予通行", "卡口 万顷沙卡口", "原因 健康码黄码", "匹配企业 广州顺达"):
        assert words in lead.text
    assert "陈1号" not in lead.text  # who stood at the gate is for the authorities


def theirs(story, other) -> tuple[str, str]:
    """An employee and a passage of another enterprise."""
    story.employ(other, resident_id(5), "王某某")
    public_id = decided(story, 5, name="王某某")
    with reading() as session:
        employee = session.execute(text("SELECT public_id FROM employee")).scalar_one()
    return employee, public_id


def test_nothing_of_another_enterprise_is_seen_or_counted(lead, story, own, other):
    employee, reservation = theirs(story, other)
    for path in (
        "/e",
        "/e/employees",
        "/e/reservations",
        "/e/reservations?tab=open",
        "/e/prepared/pick",
    ):
        lead.get(path)
        assert "王某某" not in lead.text, path
    lead.get("/e/reservations")
    assert "已通行 0" in lead.text
    lead.post("/e/reservations/search", {"q": "王"})
    assert "王某某" not in lead.text
    lead.post("/e/employees/search", {"q": resident_id(5)})
    assert "王某某" not in lead.text
    paths = [f"/e/employees/{employee}{rest}" for rest in ("", "/edit", "/remove", "/reservations")]
    paths += [f"/e/reservations/{reservation}", f"/e/reservations/{reservation}/images/x.jpg"]
    paths += [f"/e/prepared/new?employee={employee}"]
    for path in paths:
        lead.get(path)
        assert lead.status == 404, path
    for path in (
        f"/e/employees/{employee}",
        f"/e/employees/{employee}/remove",
        f"/e/reservations/{reservation}",
    ):
        lead.post(path, {"field": "phone"})
        assert lead.status == 404, path


def test_a_lead_of_two_chooses_between_them_and_no_third(app, story, sandbox, own, other):
    story.enterprise("广州港通达货运有限公司", "黄阁镇", PHONE)
    lead = sign_in(app, story, sandbox)
    lead.get("/e")
    second = link_of(lead, "广州港通达货运有限公司")
    lead.get(second)
    assert "黄阁镇 · 企业负责人 广州港通达货运有限公司" in lead.text
    lead.get(link_of(lead, "员工管理"))
    key = re.search(r"e=([a-z2-7]{26})", lead.page)
    assert key
    add_to = {**EMPLOYEE, "e": key[1]}
    lead.post("/e/employees/new", add_to)
    assert "所属企业 广州港通达货运有限公司" in lead.text
    with reading() as session:
        stranger = session.execute(
            text(f"SELECT public_id FROM enterprise WHERE id = {other}")
        ).scalar_one()
    lead.get(f"/e/employees?e={stranger}")
    assert lead.status == 404
    lead.post("/e/employees/new", {**EMPLOYEE, "e": stranger})
    assert lead.status == 404


def test_a_lost_enterprise_is_lost_at_once(app, story, sandbox, own):
    second = story.enterprise("广州港通达货运有限公司", "黄阁镇", PHONE)
    story.employ(second, resident_id(9), "邓某某")
    lead = sign_in(app, story, sandbox)
    with reading() as session:
        employee = session.execute(text("SELECT public_id FROM employee")).scalar_one()
    lead.get(f"/e/employees/{employee}")
    assert lead.status == 200
    story.execute(f"DELETE FROM enterprise_lead WHERE enterprise_id = {second}")
    lead.get(f"/e/employees/{employee}")
    assert lead.status == 404
    lead.get("/e")
    assert "广州港通达" not in lead.text


def test_a_search_of_one_lead_is_nothing_to_another(app, lead, story, sandbox, own, other):
    story.employ(other, resident_id(5), "王某某")
    lead.post("/e/employees/search", {"q": "王某某"})
    lead.get("/e/employees")
    lead.post("/e/employees/search", {"q": "王某某"})
    address = lead.path
    assert "f=" in address
    stranger = sign_in(app, story, sandbox, "13900000002")
    stranger.get(address)
    assert "清除搜索" not in stranger.text


def workbook(*lines: tuple[str, ...]) -> tuple[io.BytesIO, str]:
    content = "\n".join(
        ",".join(line) for line in (("姓名", "证件号码", "手机号", "车牌号"), *lines)
    )
    return io.BytesIO(content.encode()), "员工.csv"


def test_employees_come_from_a_file_after_a_preview(lead, own):
    lead.get("/e/import")
    lead.post(
        "/e/import",
        {
            "file": workbook(
                ("郑某某", resident_id(7), "13711110007", "粤A06218D"), ("邓某某", "123", "1", "")
            )
        },
    )
    assert "1 新增" in lead.text
    assert "1 错误" in lead.text
    assert "第 3 行 邓某某" in lead.text.replace("\u3000", " ").replace("  ", " ")
    assert resident_id(7) not in lead.page
    upload = lead.path
    lead.get("/e/employees")
    assert "郑某某" not in lead.text
    lead.get(upload)
    lead.post(upload + "/take")
    assert "导入完成" in lead.text
    lead.get("/e/employees")
    assert "郑某某" in lead.text


def test_a_file_is_given_up_and_another_leads_is_not_found(app, lead, story, sandbox, own, other):
    lead.get("/e/import")
    lead.post("/e/import", {"file": workbook(("郑某某", resident_id(7), "13711110007", ""))})
    upload = lead.path
    stranger = sign_in(app, story, sandbox, "13900000002")
    stranger.get(upload)
    assert stranger.status == 404
    for action in ("/take", "/leave"):
        stranger.post(upload + action)
        assert stranger.status == 404
    lead.post(upload + "/leave")
    assert "未写入任何数据" in lead.text
    lead.get("/e/employees")
    assert "郑某某" not in lead.text


def test_the_template_and_a_missing_file(lead, own):
    lead.get("/e/import/template")
    assert lead.status == 200
    assert lead.response.headers["Content-Disposition"].startswith("attachment")
    lead.get("/e/import")
    lead.post("/e/import", {})
    assert lead.status == 422
    assert "请选择要上传的文件" in lead.text
