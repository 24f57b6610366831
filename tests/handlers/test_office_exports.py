"""Exports: what stands in the file, who may have it, for how long, and what is written down."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import timedelta

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from models.audit import AuditEntry, AuditPersonalPart
from models.database import reading
from models.exports import ExportRun
from tests.people import resident_id
from wxbackend.services.export_files import delete_old_exports

NEW = "/office/exports/new?kind=drivers"
USUAL = ["name", "id_number", "phone", "enterprise", "town", "plate_number", "position"]


@pytest.fixture
def district(story):
    """Two towns with an enterprise each, and two drivers in the first."""
    own = story.enterprise("黄阁甲物流有限公司", "黄阁镇", "13900000001")
    other = story.enterprise("东涌乙运输有限公司", "东涌镇", "13900000002")
    story.employ(own, resident_id(1), "黄某某")
    story.employ(own, resident_id(2), "赵某某")
    story.employ(other, resident_id(3), "钱某某")
    return story


def export(browser, address=NEW, **fields):
    browser.get(address)
    browser.post(address, {"range": "filtered", "numbers": "masked", "columns": USUAL, **fields})


def file_of(browser) -> bytes:
    """The newest file on 我的导出."""
    browser.get("/office/exports")
    address = re.search(r'href="(/office/exports/[a-z0-9]{26}/file)"', browser.page)
    assert address, browser.text
    browser.get(address[1])
    assert browser.status == 200
    return browser.content


def rows_of(content: bytes):
    sheet = load_workbook(io.BytesIO(content)).worksheets[0]
    return [list(row) for row in sheet.iter_rows(values_only=True)]


def notes_of(content: bytes) -> dict[str, str]:
    sheet = load_workbook(io.BytesIO(content))["说明"]
    return {str(title): str(text) for title, text in sheet.iter_rows(values_only=True)}


def runs() -> list[ExportRun]:
    with reading() as session:
        found = list(session.scalars(select(ExportRun).order_by(ExportRun.id)))
        session.expunge_all()
        return found


def audits(action: str) -> list[AuditEntry]:
    with reading() as session:
        query = select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.id)
        found = list(session.scalars(query))
        session.expunge_all()
        return found


def test_the_dialog_says_what_will_be_taken(district, office):
    bureau = office("bureau")
    bureau.get(f"{NEW}&enterprise_name=黄阁")
    assert "当前筛选结果 2 人" in bureau.text
    assert "所属企业：黄阁" in bureau.text
    assert "我的数据范围内全部 3 人" in bureau.text
    assert "导出 2 人 （ 脱敏 ）" in bureau.text


def test_a_masked_file_holds_no_whole_number(district, office):
    bureau = office("bureau")
    export(bureau)
    content = file_of(bureau)
    headers, *rows = rows_of(content)
    assert headers[:3] == ["姓名", "证件号码", "手机号"]
    assert [row[0] for row in rows] == ["钱某某", "赵某某", "黄某某"]
    assert rows[0][1:3] == ["4401**********" + resident_id(3)[-4:], "138****5678"]
    unpacked = b"".join(zipfile.ZipFile(io.BytesIO(content)).read(name) for name in names(content))
    assert resident_id(3).encode() not in unpacked
    assert b"13800005678" not in unpacked


def names(content: bytes) -> list[str]:
    return zipfile.ZipFile(io.BytesIO(content)).namelist()


def test_the_file_tells_who_took_what(district, office):
    bureau = office("bureau")
    export(bureau, f"{NEW}&enterprise_name=黄阁")
    notes = notes_of(file_of(bureau))
    assert "区局用户" in notes["导出人"]
    assert notes["筛选条件"] == "所属企业：黄阁"
    assert notes["数量"] == "2 人"
    assert notes["号码"] == "脱敏"


def test_clear_numbers_need_a_purpose_and_stand_as_text(district, office):
    bureau = office("bureau")
    export(bureau, numbers="clear", reason=" ")
    assert bureau.status == 422
    assert "导出明文号码须填写用途" in bureau.text
    assert runs() == []
    export(bureau, numbers="clear", reason="疫情流调")
    content = file_of(bureau)
    sheet = load_workbook(io.BytesIO(content)).worksheets[0]
    assert sheet["B2"].value == resident_id(3)
    filled = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in filled} == {"s"}
    assert notes_of(content)["用途"] == "疫情流调"
    assert runs()[0].reason == "疫情流调"


def test_an_export_is_written_down_without_personal_details(district, office):
    bureau = office("bureau")
    bureau.get("/office/drivers")
    bureau.post("/office/drivers/search", {"name": "黄某某", "enterprise_name": "黄阁"})
    address = bureau.path.replace("/office/drivers?", f"{NEW}&")
    export(bureau, address)
    [entry] = audits("export")
    assert entry.details["rows"] == 1
    assert entry.details["filters"] == {"enterprise_name": "黄阁"}
    assert "黄某某" not in str(entry.details)
    with reading() as session:
        part = session.get(AuditPersonalPart, entry.id)
        assert ["姓名", "黄某某"] in part.content["conditions"]


@pytest.mark.parametrize(
    "name",
    ["=1+1", "+1", "-1", "@SUM(1)", "\t=1", "＝1", '=HYPERLINK("http://x","y")'],
)
def test_no_cell_starts_a_formula(district, office, name):
    district.execute("DELETE FROM employee")
    own = district.enterprise("丙物流有限公司", "黄阁镇")
    district.employ(own, resident_id(4), name)
    bureau = office("bureau")
    export(bureau)
    content = file_of(bureau)
    sheet = zipfile.ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert set(re.findall(r' t="(\w+)"', sheet)) <= {"s", "inlineStr"}
    assert rows_of(content)[1][0] in {name, name.strip("\t")}


def test_control_characters_do_not_break_the_file(district, office):
    own = district.enterprise("丙物流有限公司", "黄阁镇")
    district.employ(own, resident_id(4), "王\x0b某\x1f某")
    bureau = office("bureau")
    export(bureau)
    assert rows_of(file_of(bureau))[1][0] == "王某某"


def test_nobody_exports_beyond_their_scope(district, office):
    town = office("town", "黄阁镇")
    export(town)
    assert {row[4] for row in rows_of(file_of(town))[1:]} == {"黄阁镇"}
    lead = office("enterprise", "13900000002")
    export(lead, f"{NEW}&enterprise_name=黄阁")
    assert lead.status == 422
    assert "没有符合条件的记录" in lead.text
    export(lead)
    assert [row[0] for row in rows_of(file_of(lead))[1:]] == ["钱某某"]


def test_a_lead_may_take_clear_numbers_of_own_people_and_a_town_may_not(district, office):
    lead = office("enterprise", "13900000002")
    export(lead, numbers="clear", reason="年检")
    assert rows_of(file_of(lead))[1][1] == resident_id(3)
    town = office("town", "黄阁镇")
    town.get(NEW)
    assert "明文" not in town.text
    export(town, numbers="clear", reason="年检")
    assert town.status == 403


@pytest.mark.parametrize("role", ["admin", "auditor"])
def test_admin_and_auditor_export_nothing(district, office, role):
    browser = office(role)
    browser.get(NEW)
    assert browser.status == 403
    browser.get("/office/exports")
    assert browser.status == 403


@pytest.mark.parametrize("kind", ["", "nothing", "drivers'"])
def test_a_list_that_does_not_exist_is_not_found(district, office, kind):
    bureau = office("bureau")
    bureau.get(f"/office/exports/new?kind={kind}")
    assert bureau.status == 404


def test_no_column_is_no_export(district, office):
    bureau = office("bureau")
    export(bureau, columns=["nonsense"])
    assert bureau.status == 422
    assert "请至少选择一列" in bureau.text


def test_the_file_lies_encrypted_in_the_store(district, office, settings):
    bureau = office("bureau")
    export(bureau, numbers="clear", reason="核对")
    [run] = runs()
    [path] = [p for p in settings.storage.files_folder.rglob("*") if p.name == run.stored_as]
    assert path.read_bytes()[:2] != b"PK"


def test_only_the_owner_downloads_and_each_time_counts(district, office):
    bureau = office("bureau")
    export(bureau)
    [run] = runs()
    file_of(bureau)
    file_of(bureau)
    assert runs()[0].download_count == 2
    assert len(audits("download_export")) == 2
    for other in (office("bureau"), office("town", "黄阁镇")):
        other.get(f"/office/exports/{run.public_id}/file")
        assert other.status == 404
        other.get("/office/exports")
        assert "还没有导出过" in other.text


def test_the_file_is_gone_after_a_day(district, office, clock, settings):
    bureau = office("bureau")
    export(bureau)
    [run] = runs()
    clock.advance(hours=23)
    assert delete_old_exports(district.dependencies) == 0
    clock.now = run.expires_at
    assert delete_old_exports(district.dependencies) == 1
    assert runs()[0].stored_as is None
    assert not list(settings.storage.files_folder.rglob("export-*"))


def test_an_expired_file_says_so(district, office, clock):
    bureau = office("bureau")
    export(bureau)
    [run] = runs()
    district.execute("UPDATE export_run SET expires_at = created_at")
    bureau.get(f"/office/exports/{run.public_id}/file")
    assert bureau.status == 410
    assert "文件已删除" in bureau.text
    bureau.get("/office/exports")
    assert "已删除" in bureau.text


def test_a_second_export_waits_for_the_first(district, office, dependencies):
    bureau = office("bureau")
    bureau.get(NEW)
    export(bureau)
    owner = runs()[0].account_id
    lock = dependencies.gateways.shared.lock(
        f"export:bureau::{owner}", keep=timedelta(minutes=1), wait=timedelta(0)
    )
    with lock:
        export(bureau)
        assert bureau.status == 429
        assert "上一次导出还在进行" in bureau.text
        town = office("town", "黄阁镇")
        export(town)
        assert town.status == 200
    export(bureau)
    assert bureau.status == 200
