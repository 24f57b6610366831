"""货车司机台账: who stands in it for whom, what is found, and that every look is written down."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import event, select, text

from models.audit import AuditEntry
from models.database import db, reading
from models.employees import Employee
from tests.people import resident_id
from wxbackend.domain.nucleic_acid import NucleicAcidResult
from wxbackend.domain.reservation import Verdict

LIST = "/office/drivers"


@pytest.fixture
def district(story):
    """Two towns; in the first two enterprises. Each has a driver of its own."""
    first = story.enterprise("黄阁甲物流有限公司", "黄阁镇", "13900000001")
    second = story.enterprise("黄阁乙物流有限公司", "黄阁镇", "13900000003")
    third = story.enterprise("东涌丙运输有限公司", "东涌镇", "13900000002")
    story.employ(first, resident_id(1), "黄某某")
    story.employ(second, resident_id(2), "赵某某")
    story.employ(third, resident_id(3), "钱某某")
    return story


def ids() -> dict[str, str]:
    with reading() as session:
        return dict(session.execute(select(Employee.name, Employee.public_id)).all())


def names_in(browser) -> list[str]:
    return re.findall(r'<th class="stick" scope="row"><a [^>]*>([^<]+)</a>', browser.page)


def search(browser, **fields) -> list[str]:
    browser.get(LIST)
    browser.post(f"{LIST}/search", fields)
    assert browser.status == 200
    return names_in(browser)


def audits(action: str) -> list[AuditEntry]:
    with reading() as session:
        query = select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.id)
        found = list(session.scalars(query))
        session.expunge_all()
        return found


@pytest.mark.parametrize(
    ("role", "place", "seen"),
    [
        ("bureau", "", {"黄某某", "赵某某", "钱某某"}),
        ("town", "黄阁镇", {"黄某某", "赵某某"}),
        ("town", "大岗镇", set()),
        ("enterprise", "13900000001", {"黄某某"}),
        ("enterprise", "13900000002", {"钱某某"}),
    ],
)
def test_everybody_sees_the_people_of_their_scope(district, office, role, place, seen):
    browser = office(role, place)
    browser.get(LIST)
    assert set(names_in(browser)) == seen
    assert f"在册司机 {len(seen)} 人" in browser.text
    if seen:
        assert f"共 {len(seen)} 人" in browser.text


@pytest.mark.parametrize(("role", "place"), [("town", "东涌镇"), ("enterprise", "13900000002")])
@pytest.mark.parametrize("name", ["黄某某", "赵某某"])
def test_nobody_of_another_scope_is_found_or_opened(district, office, role, place, name):
    number = {"黄某某": resident_id(1), "赵某某": resident_id(2)}[name]
    district.test_result(number, hours_ago=3)
    browser = office(role, place)
    for fields in ({"name": name}, {"id_number": number}, {"enterprise_name": "黄阁"}):
        assert search(browser, **fields) == []
    town_id = district.district.town_ids["黄阁镇"]
    browser.get(f"{LIST}?town={town_id}")
    assert names_in(browser) == []
    driver = ids()[name]
    for tab in ("", "/tests", "/vaccinations"):
        browser.get(f"{LIST}/{driver}{tab}")
        assert browser.status == 404
        assert name not in browser.text
    browser.post(f"{LIST}/{driver}/reveal", {"field": "id_number"})
    assert browser.status == 404
    assert audits("see_driver") == []
    assert audits("reveal_number") == []


def test_the_enterprise_filter_tells_nothing_of_another_scope(district, office):
    with reading() as session:
        query = "SELECT public_id FROM enterprise WHERE name = '黄阁甲物流有限公司'"
        other = session.execute(text(query)).scalar_one()
    bureau = office("bureau")
    bureau.get(f"{LIST}?enterprise={other}")
    assert names_in(bureau) == ["黄某某"]
    assert "所属企业 黄阁甲物流有限公司" in bureau.text
    lead = office("enterprise", "13900000002")
    lead.get(f"{LIST}?enterprise={other}")
    assert "黄阁甲" not in lead.text
    assert names_in(lead) == []


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"name": "黄"}, ["黄某某"]),
        ({"name": "某"}, []),
        ({"id_number": resident_id(2).lower()}, ["赵某某"]),
        ({"id_number": resident_id(3)[-4:]}, ["钱某某"]),
        ({"phone": "138 0000 5678"}, ["钱某某", "赵某某", "黄某某"]),
        ({"phone": "5678", "enterprise_name": "甲物流"}, ["黄某某"]),
        ({"plate": "a8k"}, []),
        ({"name": "%"}, []),
        ({"enterprise_name": "_"}, []),
    ],
)
def test_the_filters_find_what_they_say(district, office, fields, found):
    assert search(office("bureau"), **fields) == found


def test_names_and_numbers_never_stand_in_the_address(district, office):
    bureau = office("bureau")
    bureau.get(LIST)
    bureau.post(
        f"{LIST}/search",
        {"name": "黄", "phone": "5678", "id_number": resident_id(1), "enterprise_name": "甲"},
    )
    assert re.fullmatch(r"/office/drivers\?(enterprise_name=[^&]+&f=\w+)", bureau.path)
    assert "姓名 黄" in bureau.text
    without_name = re.search(r'class="chip" href="([^"]+)"[^>]*>姓名', bureau.page)
    assert without_name
    bureau.get(without_name[1].replace("&amp;", "&"))
    assert "姓名 黄" not in bureau.text
    assert "手机号 5678" in bureau.text


@pytest.mark.parametrize(
    ("hours", "result", "kind", "words"),
    [
        (24, "negative", "negative_24h", "24小时阴性"),
        (24.1, "negative", "negative_48h", "48小时阴性"),
        (48.1, "negative", "negative_72h", "72小时阴性"),
        (168, "negative", "negative_7d", "7天阴性"),
        (168.1, "negative", "nucleic_older", "阴性"),
        (3, "positive", "nucleic_not_negative", "阳性"),
        (-3, "negative", "nucleic_none", "无核酸检测记录"),
    ],
)
def test_the_class_is_the_gates_and_finds_its_people(district, office, hours, result, kind, words):
    district.test_result(resident_id(1), hours_ago=400)
    if kind != "nucleic_none":
        district.test_result(resident_id(1), hours_ago=hours, result=NucleicAcidResult(result))
    else:
        district.execute("DELETE FROM nucleic_acid_test")
        district.test_result(resident_id(1), hours_ago=hours)
    bureau = office("bureau")
    bureau.get(f"{LIST}?nucleic_acid={kind}&enterprise_name=甲")
    assert names_in(bureau) == ["黄某某"]
    assert words in bureau.text
    every = ["negative_24h", "negative_48h", "negative_72h", "negative_7d", "nucleic_older"]
    for other in {*every, "nucleic_not_negative", "nucleic_none"} - {kind}:
        bureau.get(f"{LIST}?nucleic_acid={other}&enterprise_name=甲")
        assert names_in(bureau) == []


def test_sorting_turns_around_and_nonsense_is_ignored(district, office):
    bureau = office("bureau")
    bureau.get(f"{LIST}?sort=enterprise")
    up = names_in(bureau)
    bureau.get(f"{LIST}?sort=-enterprise")
    assert names_in(bureau) == up[::-1]
    bureau.get(f"{LIST}?sort=id_number_hash&page=-3&size=1000000&town=x&nucleic_acid=bad")
    assert bureau.status == 200
    assert len(names_in(bureau)) == 3


def test_removed_people_stand_apart(district, office):
    district.execute("UPDATE employee SET removed_at = created_at WHERE name = '黄某某'")
    bureau = office("bureau")
    bureau.get(LIST)
    assert "黄某某" not in names_in(bureau)
    bureau.get(f"{LIST}?state=removed")
    assert names_in(bureau) == ["黄某某"]


def test_a_town_learns_no_test_of_somebody_removed(district, office):
    district.test_result(resident_id(1), hours_ago=3)
    district.execute("UPDATE employee SET removed_at = created_at WHERE name = '黄某某'")
    town = office("town", "黄阁镇")
    town.get(f"{LIST}?state=removed")
    assert 'class="tag' not in town.page
    assert names_in(town) == ["黄某某"]
    town.get(f"{LIST}?state=removed&nucleic_acid=negative_24h")
    assert names_in(town) == []
    town.get(f"{LIST}/{ids()['黄某某']}/tests")
    assert "核酸记录 0" in town.text


def test_each_tab_is_a_page_of_its_own_and_written_down(district, office):
    district.test_result(resident_id(1), hours_ago=30)
    district.doses(resident_id(1), 3)
    guard = district.guard()
    reserved = district.reserve(id_number=resident_id(1), name="黄某某")
    scan = district.scan(guard, reserved.token)
    district.decide(guard, scan, Verdict.DENIED, "健康码黄码")
    bureau = office("bureau")
    bureau.get(f"{LIST}/{ids()['黄某某']}")
    assert "通行记录 1 核酸记录 1 疫苗接种 3" in bureau.text
    assert "不予通行 健康码黄码 48小时阴性" in bureau.text
    bureau.get(f"{LIST}/{ids()['黄某某']}/tests")
    assert "30 小时前" in bureau.text
    bureau.get(f"{LIST}/{ids()['黄某某']}/vaccinations")
    assert "已完成接种三针" in bureau.text
    assert [entry.details["tab"] for entry in audits("see_driver")] == [
        "passages",
        "tests",
        "vaccinations",
    ]
    assert resident_id(1) not in bureau.page


def test_a_lead_sees_only_passages_that_were_their_drivers(district, office):
    """The same person drives for two; a passage belongs to whom the gate matched then."""
    guard = district.guard()
    district.execute("UPDATE employee SET removed_at = created_at WHERE name = '黄某某'")
    reserved = district.reserve(id_number=resident_id(1), name="黄某某")
    district.decide(guard, district.scan(guard, reserved.token))
    district.execute("UPDATE employee SET removed_at = NULL WHERE name = '黄某某'")
    lead = office("enterprise", "13900000001")
    lead.get(f"{LIST}/{ids()['黄某某']}")
    assert "通行记录 0" in lead.text
    lead.get(LIST)
    assert lead.text.count("—") >= 1


def test_numbers_are_shown_one_by_one_and_written_down(district, office):
    for browser in (office("enterprise", "13900000001"), office("town", "黄阁镇")):
        driver = ids()["黄某某"]
        browser.get(f"{LIST}/{driver}")
        browser.post(f"{LIST}/{driver}/reveal", {"field": "id_number"})
        assert browser.text == resident_id(1)
        browser.post(f"{LIST}/{driver}/reveal", {"field": "phone"})
        assert browser.text == "13800005678"
        browser.post(f"{LIST}/{driver}/reveal", {"field": "name"})
        assert browser.status == 404
    fields = [entry.details["field"] for entry in audits("reveal_number")]
    assert fields == ["id_number", "phone"] * 2


def test_the_one_before_and_after_follow_the_list(district, office):
    bureau = office("bureau")
    for sort in ("", "name", "-name", "enterprise", "-updated", "plate"):
        bureau.get(f"{LIST}?sort={sort}")
        order = names_in(bureau)
        found = ids()
        bureau.get(f"{LIST}/{found[order[1]]}?sort={sort}")
        beside = re.findall(r'href="/office/drivers/(\w{26})[^>]*rel="(\w+)"', bureau.page)
        assert beside == [(found[order[0]], "prev"), (found[order[2]], "next")], sort
    town = office("town", "黄阁镇")
    town.get(f"{LIST}/{ids()['黄某某']}")
    assert ids()["钱某某"] not in town.page


@pytest.mark.parametrize("role", ["admin", "auditor"])
def test_others_see_nobody(district, office, role):
    browser = office(role)
    for path in (LIST, f"{LIST}/{ids()['黄某某']}"):
        browser.get(path)
        assert browser.status == 403
        assert "黄某某" not in browser.text


def test_a_page_asks_few_questions(district, office):
    bureau = office("bureau")
    for number in range(10, 35):
        district.employ(1, resident_id(number), "孙某某")
        district.test_result(resident_id(number), hours_ago=20)
    asked: list[str] = []
    bureau.get(LIST)

    def note(_connection, _cursor, statement, *_more):
        asked.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    bureau.get(LIST)
    questions = [sql for sql in asked if sql.lstrip().upper().startswith(("SELECT", "WITH"))]
    event.remove(db.engine, "before_cursor_execute", note)
    assert len(questions) <= 7, "\n\n".join(questions)
