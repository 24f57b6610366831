"""One row's checks: every wrong cell is named, every right one is in stored form."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from tests.people import credit_code, resident_id
from wxbackend.domain.errors import InvalidForm
from wxbackend.domain.identity_documents import IdType
from wxbackend.domain.import_columns import ImportKind
from wxbackend.domain.import_repeats import Repeats
from wxbackend.domain.import_rows import RowRules, parse_row
from wxbackend.domain.nucleic_acid import NucleicAcidResult

NOW = datetime(2022, 4, 22, 4, 0, tzinfo=UTC)
RULES = RowRules(
    now=NOW,
    towns={"南沙街道": 1, "黄阁镇": 2, "东涌镇": 3, "东涌街道": 4},
    enterprises={credit_code(1): 11, credit_code(2): 12},
    id_types={"居民身份证": IdType.RESIDENT_ID, "护照": IdType.PASSPORT},
)
ENTERPRISE: dict[str, Any] = {
    "name": " 广州顺达物流有限公司 ",
    "credit_code": credit_code(1).lower(),
    "town": "黄阁镇",
    "lead_name": "林 海燕",
    "lead_phone": 13800138000.0,
    "address": None,
    "remark": "",
}
EMPLOYEE: dict[str, Any] = {
    "credit_code": credit_code(2),
    "name": "李建国",
    "id_number": resident_id(1),
    "phone": "13800138000",
    "plate_number": "粤a·8k652",
}
TEST: dict[str, Any] = {
    "id_number": resident_id(1),
    "tested_at": "2022/4/20 8:05",
    "result": "阴性",
}
DOSE: dict[str, Any] = {
    "id_number": resident_id(1),
    "dose_number": "第二针",
    "vaccinated_on": 44671,
}


def parsed(kind: ImportKind, row: dict[str, Any], rules: RowRules = RULES) -> Any:
    return parse_row(kind, row, rules)


def errors(
    kind: ImportKind, row: dict[str, Any], rules: RowRules = RULES, /, **changes
) -> dict[str, str]:
    with pytest.raises(InvalidForm) as wrong:
        parse_row(kind, {**row, **changes}, rules)
    return {column: error.code for column, error in wrong.value.errors.items()}


def test_a_right_enterprise_is_in_stored_form():
    record = parsed(ImportKind.ENTERPRISES, ENTERPRISE)
    assert record.name == "广州顺达物流有限公司"
    assert record.credit_code == credit_code(1)
    assert (record.town_id, record.lead_name, record.lead_phone) == (2, "林海燕", "13800138000")
    assert (record.address, record.kind, record.remark) == (None, None, None)


@pytest.mark.parametrize(
    ("town", "town_id"), [("南沙街道", 1), (" 南沙 街道", 1), ("南沙", 1), ("黄阁", 2)]
)
def test_a_town_may_lack_its_kind(town, town_id):
    assert parsed(ImportKind.ENTERPRISES, {**ENTERPRISE, "town": town}).town_id == town_id


@pytest.mark.parametrize("town", ["南沙镇", "大石街道", "东涌", "街道", "12"])
def test_an_unknown_or_ambiguous_town_is_refused(town):
    assert errors(ImportKind.ENTERPRISES, ENTERPRISE, town=town) == {"town": "import.town.unknown"}


def test_every_wrong_cell_of_an_enterprise_is_named():
    row = dict.fromkeys(ENTERPRISE)
    assert errors(ImportKind.ENTERPRISES, row) == {
        "name": "text.missing",
        "credit_code": "credit_code.missing",
        "town": "text.missing",
        "lead_name": "name.missing",
        "lead_phone": "phone.missing",
    }
    assert errors(
        ImportKind.ENTERPRISES,
        ENTERPRISE,
        name="长" * 101,
        credit_code=914401150000000000,
        lead_name="A1",
        address="长" * 201,
        kind="=1",
        remark="#N/A",
    ) == {
        "name": "text.too_long",
        "credit_code": "import.credit_code.number",
        "lead_name": "name.format",
        "address": "text.too_long",
        "kind": "import.cell.formula",
        "remark": "import.cell.error",
    }


def test_a_right_employee_is_in_stored_form():
    record = parsed(ImportKind.EMPLOYEES, EMPLOYEE)
    assert (record.enterprise_id, record.id_type) == (12, IdType.RESIDENT_ID)
    assert (record.plate_number, record.position) == ("粤A8K652", None)


def test_the_kind_of_document_decides_about_the_number():
    row = {**EMPLOYEE, "id_type": "护照", "id_number": "e12345678"}
    record = parsed(ImportKind.EMPLOYEES, row)
    assert (record.id_type, record.id_number) == (IdType.PASSPORT, "E12345678")
    assert errors(ImportKind.EMPLOYEES, row, id_type="") == {"id_number": "id_number.length"}
    assert (
        errors(ImportKind.EMPLOYEES, row, id_type="驾驶证")["id_type"] == "import.id_type.unknown"
    )


def test_an_employees_enterprise_must_exist():
    found = errors(ImportKind.EMPLOYEES, EMPLOYEE, credit_code=credit_code(3))
    assert found == {"credit_code": "import.enterprise.unknown"}
    assert errors(ImportKind.EMPLOYEES, EMPLOYEE, credit_code=None) == {
        "credit_code": "credit_code.missing"
    }


def test_with_one_enterprise_given_all_go_there_and_no_other_may_be_named():
    rules = RowRules(NOW, {}, RULES.enterprises, {}, only_enterprise=credit_code(1))
    own = {**EMPLOYEE, "credit_code": None}
    assert parsed(ImportKind.EMPLOYEES, own, rules).enterprise_id == 11
    del own["credit_code"]
    assert parsed(ImportKind.EMPLOYEES, own, rules).enterprise_id == 11
    assert errors(ImportKind.EMPLOYEES, EMPLOYEE, rules) == {
        "credit_code": "import.enterprise.other"
    }


def test_a_right_test_is_in_stored_form():
    record = parsed(ImportKind.NUCLEIC_ACID_TESTS, TEST)
    assert record.tested_at == datetime(2022, 4, 20, 0, 5, tzinfo=UTC)
    assert record.result is NucleicAcidResult.NEGATIVE


def test_every_wrong_cell_of_a_test_is_named():
    assert errors(
        ImportKind.NUCLEIC_ACID_TESTS,
        {"id_number": 1.5e17, "tested_at": "", "result": "好", "sampled_at": "早上"},
    ) == {
        "id_number": "import.id_number.number",
        "tested_at": "import.moment.missing",
        "result": "import.result.unknown",
        "sampled_at": "import.moment.format",
    }


def test_a_right_vaccination_is_in_stored_form():
    record = parsed(ImportKind.VACCINATIONS, DOSE)
    assert (record.dose_number, record.vaccinated_on) == (2, date(2022, 4, 20))


def repeat(
    repeats: Repeats, row: dict[str, Any], number: int, kind=ImportKind.NUCLEIC_ACID_TESTS
) -> bool:
    column = "credit_code" if kind is ImportKind.ENTERPRISES else "id_number"
    return repeats.is_repeat(parse_row(kind, row, RULES), number=number, key_column=column)


def test_a_row_that_says_the_same_again_is_a_repeat():
    repeats = Repeats()
    assert not repeat(repeats, TEST, 2)
    assert repeat(repeats, {**TEST, "tested_at": "2022年4月20日 8:05"}, 3)
    assert not repeat(repeats, {**TEST, "tested_at": "2022年4月20日 8:06"}, 4)
    assert not repeat(repeats, {**TEST, "id_number": resident_id(2)}, 5)


def test_a_row_that_contradicts_another_names_that_row():
    repeats = Repeats()
    repeat(repeats, TEST, 7)
    with pytest.raises(InvalidForm) as wrong:
        repeat(repeats, {**TEST, "result": "阳性"}, 9)
    error = wrong.value.errors["id_number"]
    assert (error.code, error.facts) == ("import.row.repeated", {"row": 7})


def test_two_enterprises_may_share_a_lead_but_not_a_phone_of_two_people():
    repeats, kind = Repeats(), ImportKind.ENTERPRISES
    assert not repeat(repeats, ENTERPRISE, 2, kind)
    assert not repeat(repeats, {**ENTERPRISE, "credit_code": credit_code(2)}, 3, kind)
    other = {**ENTERPRISE, "credit_code": credit_code(3), "lead_name": "陈某某"}
    with pytest.raises(InvalidForm) as wrong:
        repeat(repeats, other, 4, kind)
    assert wrong.value.errors["lead_name"].facts == {"row": 2}
