"""Employees onto rosters."""

from __future__ import annotations

from typing import Any

import pytest

from models.database import reading, transaction
from models.employees import Employee, list_active_enterprises_of_person
from models.enterprises import Enterprise
from tests.imports.desk import HEADERS, Desk
from tests.imports.files import write_csv, write_xlsx
from tests.people import credit_code, resident_id
from wxbackend.domain.errors import InvalidValue
from wxbackend.domain.identity_documents import IdType
from wxbackend.domain.import_columns import ImportKind
from wxbackend.domain.scope import EnterpriseScope

KIND = ImportKind.EMPLOYEES
OWN = ["姓名", "证件号码", "手机号"]


@pytest.fixture
def enterprises(desk: Desk) -> list[Enterprise]:
    rows = [
        [f"广州顺达{n}物流有限公司", credit_code(n), "黄阁镇", "林海燕", f"1380000000{n}"]
        for n in (1, 2)
    ]
    desk.take(ImportKind.ENTERPRISES, [[*row, None, None, None] for row in rows])
    return desk.all(Enterprise)


def row(number: int, *, enterprise: int = 1, phone: str = "13800138000", **more: Any) -> list[Any]:
    return [
        credit_code(enterprise),
        more.get("name", "李建国"),
        more.get("id_number", resident_id(number)),
        phone,
        more.get("id_type"),
        more.get("plate", "粤A8K652"),
        more.get("position"),
    ]


def test_a_new_employee_is_on_the_roster(desk, enterprises):
    done = desk.take(KIND, [row(1, position="货车司机")])
    assert (done.new, done.changed, done.unchanged, done.wrong) == (1, 0, 0, 0)
    (one,) = desk.all(Employee)
    assert (one.name, one.id_number, one.phone) == ("李建国", resident_id(1), "13800138000")
    assert (one.id_type, one.plate_number) == (IdType.RESIDENT_ID, "粤A8K652")
    assert (one.position, one.removed_at) == ("货车司机", None)
    assert len(one.public_id) == 26
    with reading() as session:
        found = list_active_enterprises_of_person(session, resident_id(1))
        assert [enterprise.id for enterprise in found] == [enterprises[0].id]


def test_the_same_file_twice_changes_nothing(desk, enterprises):
    rows = [row(n, enterprise=1 + n % 2) for n in range(1, 6)]
    desk.take(KIND, rows)
    desk.clock.advance(hours=1)
    again = desk.take(KIND, rows)
    assert (again.new, again.changed, again.unchanged) == (0, 0, 5)
    assert desk.now not in {one.updated_at for one in desk.all(Employee)}


def test_a_person_may_stand_on_two_rosters(desk, enterprises):
    assert desk.take(KIND, [row(1, enterprise=1), row(1, enterprise=2)]).new == 2


@pytest.mark.parametrize(
    ("change", "column", "value"),
    [
        ({"name": "李建军"}, "name", "李建军"),
        ({"phone": "13900139000"}, "phone", "13900139000"),
        ({"plate": "粤AD12345"}, "plate_number", "粤AD12345"),
        ({"position": "押运员"}, "position", "押运员"),
    ],
)
def test_a_changed_cell_changes_the_employee(desk, enterprises, change, column, value):
    desk.take(KIND, [row(1)])
    desk.clock.advance(hours=1)
    assert desk.take(KIND, [row(1, **change)]).changed == 1
    (one,) = desk.all(Employee)
    assert getattr(one, column) == value
    assert one.updated_at == desk.now


def test_a_changed_phone_is_found_by_its_new_number_only(desk, enterprises):
    desk.take(KIND, [row(1)])
    before = desk.all(Employee)[0]
    desk.take(KIND, [row(1, phone="13900139999")])
    after = desk.all(Employee)[0]
    assert before.phone_hash != after.phone_hash
    assert before.phone_tail_hash != after.phone_tail_hash
    assert before.id_number_hash == after.id_number_hash


def test_a_removed_employee_is_back_by_import(desk, enterprises):
    desk.take(KIND, [row(1)])
    with transaction() as session:
        session.get(Employee, 1).removed_at = desk.now
    checked = desk.check(KIND, [row(1)])
    assert (checked.changed, checked.unchanged) == (1, 0)
    desk.take(KIND, [row(1)])
    assert [one.removed_at for one in desk.all(Employee)] == [None]


def test_nobody_is_removed_for_not_being_in_a_file(desk, enterprises):
    desk.take(KIND, [row(1), row(2)])
    desk.take(KIND, [row(1)])
    assert [one.removed_at for one in desk.all(Employee)] == [None, None]


def test_other_documents_by_their_names(desk, enterprises):
    rows = [
        row(1, id_type="居民身份证"),
        row(2, id_type="身份证"),
        row(0, id_type="护照", id_number="E12345678"),
        row(0, id_type="港澳居民来往内地通行证", id_number="H12345678"),
        row(0, id_type="台湾居民来往大陆通行证", id_number="12345678"),
        row(0, id_type=" 外国人永久居留身份证 ", id_number="CHN110101010101"),
    ]
    assert desk.take(KIND, rows).new == 6
    assert [one.id_type for one in desk.all(Employee)] == [
        IdType.RESIDENT_ID,
        IdType.RESIDENT_ID,
        IdType.PASSPORT,
        IdType.HK_MACAO_PERMIT,
        IdType.TAIWAN_PERMIT,
        IdType.FOREIGN_PERMANENT_RESIDENT_ID,
    ]


def test_with_a_given_enterprise_the_column_is_not_needed(desk, enterprises):
    path = write_xlsx(desk.folder / "own.xlsx", [OWN, ["李建国", resident_id(1), 13800138000]])
    with pytest.raises(InvalidValue, match=r"import\.header\.missing"):
        desk.check(KIND, path)
    assert desk.take(KIND, path, enterprise_code=credit_code(2)).new == 1
    assert desk.all(Employee)[0].enterprise_id == enterprises[1].id


def test_a_given_enterprise_refuses_rows_of_another(desk, enterprises):
    checked = desk.check(KIND, [row(1), row(2, enterprise=2)], enterprise_code=credit_code(1))
    assert (checked.new, checked.wrong) == (1, 1)
    assert desk.problems() == [(3, "credit_code", "import.enterprise.other")]


def test_a_given_enterprise_must_exist(desk, enterprises):
    with pytest.raises(InvalidValue, match=r"import\.enterprise\.unknown"):
        desk.check(KIND, [row(1)], enterprise_code=credit_code(9))
    with pytest.raises(InvalidValue, match=r"credit_code\.length"):
        desk.check(KIND, [row(1)], enterprise_code="123")


def test_a_scope_reaches_no_other_enterprise(desk, enterprises):
    own = EnterpriseScope(frozenset({enterprises[0].id}))
    checked = desk.check(KIND, [row(1), row(2, enterprise=2)], scope=own)
    assert (checked.new, checked.wrong) == (1, 1)
    assert desk.problems() == [(3, "credit_code", "import.enterprise.unknown")]
    with pytest.raises(InvalidValue, match=r"import\.enterprise\.unknown"):
        desk.check(KIND, [row(2, enterprise=2)], scope=own, enterprise_code=credit_code(2))


def test_rows_in_a_real_life_file_keep_their_numbers_in_excel(desk, enterprises):
    header = ["序号", "手机号 ★", "岗位", "证件号码（必填）", " 姓名*", "统一社会信用代码"]
    path = write_xlsx(
        desk.folder / "real.xlsx",
        [
            [None],
            header,
            [1, 13800138000.0, "", f"'{resident_id(1).lower()}", "李 建国", credit_code(1)],
            [None, None, " "],
            ["", "", "", "\u3000"],
            [
                2,
                "１３８００１３８００１",
                None,
                int(resident_id(3)[:17] + "0"),
                "陈志强",
                credit_code(1),
            ],
            [3, "138-0013-8002", None, resident_id(4), "王\u200b五", credit_code(1).lower()],
        ],
    )
    checked = desk.check(KIND, path)
    assert (checked.new, checked.wrong, checked.ignored_columns) == (2, 1, ("序号",))
    assert desk.problems() == [(6, "id_number", "import.id_number.number")]
    assert "设为文本" in desk.reasons()[0]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_csv_file_says_the_same_as_a_workbook(desk, enterprises, encoding):
    rows = [HEADERS[KIND], row(1), row(2, phone="13900139000", position="司机")]
    desk.take(KIND, write_xlsx(desk.folder / "a.xlsx", rows))
    path = write_csv(desk.folder / "a.csv", rows, encoding=encoding, delimiter=";")
    again = desk.take(KIND, path)
    assert (again.new, again.changed, again.unchanged, again.wrong) == (0, 0, 2, 0)
