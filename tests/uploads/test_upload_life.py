"""An upload from the file to the tables: checked, shown, confirmed once, erased."""

from __future__ import annotations

import pytest

from models.audit import AuditEntry
from models.employees import Employee
from models.health_registers import NucleicAcidTestRow
from models.import_uploads import UploadState
from models.imports import ImportOrigin, ImportRun
from tests.imports.desk import HEADERS
from tests.people import credit_code, resident_id
from tests.uploads.office import (
    EMPLOYEES,
    ENTERPRISES,
    TESTS,
    employee_row,
    file_of,
    results_file,
    rows_of,
    workbook,
)
from wxbackend.domain.errors import Forbidden, InvalidValue, NotFound
from wxbackend.domain.import_columns import ImportKind
from wxbackend.services import uploads
from wxbackend.services.upload_work import sweep_uploads, work_on_uploads
from wxbackend.services.uploads import UploadGone


def test_nothing_is_written_before_the_word(office):
    view = office.upload(office.bureau(), TESTS, results_file("阴性", "合格", "阳性"))
    assert view.state is UploadState.CHECKED
    assert (view.counts["new"], view.counts["wrong"], view.to_write) == (2, 1, 2)
    assert office.count(NucleicAcidTestRow) == 0
    (wrong,) = view.wrong_rows
    assert wrong["row"] == 3
    assert wrong["cells"] == [["检测结果", "合格", "检测结果只能是阴性、阳性或可疑"]]
    assert resident_id(2) not in str(view)


def test_a_confirmed_upload_is_taken_with_its_history(office):
    bureau = office.bureau()
    view = office.confirm(bureau, office.upload(bureau, TESTS, results_file("阴性", "合格")))
    assert view.state is UploadState.TAKEN
    assert (view.run.new, view.run.wrong, view.run.who) == (1, 1, "何某某")
    (run,) = office.all(ImportRun)
    assert (run.origin, run.account_id) == (ImportOrigin.UPLOAD, bureau.account_id)
    assert office.count(NucleicAcidTestRow) == 1
    actions = [entry.action for entry in office.all(AuditEntry)]
    assert [one for one in actions if one.endswith("import")] == [
        "upload_import",
        "confirm_import",
        "import",
    ]


def test_a_second_tap_on_confirm_has_no_effect(office):
    bureau = office.bureau()
    view = office.upload(bureau, TESTS, results_file("阴性"))
    office.confirm(bureau, view)
    assert office.confirm(bureau, view).state is UploadState.TAKEN
    assert office.count(ImportRun) == 1
    assert office.leave(bureau, view).state is UploadState.TAKEN


def test_the_same_file_twice_changes_nothing(office):
    bureau = office.bureau()
    office.confirm(bureau, office.upload(bureau, TESTS, results_file("阴性", "阳性")))
    again = office.upload(bureau, TESTS, results_file("阴性", "阳性"))
    assert (again.counts["unchanged"], again.to_write) == (2, 0)
    assert office.confirm(bureau, again).state is UploadState.CHECKED
    assert office.count(ImportRun) == 1


def test_the_wrong_rows_come_back_in_the_templates_layout_and_can_be_imported(office):
    bureau = office.bureau()
    view = office.upload(bureau, TESTS, results_file("阴性", "合格"))
    headers, *rows = rows_of(office.wrong_rows(bureau, view))
    assert headers[:3] == ("证件号码★", "检测时间★", "检测结果★")
    assert headers[-1] == "错误原因"
    assert rows[0][0] == resident_id(2)
    corrected = [[*rows[0][:2], "阴性", *rows[0][3:]]]
    office.confirm(bureau, view)
    again = office.upload(bureau, TESTS, workbook([headers, *corrected]))
    assert (again.counts["new"], again.counts["wrong"]) == (1, 0)


def test_giving_up_erases_the_file_and_its_rows(office):
    bureau = office.bureau()
    view = office.upload(bureau, TESTS, results_file("阴性", "合格"))
    assert len(office.stored_files()) == 2  # the good rows, and the wrong ones
    left = office.leave(bureau, view)
    assert left.state is UploadState.LEFT
    assert office.stored_files() == []
    assert left.wrong_rows == ()
    with pytest.raises(UploadGone):
        office.confirm(bureau, view)
    with pytest.raises(NotFound):
        office.wrong_rows(bureau, view)


def test_an_upload_belongs_to_its_owner(office):
    view = office.upload(office.bureau(), TESTS, results_file("阴性", "合格"))
    other = office.bureau()
    for act in (office.confirm, office.leave, office.wrong_rows):
        with pytest.raises(NotFound):
            act(other, view)
    with pytest.raises(NotFound):
        office.show(other, view.public_id)
    assert office.count(ImportRun) == 0


def test_an_upload_ends_after_a_day(office, clock):
    bureau = office.bureau()
    view = office.upload(bureau, TESTS, results_file("阴性", "合格"))
    clock.advance(hours=24)
    assert office.show(bureau, view.public_id).is_expired
    with pytest.raises(UploadGone):
        office.confirm(bureau, view)
    assert sweep_uploads(office.dependencies) == 1
    assert office.stored_files() == []
    assert sweep_uploads(office.dependencies) == 0


def test_a_new_upload_replaces_the_undecided_one(office):
    bureau = office.bureau()
    first = office.upload(bureau, TESTS, results_file("阴性"))
    vaccinations = office.upload(
        bureau, ImportKind.VACCINATIONS, file_of(ImportKind.VACCINATIONS, [])
    )
    second = office.upload(bureau, TESTS, results_file("阳性"))
    assert office.show(bureau, first.public_id).state is UploadState.LEFT
    assert office.show(bureau, second.public_id).state is UploadState.CHECKED
    assert office.show(bureau, vaccinations.public_id).state is UploadState.CHECKED


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.xlsx", b"PK\x03\x04 no archive", "import.file.damaged"),
        ("a.exe", b"MZ", "import.file.kind"),
        ("../../etc/passwd", b"root", "import.file.kind"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "import.file.xls"),
        ("a.csv", "姓名\n李某某\n".encode(), "import.header.missing"),
    ],
)
def test_what_is_no_import_file_is_refused_with_the_reason(office, name, content, code):
    view = office.upload(office.bureau(), TESTS, content, name)
    assert view.state is UploadState.REFUSED
    assert view.refusal.code == code
    assert "/" not in view.file_name
    assert office.stored_files() == []


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"", "import.upload.missing"), (bytes(20_000_001), "import.file.too_large")],
)
def test_no_file_and_too_large_a_file_are_not_even_kept(office, content, code):
    with pytest.raises(InvalidValue, match=code):
        office.upload(office.bureau(), TESTS, content)
    assert office.stored_files() == []


def test_a_large_file_is_checked_and_taken_by_the_job(office):
    bureau = office.bureau()
    rows = [
        [resident_id(n % 1000), f"2022-04-{1 + n // 1000:02} 08:05", "阴性", "李" + "某" * 40]
        for n in range(12_000)
    ]
    content = ("证件号码,检测时间,检测结果,姓名\n" + "\n".join(",".join(r) for r in rows)).encode()
    assert len(content) > 1_000_000
    view = office.upload(bureau, TESTS, content, "a.csv")
    assert view.state is UploadState.WAITING
    assert view.is_busy
    assert work_on_uploads(office.dependencies) == 1
    view = office.show(bureau, view.public_id)
    assert (view.state, view.counts["new"]) == (UploadState.CHECKED, 12_000)
    assert len(view.outcomes["new"]) == 200
    assert office.confirm(bureau, view).state is UploadState.ACCEPTED
    assert work_on_uploads(office.dependencies) == 1
    view = office.show(bureau, view.public_id)
    assert (view.state, view.run.new) == (UploadState.TAKEN, 12_000)
    assert work_on_uploads(office.dependencies) == 0


# ---- whose files -------------------------------------------------------------------------------


def test_a_lead_imports_employees_of_their_own_enterprise_alone(office):
    own = office.story.enterprise("甲公司", "黄阁镇", "13900000001")
    office.story.enterprise("乙公司", "黄阁镇", "13900000002")
    lead = office.lead(own)
    rows = [employee_row(1)[1:], employee_row(2)[1:]]
    view = office.upload(lead, EMPLOYEES, workbook([HEADERS[EMPLOYEES][1:], *rows]))
    assert (view.counts["new"], view.counts["wrong"]) == (2, 0)
    view = office.confirm(lead, view)
    assert view.run.enterprise == "甲公司"
    assert {row.enterprise_id for row in office.all(Employee)} == {own}
    foreign = office.upload(lead, EMPLOYEES, file_of(EMPLOYEES, [employee_row(3, enterprise=2)]))
    assert foreign.wrong_rows[0]["cells"][0][2] == "与所选企业的统一社会信用代码不同"
    for kind in set(ImportKind) - {EMPLOYEES}:
        with pytest.raises(Forbidden):
            office.upload(lead, kind, results_file("阴性"))


def test_a_lead_of_two_enterprises_says_which(office):
    ids = [office.story.enterprise(f"{n}公司", "黄阁镇", "13900000001") for n in "甲乙"]
    lead = office.lead(*ids)
    content = workbook([HEADERS[EMPLOYEES][1:], employee_row(1)[1:]])
    with pytest.raises(InvalidValue, match=r"choice\.missing"):
        office.upload(lead, EMPLOYEES, content)
    _, (second, name) = uploads.enterprises_for(lead)
    assert name == "乙公司"
    office.confirm(lead, office.upload(lead, EMPLOYEES, content, enterprise=second))
    assert [row.enterprise_id for row in office.all(Employee)] == [ids[1]]


def test_a_lead_who_lost_the_enterprise_cannot_confirm(office):
    own = office.story.enterprise("甲公司", "黄阁镇", "13900000001")
    other = office.story.enterprise("乙公司", "黄阁镇", "13900000001")
    lead = office.lead(own, other)
    enterprise = uploads.enterprises_for(lead)[0][0]
    content = workbook([HEADERS[EMPLOYEES][1:], employee_row(1)[1:]])
    view = office.upload(lead, EMPLOYEES, content, enterprise=enterprise)
    with pytest.raises(NotFound):
        office.confirm(office.lead(other), view)
    assert office.count(Employee) == 0


def test_a_town_imports_nothing(office):
    town = office.town()
    assert uploads.kinds_for(town) == ()
    with pytest.raises(Forbidden):
        office.upload(town, EMPLOYEES, file_of(EMPLOYEES, [employee_row(1)]))


def test_an_enterprise_has_at_most_five_thousand_rows(office):
    own = office.story.enterprise("甲公司", "黄阁镇", "13900000001")
    lines = ["姓名,证件号码,手机号"] + ["李某某,1,1"] * 5_001
    view = office.upload(office.lead(own), EMPLOYEES, "\n".join(lines).encode(), "a.csv")
    assert view.refusal.code == "import.file.too_many_rows"
    assert view.refusal.facts == {"most": 5_000}


# ---- what the preview tells --------------------------------------------------------------------


def test_a_changed_lead_phone_is_flagged_with_both_numbers_masked(office):
    office.story.enterprise("甲公司", "黄阁镇", "13900000001")
    row = ["甲公司", credit_code(1), "黄阁镇", "负责人", "13900000002"]
    view = office.upload(office.bureau(), ENTERPRISES, file_of(ENTERPRISES, [row], width=5))
    assert view.counts["lead_change_count"] == 1
    assert view.lead_changes == [
        {"row": 2, "title": "甲公司", "before": "139****0001", "after": "139****0002"}
    ]
    (changed,) = view.outcomes["changed"]
    assert changed["changed"] == ["负责人手机号"]


@pytest.mark.parametrize("kind", list(ImportKind))
def test_a_template_can_be_uploaded_as_it_is_with_its_notes(office, kind):
    bureau = office.bureau()
    content = uploads.template(office.dependencies, bureau, kind).content
    headers, notes = rows_of(content)[:2]
    assert [header.rstrip("★") for header in headers] == HEADERS[kind]
    assert all(note.startswith("※") for note in notes)
    view = office.upload(bureau, kind, content)
    assert (view.state, view.counts["rows"], view.counts["wrong"]) == (UploadState.CHECKED, 0, 0)


def test_a_template_keeps_numbers_as_text():
    import io

    from openpyxl import load_workbook

    from wxbackend.gateways.templates import XlsxTemplates

    content = XlsxTemplates().workbook(["证件号码★"], ["※必填"])
    sheet = load_workbook(io.BytesIO(content)).active
    assert sheet["A900"].number_format == "@"
    assert sheet.column_dimensions["A"].number_format == "@"
