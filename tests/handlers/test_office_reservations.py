"""预约和通行记录: who sees what, filters, details, numbers and pictures."""

from __future__ import annotations

import html
import io
import re
from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest
from openpyxl import load_workbook
from PIL import Image
from sqlalchemy import event, text

from models.database import db, reading
from tests.reservation_world import (
    HERE,
    LEAD_HERE,
    LEAD_THERE,
    NAMES,
    NUMBERS,
    PLATES,
    THERE,
    World,
)
from wxbackend.domain.moments import to_local
from wxbackend.domain.reservation import ImageKind, Verdict
from wxbackend.services.drafts import NEW, add_image

ALL = "/office/reservations?basis=arrival"
EVERYBODY = {"ours", "theirs", "bound_here", "bound_there"}
SEEN_BY = {
    ("bureau", ""): EVERYBODY,
    ("town", HERE): {"ours", "bound_here"},
    ("town", THERE): {"theirs", "bound_there"},
    ("town", "榄核镇"): set(),
    ("enterprise", LEAD_HERE): {"ours"},
    ("enterprise", LEAD_THERE): {"theirs"},
}


@pytest.fixture
def world(story) -> World:
    return World(story)


def plates_on(browser) -> set[str]:
    rows = re.findall(r'<th class="stick plate" scope="row">([^<]+)</th>', browser.page)
    return {key for key, plate in PLATES.items() if plate in rows}


def total_on(browser) -> str:
    return re.search(r"全部 <b>([^<]+)</b>", browser.page)[1]


def audited(action: str) -> int:
    with reading() as session:
        query = text("SELECT count(*) FROM audit_entry WHERE action = :action")
        return session.execute(query, {"action": action}).scalar_one()


# ---- scope -------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", SEEN_BY, ids=str)
@pytest.mark.parametrize("is_decided", [False, True], ids=["before", "decided"])
def test_everybody_sees_their_own_side_only(office, world, who, is_decided):
    if is_decided:
        for key in EVERYBODY:
            world.decide(key)
    browser = office(*who)
    browser.get(ALL)
    mine = SEEN_BY[who]
    assert plates_on(browser) == mine
    assert total_on(browser) == str(len(mine))
    for key in EVERYBODY - mine:
        assert NAMES[key] not in browser.text
        assert PLATES[key] not in browser.page
    pages = ("", "/passengers")
    for key in EVERYBODY:
        for page in pages:
            browser.get(f"/office/reservations/{world.id_of(key)}{page}")
            assert browser.status == (200 if key in mine else 404), (key, page)


@pytest.mark.parametrize("who", [("town", THERE), ("enterprise", LEAD_THERE)], ids=str)
def test_guessed_ids_open_nothing_of_the_other_side(office, world, who):
    world.decide("ours")
    picture = give_picture(world, "ours")
    browser = office(*who)
    browser.get(ALL)
    path = f"/office/reservations/{world.id_of('ours')}"
    for answer in (
        browser.post(f"{path}/reveal", {"field": "driver-id_number"}),
        browser.get(f"{path}/images/{picture}.jpg"),
        browser.get(f"{path}?basis=arrival"),
    ):
        assert browser.status == 404
        assert NUMBERS["ours"] not in answer
    assert audited("reveal_number") == audited("view_reservation") == audited("view_image") == 0
    # Another's picture is not to be had through a reservation of one's own either.
    browser.get(f"/office/reservations/{world.id_of('theirs')}/images/{picture}.jpg")
    assert browser.status == 404


@pytest.mark.parametrize("role", ["admin", "auditor"])
def test_who_has_no_business_with_people_gets_in_nowhere(office, world, role):
    browser = office(role)
    for path in (ALL, f"/office/reservations/{world.id_of('ours')}"):
        browser.get(path)
        assert browser.status == 403


def test_a_new_employer_gets_the_new_and_the_old_keeps_the_decided(office, world):
    """SEC-C08, product.md section 2: the live roster until decided, afterwards the record."""
    here, there = office("enterprise", LEAD_HERE), office("enterprise", LEAD_THERE)
    world.decide("ours")
    world.story.execute("UPDATE employee SET removed_at = '2022-04-20' WHERE name = '甘一'")
    world.story.employ(world.enterprise_there, NUMBERS["ours"], NAMES["ours"])
    later = world.reserve("ours")
    for browser, sees in ((here, {"old"}), (there, {"new"})):
        browser.get(f"/office/reservations/{world.id_of('ours')}")
        assert browser.status == (200 if "old" in sees else 404)
        browser.get(f"/office/reservations/{later.public_id}")
        assert browser.status == (200 if "new" in sees else 404)


def test_an_enterprise_that_moves_takes_only_what_is_to_come(office, world):
    world.decide("ours")
    later = world.reserve("ours")
    town = world.story.district.town_ids["榄核镇"]
    world.story.execute(f"UPDATE enterprise SET town_id = {town} WHERE name = '黄阁物流有限公司'")
    for place, sees_old in ((HERE, True), ("榄核镇", False)):
        browser = office("town", place)
        browser.get(f"/office/reservations/{world.id_of('ours')}")
        assert browser.status == (200 if sees_old else 404)
        browser.get(f"/office/reservations/{later.public_id}")
        assert browser.status == (404 if sees_old else 200)


def test_a_driver_on_two_rosters_tells_a_lead_nothing_of_the_other(office, world):
    world.story.employ(world.enterprise_there, NUMBERS["ours"], NAMES["ours"])
    browser = office("enterprise", LEAD_HERE)
    for step in ("before", "decided"):
        if step == "decided":
            world.decide("ours")
        for path in (ALL, f"/office/reservations/{world.id_of('ours')}"):
            browser.get(path)
            assert PLATES["ours"] in browser.page
            assert "东涌货运有限公司" not in browser.text, (step, path)
    assert LEAD_THERE[-4:] not in browser.text
    bureau = office("bureau")
    bureau.get(ALL)
    assert "东涌货运有限公司、黄阁物流有限公司" in bureau.text


# ---- the list ----------------------------------------------------------------------------------


FILTERS = [
    ({"state": "reserved"}, {"theirs", "bound_there"}),
    ({"state": "passed"}, {"ours"}),
    ({"matched": "yes"}, {"ours", "theirs"}),
    ({"matched": "no"}, {"bound_here", "bound_there"}),
    ({"company": "物流"}, {"ours"}),
    ({"company": "货运有限"}, {"theirs"}),
    ({"reason": "健康码黄码"}, {"bound_here"}),
    ({"reason": "other"}, set()),
    ({"corrected": "yes"}, set()),
    ({"corrected": "no"}, EVERYBODY),
    ({"plate": "a111"}, {"ours"}),
    ({"plate": "2222"}, {"theirs"}),
    ({"plate": "%"}, set()),
    ({"name": "丙"}, {"bound_here"}),
    ({"name": "三"}, set()),
    ({"number": "4444"}, {"bound_there"}),
    ({"number": "e10003333"}, {"bound_here"}),
    ({"number": "13800001111"}, {"ours"}),
    ({"number": "E10005555"}, {"ours", "theirs"}),  # a passenger of both
    ({"number": "E1000"}, set()),
    ({"basis": "decided"}, {"ours", "bound_here"}),
    ({"basis": "created", "state": "reserved"}, {"theirs", "bound_there"}),
    ({"first": "2001-01-01", "last": "2001-01-02"}, set()),
    (
        {"first": "nonsense", "town": "x", "state": "y", "checkpoint": "99999999999999"},
        EVERYBODY,
    ),
]


def test_each_filter_finds_what_it_says(office, world):
    world.decide("ours")
    world.decide("bound_here", Verdict.DENIED, "健康码黄码")
    browser = office("bureau")
    browser.get(ALL)
    wrong = {}
    for fields, found in FILTERS:
        browser.post("/office/reservations/search", {"basis": "arrival", **fields})
        if browser.status != 200 or plates_on(browser) != found:
            wrong[urlencode(fields)] = plates_on(browser)
        if {"plate", "name", "number"} & set(fields):
            assert not re.search("plate=|name=|number=", browser.path)
    assert wrong == {}


def test_places_narrow_the_list(office, world):
    world.decide("ours")
    browser = office("bureau")
    browser.get(f"{ALL}&town={world.story.district.town_ids[HERE]}")
    assert plates_on(browser) == {"bound_here"}
    elsewhere = world.story.district.checkpoint_ids["黄阁卡口"]
    world.story.execute(f"UPDATE passage SET checkpoint_id = {elsewhere}")
    browser.get(f"{ALL}&checkpoint={elsewhere}")
    assert plates_on(browser) == {"ours"}  # where it passed, not where it was expected


def test_an_enterprise_is_asked_for_by_its_id(office, world):
    with reading() as session:
        public_id = session.execute(
            text("SELECT public_id FROM enterprise WHERE name = '黄阁物流有限公司'")
        ).scalar_one()
    browser = office("bureau")
    browser.get(f"/office/reservations?enterprise={public_id}")
    assert plates_on(browser) == {"ours"}
    assert "企业 黄阁物流有限公司" in browser.text
    other = office("town", THERE)
    other.get(f"/office/reservations?enterprise={public_id}")
    assert plates_on(other) == set()
    assert "黄阁物流有限公司" not in other.text


def test_states_are_counted_as_they_are_at_this_moment(office, world, clock):
    world.decide("ours")
    browser = office("bureau")
    browser.get(ALL)
    assert "全部 4 待通行 3 已通行 1 不予通行 0" in browser.text
    clock.advance(hours=27)  # the codes are over; no sweep has been by
    browser = office("bureau")
    browser.get(f"{ALL}&state=expired")
    assert "待通行 0" in browser.text
    assert "已过期 3" in browser.text
    assert plates_on(browser) == {"theirs", "bound_here", "bound_there"}
    assert "共 3 条" in browser.text


def test_chips_take_one_condition_away_each(office, world):
    browser = office("bureau")
    browser.get("/office/reservations")
    assert "已用条件" not in browser.text
    fields = {"basis": "arrival", "matched": "yes", "name": "甘", "plate": "A111"}
    browser.post("/office/reservations/search", fields)
    assert plates_on(browser) == {"ours"}
    chips = dict(re.findall(r'class="chip" href="([^"]+)"[^>]*>(\S+) ', browser.page))
    without = {title: html.unescape(address) for address, title in chips.items()}
    assert set(without) == {"企业匹配", "车牌", "姓名"}
    browser.get(without["车牌"])
    assert "姓名 甘" in browser.text
    assert "车牌 A111" not in browser.text
    browser.get("/office/reservations?first=2001-01-01&last=2001-01-02")
    assert "预计到达时间 2001-01-01 至 2001-01-02" in browser.text
    assert plates_on(browser) == set()
    browser.get(html.unescape(re.search(r'class="chip" href="([^"]+)"', browser.page)[1]))
    assert plates_on(browser) == EVERYBODY


def test_a_fresh_list_is_todays_arrivals(office, story, clock):
    clock.now = to_local(datetime.now(UTC)).replace(hour=10, minute=0).astimezone(UTC)
    World(story)
    story.execute("UPDATE reservation SET arrival_at = '2099-01-01' WHERE name = '乙二'")
    browser = office("bureau")
    browser.get("/office/reservations")
    assert plates_on(browser) == EVERYBODY - {"theirs"}
    assert to_local(clock.now).date().isoformat() in browser.page
    browser.get("/office/reservations?state=reserved")
    assert "theirs" not in plates_on(browser)
    browser.get(ALL)
    assert plates_on(browser) == EVERYBODY


def test_a_list_is_six_statements_at_most(office, world):
    world.decide("ours")
    browser = office("bureau")
    for path in (ALL, "/office/reservations", f"{ALL}&state=passed&company=物流&reason=x"):
        browser.get(path)
        said: list[str] = []

        def count(_c, _cursor, statement, *_rest, said=said) -> None:
            said.append(statement)

        event.listen(db.engine, "before_cursor_execute", count)
        browser.get(path)
        event.remove(db.engine, "before_cursor_execute", count)
        asked = [one for one in said if one.lstrip().upper().startswith(("SELECT", "WITH"))]
        assert len(asked) <= 6, asked


# ---- details -----------------------------------------------------------------------------------


def test_a_detail_tells_all_and_masks_numbers(office, world):
    world.decide("ours", Verdict.DENIED, "体温异常")
    browser = office("bureau")
    browser.get(f"/office/reservations/{world.id_of('ours')}")
    for words in (
        "基本信息",
        "乘车人信息",
        "卡口所见",
        "已发通知",
        "经过",
        "体温异常",
        "南沙企业司机",
    ):
        assert words in browser.text
    assert "黄阁物流有限公司员工甘一于" in browser.text
    assert NUMBERS["ours"] not in browser.page
    assert audited("view_reservation") == 1
    browser.get(f"/office/reservations/{world.id_of('ours')}/passengers")
    assert "戊五" in browser.text
    assert "13700005555" not in browser.page
    assert audited("view_reservation") == 2


def test_what_the_gate_saw_does_not_change_later(office, world):
    world.decide("ours")
    world.story.execute("UPDATE employee SET removed_at = '2022-04-20'")
    world.story.test_result(NUMBERS["ours"], hours_ago=1)
    browser = office("bureau")
    for path in (ALL, f"/office/reservations/{world.id_of('ours')}"):
        browser.get(path)
        assert "黄阁物流有限公司" in browser.text
        assert "无核酸检测记录" in browser.text


@pytest.mark.parametrize(
    ("field", "number"),
    [
        ("driver-id_number", NUMBERS["ours"]),
        ("driver-phone", "13800001111"),
        ("passenger-1-id_number", "E10005555"),
        ("passenger-1-phone", "13700005555"),
    ],
)
def test_each_shown_number_is_audited(office, world, field, number):
    browser = office("town", HERE)
    browser.get(f"/office/reservations/{world.id_of('ours')}")
    browser.post(f"/office/reservations/{world.id_of('ours')}/reveal", {"field": field})
    assert browser.text == number
    assert audited("reveal_number") == 1


@pytest.mark.parametrize("field", ["", "driver", "driver-name", "passenger-2-phone", "x-phone"])
def test_nothing_else_can_be_shown(office, world, field):
    browser = office("bureau")
    browser.get(f"/office/reservations/{world.id_of('ours')}")
    browser.post(f"/office/reservations/{world.id_of('ours')}/reveal", {"field": field})
    assert browser.status == 404


def test_a_lead_sees_numbers_of_own_employees_only(office, world):
    """SEC-C07: seeing a row is one thing, its clear numbers another."""
    world.decide("ours")
    path = f"/office/reservations/{world.id_of('ours')}"
    browser = office("enterprise", LEAD_HERE)
    browser.get(path)
    assert browser.page.count('class="reveal"') == 2
    browser.post(f"{path}/reveal", {"field": "driver-id_number"})
    assert browser.text == NUMBERS["ours"]
    browser.get(f"{path}/passengers")
    assert 'class="reveal"' not in browser.page
    browser.post(f"{path}/reveal", {"field": "passenger-1-id_number"})
    assert browser.status == 403
    world.story.execute("UPDATE employee SET removed_at = '2022-04-20' WHERE name = '甘一'")
    browser.get(path)
    assert 'class="reveal"' not in browser.page
    browser.post(f"{path}/reveal", {"field": "driver-id_number"})
    assert browser.status == 403
    assert NUMBERS["ours"] not in browser.page


def test_a_lead_is_not_told_who_stood_at_the_gate_or_who_else_was_told(office, world):
    world.decide("ours")
    browser = office("enterprise", LEAD_HERE)
    browser.get(f"/office/reservations/{world.id_of('ours')}")
    assert world.guard.member.display_name not in browser.text
    assert "短信" in browser.text
    assert "粤政易" not in browser.text
    town = office("town", HERE)
    town.get(f"/office/reservations/{world.id_of('ours')}")
    assert world.guard.member.display_name in town.text
    assert town.page.count("<b>粤政易</b>") == 1


def give_picture(world: World, key: str) -> str:
    """A picture in the reservation, as an upload before 【提交预约】 puts it there."""
    scope, out = world.reserved[key].scope, io.BytesIO()
    Image.new("RGB", (40, 40), "green").save(out, "PNG")
    picture = add_image(
        world.story.dependencies,
        scope,
        NEW,
        kind=ImageKind.HEALTH_CODE,
        content=out.getvalue(),
    )
    world.story.execute(
        "INSERT INTO reservation_image (reservation_id, kind, image_id) "
        "SELECT reservation.id, 'health_code_image', uploaded_image.id "
        "FROM reservation, uploaded_image "
        f"WHERE reservation.public_id = '{world.id_of(key)}' "
        f"AND uploaded_image.public_id = '{picture}'"
    )
    return picture


def test_a_picture_is_guarded_audited_and_not_kept(office, world):
    picture = give_picture(world, "ours")
    browser = office("town", HERE)
    path = f"/office/reservations/{world.id_of('ours')}"
    browser.get(path)
    assert "健康码截图" in browser.text
    browser.get(f"{path}/images/{picture}.jpg")
    assert browser.status == 200
    headers = browser.response.headers
    assert headers["Content-Type"] == "image/jpeg"
    assert headers["Content-Disposition"] == "inline; filename=image.jpg"
    assert headers["Cache-Control"] == "no-store"
    assert "sandbox" in headers["Content-Security-Policy"]
    assert audited("view_image") == 1


# ---- exports -----------------------------------------------------------------------------------

COLUMNS = ["plate_number", "name", "id_number", "phone", "state", "enterprise", "correction"]


def exported(browser, path: str, **form: object) -> list[list[object]]:
    """The rows of the export that the list at `path` offers."""
    browser.get(path)
    address = re.search(r'href="(/office/exports/new[^"]+)"', browser.page)
    browser.get(html.unescape(address[1]))
    fields = {"range": "filtered", "numbers": "masked", "columns": COLUMNS, **form}
    browser.post(html.unescape(address[1]), fields)
    made = re.search(r'href="(/office/exports/[a-z0-9]{26}/file)"', browser.page)
    browser.get(made[1])
    sheet = load_workbook(io.BytesIO(browser.content)).worksheets[0]
    return [list(row) for row in sheet.iter_rows(values_only=True)]


def test_an_export_is_what_the_list_shows(office, world):
    world.decide("ours", Verdict.DENIED, "体温异常")
    header, *rows = exported(office("town", HERE), ALL)
    assert header == ["车牌号码", "姓名", "证件号码", "手机号码", "状态", "更正", "匹配企业"]
    found = {row[0]: row for row in rows}
    assert set(found) == {PLATES["ours"], PLATES["bound_here"]}
    assert found[PLATES["ours"]][2:] == [
        "E******11",
        "138****1111",
        "不予通行",
        None,
        "黄阁物流有限公司",
    ]
    everything = exported(office("town", THERE), f"{ALL}&state=reserved", range="all")
    assert {row[0] for row in everything[1:]} == {PLATES["theirs"], PLATES["bound_there"]}
    clear = {"numbers": "clear", "reason": "流调"}
    header, *rows = exported(office("bureau"), f"{ALL}&matched=no", **clear)
    assert {row[2] for row in rows} == {NUMBERS["bound_here"], NUMBERS["bound_there"]}


@pytest.mark.parametrize("who", [("town", HERE), ("enterprise", LEAD_HERE)], ids=str)
def test_clear_numbers_of_passages_are_the_bureaus(office, world, who):
    """A lead's rows hold people who are no employees of theirs any more."""
    browser = office(*who)
    browser.get(ALL)
    browser.post(
        "/office/exports/new?kind=reservations",
        {"range": "all", "numbers": "clear", "reason": "流调", "columns": COLUMNS},
    )
    assert browser.status == 403
