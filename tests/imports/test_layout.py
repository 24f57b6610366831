"""Finding a file's columns by its header row."""

from __future__ import annotations

import pytest

from wxbackend.domain.errors import InvalidValue
from wxbackend.domain.import_cells import Cell
from wxbackend.domain.import_columns import ImportKind, columns_of, template_headers
from wxbackend.domain.import_layout import find_layout

COLUMNS = columns_of(ImportKind.NUCLEIC_ACID_TESTS)


def test_columns_are_found_in_any_order():
    layout = find_layout(COLUMNS, ["检测结果", None, "证件号码", "检测时间"])
    assert layout.positions == {"result": 0, "id_number": 2, "tested_at": 3}
    assert layout.pick(["阴性", 1, "A"]) == {"result": "阴性", "id_number": "A", "tested_at": None}


@pytest.mark.parametrize(
    "header",
    [
        "检测结果★",
        "*检测结果",
        "检测结果＊",
        " 检测 结果 ",
        "检测结果（阴性/阳性/可疑）",
        "检测结果(必填)★",
        "【必填】检测结果",
        "检测结果：",
        "检测\n结果",
        "\ufeff检测结果",
        "检\u200b测结果",
    ],
)
def test_marks_spaces_and_notes_are_no_part_of_a_header(header):
    assert find_layout(COLUMNS, ["证件号码", "检测时间", header]).positions["result"] == 2


def test_the_templates_own_headers_are_found():
    for kind in ImportKind:
        layout = find_layout(columns_of(kind), [*template_headers(columns_of(kind))])
        assert len(layout.positions) == len(columns_of(kind))


def test_unknown_columns_are_named_and_the_reason_column_is_not():
    headers: list[Cell] = ["证件号码", "检测时间", "检测结果", "街道", 2022, "错误原因"]
    assert find_layout(COLUMNS, headers).ignored == ("街道", "2022")


def test_missing_required_columns_are_all_named():
    with pytest.raises(InvalidValue) as wrong:
        find_layout(COLUMNS, ["证件号码", "姓名"])
    assert wrong.value.code == "import.header.missing"
    assert wrong.value.facts == {"columns": "检测时间、检测结果"}


def test_a_header_that_stands_twice_is_refused():
    with pytest.raises(InvalidValue) as wrong:
        find_layout(COLUMNS, ["证件号码", "检测时间", "检测结果", "证件号码★"])
    assert (wrong.value.code, wrong.value.facts) == ("import.header.twice", {"column": "证件号码"})


def test_employees_need_the_credit_code_unless_one_enterprise_is_given():
    headers = ["姓名", "证件号码", "手机号"]
    with pytest.raises(InvalidValue):
        find_layout(columns_of(ImportKind.EMPLOYEES), headers)
    assert find_layout(columns_of(ImportKind.EMPLOYEES, for_one_enterprise=True), headers)
