"""货车企业管理 over HTTP: who sees what, what the filters find, what forms answer."""

from __future__ import annotations

import io
import re

import pytest
from openpyxl import load_workbook
from sqlalchemy import event, text

from models.database import db, reading
from tests.people import ACTOR, credit_code, resident_id
from wxbackend.domain.scope import DistrictScope
from wxbackend.services.enterprises import disable_enterprises

LIST = "/office/enterprises"
EVIL = "<img src=x onerror=alert(1)>"


@pytest.fixture
def district(story):
    """Three enterprises in two towns."""
    ids = {
        "顺达": story.enterprise("广州顺达物流有限公司", "黄阁镇", "13900000001", "13900000002"),
        "骏通": story.enterprise("广州骏通货运有限公司", "黄阁镇", "13900000003"),
        "飞腾": story.enterprise("广州飞腾运输有限公司", "东涌镇", "13900000004"),
    }
    story.employ(ids["顺达"], resident_id(1))
    return ids


@pytest.fixture
def bureau(office, district):
    return office("bureau")


@pytest.fixture
def town(office, district):
    return office("town", "黄阁镇")


def public_id(row_id: int, table: str = "enterprise") -> str:
    with reading() as session:
        query = text(f"SELECT public_id FROM {table} WHERE id = :id")
        return str(session.execute(query, {"id": row_id}).scalar_one())


def stored(sql: str) -> list[tuple[object, ...]]:
    with reading() as session:
        return [tuple(row) for row in session.execute(text(sql))]


def names(browser) -> list[str]:
    return re.findall(r"广州(..)\w+有限公司</a>", browser.page)


def search(browser, **fields: str) -> list[str]:
    browser.post(f"{LIST}/search", fields)
    assert browser.status == 200
    return sorted(names(browser))


# ---- the list ----------------------------------------------------------------------------------


def test_the_bureau_sees_the_whole_district_with_counts(bureau):
    bureau.get(LIST)
    assert sorted(names(bureau)) == ["顺达", "飞腾", "骏通"]
    assert "全区 3 家，启用 3 家" in bureau.text
    assert "139****0001" in bureau.text
    assert "13900000001" not in bureau.page
    assert "负责人 等 2 人" in bureau.text


def test_a_town_user_sees_only_the_towns_and_may_not_write(town):
    town.get(LIST)
    assert sorted(names(town)) == ["顺达", "骏通"]
    assert "黄阁镇 2 家，启用 2 家" in town.text
    for words in ("新增企业", "编辑", "停用</a>", "调整镇街", "data-pick"):
        assert words not in town.page


@pytest.mark.parametrize("role", ["admin", "auditor"])
def test_admin_and_auditor_see_no_enterprise(office, district, role):
    browser = office(role)
    browser.get(LIST)
    assert browser.status == 403
    assert names(browser) == []


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"name": "顺达"}, ["顺达"]),
        ({"name": credit_code(2)}, ["骏通"]),
        ({"name": credit_code(2).lower()}, ["骏通"]),
        ({"lead": "负责"}, ["顺达", "飞腾", "骏通"]),
        ({"lead": "责人"}, []),
        ({"phone": "13900000002"}, ["顺达"]),
        ({"phone": "0004"}, ["飞腾"]),
        ({"phone": "139 0000 0004"}, ["飞腾"]),
        ({"phone": "3900"}, []),
        ({"state": "disabled"}, []),
        ({"passages": "yes"}, []),
        ({"passages": "no"}, ["顺达", "飞腾", "骏通"]),
        ({"business": "仓储"}, []),
        ({"name": "%"}, []),
        ({"name": "_"}, []),
        ({"lead": "%"}, []),
        ({"name": "' OR 1=1 --"}, []),
        ({"town": "999999999999999999999"}, ["顺达", "飞腾", "骏通"]),
        ({"town": "nonsense", "state": "x", "passages": "x"}, ["顺达", "飞腾", "骏通"]),
    ],
)
def test_the_filters_find(bureau, fields, found):
    bureau.get(LIST)
    assert search(bureau, **fields) == found


def test_the_town_filter_finds(bureau, story):
    bureau.get(LIST)
    assert search(bureau, town=str(story.district.town_ids["东涌镇"])) == ["飞腾"]
    assert "已用条件" in bureau.text


def test_names_and_numbers_never_stand_in_the_address(bureau):
    bureau.get(LIST)
    search(bureau, lead="负责", phone="13900000001", name="顺达")
    assert "13900000001" not in bureau.path
    assert "%E8%B4%9F" not in bureau.path
    assert "name=" in bureau.path


def test_a_chip_takes_one_private_condition_away(bureau):
    bureau.get(LIST)
    assert search(bureau, lead="负责", phone="0004") == ["飞腾"]
    chips = re.findall(r'class="chip" href="([^"]+)"', bureau.page)
    assert len(chips) == 2
    bureau.get(chips[1].replace("&amp;", "&"))
    assert sorted(names(bureau)) == ["顺达", "飞腾", "骏通"]
    assert "负责人 负责" in bureau.text
    assert "手机号 0004" not in bureau.text


def test_another_members_filter_finds_nothing_of_theirs(bureau, office):
    bureau.get(LIST)
    search(bureau, lead="负责", phone="0004")
    other = office("bureau")
    other.get(bureau.path)
    assert "手机号 0004" not in other.text


def test_columns_sort_both_ways(bureau):
    bureau.get(f"{LIST}?sort=-employees")
    assert names(bureau)[0] == "顺达"
    bureau.get(f"{LIST}?sort=employees")
    assert names(bureau)[-1] == "顺达"
    bureau.get(f"{LIST}?sort=password_hash")
    assert len(names(bureau)) == 3


def test_what_was_typed_is_shown_as_text(bureau, story):
    story.enterprise(EVIL, "黄阁镇")
    bureau.get(LIST)
    assert EVIL not in bureau.page
    assert "&lt;img src=x" in bureau.page
    search(bureau, name=EVIL, lead=EVIL, business=EVIL)
    assert EVIL not in bureau.page


def test_a_list_page_asks_at_most_six_questions(bureau, app):
    asked: list[str] = []
    bureau.get(LIST)
    search(bureau, lead="负责")
    address = bureau.path

    def note(connection, cursor, statement, *rest):
        if not statement.startswith("BEGIN"):
            asked.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    bureau.get(address)
    event.remove(db.engine, "before_cursor_execute", note)
    assert len(names(bureau)) == 3
    assert len(asked) <= 6, asked


def test_passages_of_the_last_seven_days_are_counted(bureau, story):
    guard = story.guard()
    reserved = story.reserve()
    story.decide(guard, story.scan(guard, reserved.token))
    bureau.get(LIST)
    assert search(bureau, passages="yes") == ["顺达"]
    assert re.search(r'<td class="num">1</td><td class="num">1</td>', bureau.page)


# ---- one enterprise ----------------------------------------------------------------------------


def test_the_detail_page_shows_leads_masked_until_asked(bureau, district):
    one = public_id(district["顺达"])
    bureau.get(f"{LIST}/{one}")
    assert "139****0001" in bureau.text
    assert "139****0002" in bureau.text
    assert "13900000001" not in bureau.page
    address = re.search(r'action="(/office/enterprises/\w+/leads/\w+/phone)"', bureau.page)[1]
    bureau.post(address, {"field": "phone"})
    assert "13900000001" in bureau.text
    looks = stored("SELECT action FROM audit_entry WHERE object_kind IN ('lead', 'enterprise')")
    assert looks == [("see_enterprise",), ("reveal_lead_phone",)]


def test_a_town_user_reveals_a_number_of_the_own_town_only(town, district):
    town.get(f"{LIST}/{public_id(district['顺达'])}")
    address = re.search(r'action="(/office/enterprises/\w+/leads/\w+/phone)"', town.page)[1]
    town.post(address)
    assert "13900000001" in town.text
    other = f"{LIST}/{public_id(district['飞腾'])}/leads/{public_id(4, 'lead')}/phone"
    town.post(other)
    assert town.status == 404
    assert "13900000004" not in town.page


@pytest.mark.parametrize("path", ["", "/leads", "/edit", "/enable"])
def test_another_towns_enterprise_is_not_there(town, district, path):
    town.get(f"{LIST}/{public_id(district['飞腾'])}{path}")
    assert town.status == (404 if not path else 403)
    assert "飞腾" not in town.page


def test_a_lead_of_two_towns_shows_a_town_only_its_own(story, town, bureau, district):
    story.enterprise("广州远航集装箱运输有限公司", "东涌镇", "13900000001")
    one = f"{LIST}/{public_id(district['顺达'])}"
    town.get(one)
    assert "远航" not in town.page
    bureau.get(one)
    assert "远航" in bureau.page


def test_a_page_of_the_list_is_not_a_way_around_the_scope(town, story, district):
    town.get(LIST)
    assert search(town, town=str(story.district.town_ids["东涌镇"])) == []
    assert search(town, phone="0004") == []
    assert "共 0 家" in town.text
    assert "黄阁镇 2 家" in town.text


# ---- writing -----------------------------------------------------------------------------------

NEW = {
    "name": "广州新程运输有限公司",
    "credit_code": credit_code(77),
    "lead_name": "林海燕",
    "lead_phone": "13900000077",
    "address": "黄阁大道 1 号",
    "kind": "冷链运输",
    "remark": "",
}


def test_the_bureau_adds_an_enterprise(bureau, story):
    form = {**NEW, "town": str(story.district.town_ids["黄阁镇"])}
    bureau.get(f"{LIST}/new")
    bureau.post(f"{LIST}/new", form)
    assert (bureau.status, bureau.path) == (200, LIST)
    assert "已新增企业“广州新程运输有限公司”" in bureau.text
    assert names(bureau)[0] == "新程"
    assert "139****0077" in bureau.text


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", "", "请填写此项"),
        ("credit_code", "91440115MA50000772", "校验位不对"),
        ("credit_code", credit_code(1), "已登记为“广州顺达物流有限公司”"),
        ("town", "", "请选择"),
        ("town", "99999", "请从列表中选择"),
        ("lead_name", "", "请填写姓名"),
        ("lead_phone", "12345", "手机号码为 11 位数字"),
        ("lead_phone", "13900000001", "已登记为负责人“负责人”"),
        ("remark", "长" * 201, "最多 200 个字"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_lost(bureau, story, field, value, sentence):
    form = {**NEW, "town": str(story.district.town_ids["黄阁镇"]), field: value}
    bureau.get(f"{LIST}/new")
    bureau.post(f"{LIST}/new", form)
    assert bureau.status == 422
    assert sentence in bureau.text
    assert f'value="{form["address"]}"' in bureau.page
    assert stored("SELECT count(*) FROM enterprise") == [(3,)]


def hidden_fields(browser) -> dict[str, str]:
    return dict(
        re.findall(r'<input type="hidden" name="(seen-\w+)" value="([^"]*)">', browser.page)
    )


def edit_form(browser, row_id: int, **changes: str) -> dict[str, str]:
    browser.get(f"{LIST}/{public_id(row_id)}/edit")
    seen = hidden_fields(browser)
    values = {name.removeprefix("seen-"): value for name, value in seen.items()}
    return {**seen, **values, **changes}


def test_an_edit_is_saved_and_stands_in_the_history(bureau, district):
    one = public_id(district["顺达"])
    form = edit_form(bureau, district["顺达"], name="广州大达物流有限公司", remark="重点")
    bureau.post(f"{LIST}/{one}/edit", form)
    assert (bureau.path, bureau.status) == (LIST, 200)
    assert "大达" in names(bureau)
    bureau.get(f"{LIST}/{one}")
    assert "企业名称：广州顺达物流有限公司 → 广州大达物流有限公司" in bureau.text
    assert "备注已修改" in bureau.text


def test_a_form_opened_before_anothers_change_is_refused(bureau, office, district, story):
    other = office("bureau")
    one = public_id(district["顺达"])
    mine = edit_form(bureau, district["顺达"], address="新路 2 号")
    town_id = str(story.district.town_ids["东涌镇"])
    other.post(f"{LIST}/{one}/edit", edit_form(other, district["顺达"], town=town_id))
    bureau.post(f"{LIST}/{one}/edit", mine)
    assert bureau.status == 409
    assert "所属镇街：黄阁镇 → 东涌镇" in bureau.text
    assert 'value="新路 2 号"' in bureau.page
    assert stored(
        "SELECT address FROM enterprise WHERE credit_code = :c".replace(":c", f"'{credit_code(1)}'")
    ) == [("",)]
    again = {**mine, **hidden_fields(bureau)}
    bureau.post(f"{LIST}/{one}/edit", again)
    assert bureau.status == 200


def test_ticked_enterprises_are_disabled_together_with_a_reason(bureau, district):
    ids = [public_id(district["顺达"]), public_id(district["飞腾"])]
    bureau.get(f"{LIST}/disable?id={ids[0]}&id={ids[1]}")
    assert "将停用 2 家 企业" in bureau.text
    bureau.post(f"{LIST}/disable", {"id": ids, "reason": ""})
    assert bureau.status == 422
    bureau.post(f"{LIST}/disable", {"id": ids, "reason": "已注销"})
    assert "已停用 2 家企业" in bureau.text
    assert "全区 3 家，启用 1 家" in bureau.text
    bureau.post(f"{LIST}/{ids[0]}/enable", {"reason": "恢复经营"})
    assert "全区 3 家，启用 2 家" in bureau.text
    bureau.get(f"{LIST}/{ids[0]}")
    assert "原因：恢复经营" in bureau.text


def test_ticked_enterprises_move_to_another_town(bureau, office, district, story):
    """SEC-C08: from then on they are the new town's."""
    old, new = office("town", "黄阁镇"), office("town", "东涌镇")
    ids = [public_id(district["顺达"]), public_id(district["骏通"])]
    town_id = str(story.district.town_ids["东涌镇"])
    bureau.get(f"{LIST}/town?id={ids[0]}&id={ids[1]}")
    assert "将调整 2 家 企业" in bureau.text
    bureau.post(f"{LIST}/town", {"id": ids, "town": town_id})
    assert "已调整 2 家企业的所属镇街" in bureau.text
    old.get(LIST)
    assert names(old) == []
    old.get(f"{LIST}/{ids[0]}")
    assert old.status == 404
    new.get(LIST)
    assert len(names(new)) == 3


def test_a_batch_with_an_unknown_row_changes_nothing(bureau, district):
    ids = [public_id(district["顺达"]), "a" * 26]
    bureau.get(LIST)
    bureau.post(f"{LIST}/disable", {"id": ids, "reason": "已注销"})
    assert bureau.status == 404
    assert stored("SELECT count(*) FROM enterprise WHERE disabled_at IS NOT NULL") == [(0,)]
    bureau.get(f"{LIST}/disable")
    assert bureau.status == 404


WRITES = [
    "/new",
    "/town",
    "/disable",
    "/{one}/edit",
    "/{one}/enable",
    "/{one}/leads",
    "/{one}/leads/{lead}/main",
    "/{one}/leads/{lead}/remove",
    "/{one}/leads/{lead}/edit",
]


@pytest.mark.parametrize("path", WRITES)
def test_a_town_user_writes_nothing(town, district, story, path):
    """SEC-C05: neither in the own town nor in another."""
    one, lead = public_id(district["顺达"]), public_id(1, "lead")
    before = stored("SELECT name, town_id, disabled_at FROM enterprise ORDER BY id")
    form = {**NEW, "id": one, "reason": "x", "town": str(story.district.town_ids["东涌镇"])}
    town.get(LIST)
    town.post(LIST + path.format(one=one, lead=lead), form)
    assert town.status == 403
    town.get(LIST + path.format(one=one, lead=lead))
    assert town.status in {403, 405}
    assert stored("SELECT name, town_id, disabled_at FROM enterprise ORDER BY id") == before
    assert stored("SELECT count(*) FROM enterprise_lead") == [(4,)]


def test_a_disabled_enterprise_ends_the_leads_session(lead, story):
    lead.get("/e")
    assert lead.status == 200
    (one,) = stored("SELECT public_id FROM enterprise")
    disable_enterprises(
        story.dependencies, DistrictScope(), [str(one[0])], {"reason": "已注销"}, actor=ACTOR
    )
    lead.get("/e")
    assert "请" in lead.text
    assert "广州顺达" not in lead.text


# ---- leads -------------------------------------------------------------------------------------


def test_a_lead_is_added_made_main_and_the_former_removed(bureau, district):
    one = f"{LIST}/{public_id(district['骏通'])}/leads"
    bureau.get(one)
    bureau.post(one, {"lead_name": "林海燕", "lead_phone": "139 0000 0099"})
    assert "已新增负责人林海燕" in bureau.text
    main = re.search(r'action="([^"]+/main)"', bureau.page)[1]
    bureau.post(main)
    assert "已更换主负责人" in bureau.text
    assert re.search(r"林海燕 主负责人", bureau.text)
    former = f"{one}/{public_id(3, 'lead')}/remove"
    bureau.get(former)
    assert "该负责人不再管理任何企业" in bureau.text
    bureau.post(former)
    assert "已移除负责人" in bureau.text
    bureau.post(re.sub("/main$", "/remove", main))
    assert bureau.status == 409


def test_a_lead_gets_another_number(bureau, district):
    one = f"{LIST}/{public_id(district['骏通'])}/leads/{public_id(3, 'lead')}/edit"
    bureau.get(one)
    assert "13900000003" not in bureau.page
    seen = {"seen-name": "负责人", "seen-phone": "139****0003"}
    bureau.post(one, {**seen, "lead_name": "林海燕", "lead_phone": "13900000001"})
    assert bureau.status == 422
    assert "该手机号已登记为负责人" in bureau.text
    bureau.post(one, {**seen, "lead_name": "林海燕", "lead_phone": "13900000055"})
    assert bureau.status == 200
    assert "139****0055" in bureau.text
    bureau.post(one, {**seen, "lead_name": "林海生", "lead_phone": ""})
    assert bureau.status == 422
    assert "刚被他人修改" in bureau.text


def test_an_account_of_a_lead_is_named(bureau, office, district):
    office("enterprise", "13900000003")
    bureau.get(f"{LIST}/{public_id(district['骏通'])}/leads")
    assert re.search(r"enterprise-[0-9a-f]{6}", bureau.text)


# ---- export ------------------------------------------------------------------------------------


def exported(browser, address: str):
    browser.get(address)
    columns = ["name", "town", "lead_phone", "employees", "state"]
    browser.post(address, {"range": "filtered", "numbers": "masked", "columns": columns})
    file = re.search(r'href="(/office/exports/[a-z0-9]{26}/file)"', browser.page)
    assert file, browser.text
    browser.get(file[1])
    sheet = load_workbook(io.BytesIO(browser.content)).worksheets[0]
    return [list(row) for row in sheet.iter_rows(values_only=True)][1:]


def test_a_town_takes_out_its_own_enterprises_masked(town):
    town.get(f"{LIST}?sort=name")
    address = re.search(r'href="(/office/exports/new[^"]+)"', town.page)[1]
    assert sorted(exported(town, address.replace("&amp;", "&"))) == [
        ["广州顺达物流有限公司", "黄阁镇", "139****0001", 1, "启用"],
        ["广州骏通货运有限公司", "黄阁镇", "139****0003", 0, "启用"],
    ]


def test_an_export_takes_the_lists_conditions(bureau):
    bureau.get(LIST)
    search(bureau, phone="0004", state="active")
    address = re.search(r'href="(/office/exports/new[^"]+)"', bureau.page)[1]
    assert "0004" not in address
    (row,) = exported(bureau, address.replace("&amp;", "&"))
    assert row[0] == "广州飞腾运输有限公司"
