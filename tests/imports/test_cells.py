"""Real-life cells, one by one."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest

from tests.imports.files import cell_time
from wxbackend.domain.errors import InvalidValue
from wxbackend.domain.gb_checks import resident_check_character
from wxbackend.domain.identity_documents import IdType
from wxbackend.domain.import_cells import (
    is_blank,
    long_number,
    parse_any_document,
    parse_day,
    parse_dose,
    parse_moment,
    parse_phone,
    parse_result,
    parse_text,
    plain_text,
)
from wxbackend.domain.nucleic_acid import NucleicAcidResult

NOW = datetime(2022, 4, 22, 4, 0, tzinfo=UTC)  # 12:00 in the district
AT_8_05 = datetime(2022, 4, 20, 0, 5, tzinfo=UTC)
MIDNIGHT = datetime(2022, 4, 19, 16, 0, tzinfo=UTC)


def code_of(parse, *arguments, **options) -> str:
    with pytest.raises(InvalidValue) as wrong:
        parse(*arguments, **options)
    return wrong.value.code


@pytest.mark.parametrize(
    "cell",
    [
        "2022/4/20 8:05",
        "2022-04-20 08:05:00",
        "2022-04-20 08:05:00.0",
        "2022年4月20日 8时5分",
        "2022年4月20日8时5分0秒",
        "2022年 4月 20日 08:05",
        "2022年4月20日08:05",
        "2022.4.20 8:05",
        "2022-04-20T08:05:00+08:00",
        "2022-04-20T08:05:00+0800",
        "2022-04-20T00:05:00Z",
        "2022-04-20 02:05 +02:00",
        "20220420 08:05",
        "20220420080500",
        "202204200805",
        20220420080500,
        "２０２２／４／２０　８：０５",
        "  2022/4/20   8:05 ",
        "'2022/4/20 8:05",
        cell_time(2022, 4, 20, 8, 5),
        cell_time(2022, 4, 20, 8, 4, 59, 999_000),
        cell_time(2022, 4, 20, 8, 5, 0, 200_000),
        44671.336805555555,
        44671.33680556,
    ],
)
def test_a_moment_is_read_in_many_shapes(cell):
    assert parse_moment(cell, now=NOW) == AT_8_05


@pytest.mark.parametrize(
    "cell",
    [
        "2022年4月20日",
        "2022年4月20",
        "20220420",
        20220420,
        20220420.0,
        "2022.4.20",
        "2022-04-20",
        "2022/04/20",
        date(2022, 4, 20),
        cell_time(2022, 4, 20),
        44671,
        44671.0,
    ],
)
def test_a_day_without_a_time_is_its_first_moment(cell):
    assert parse_moment(cell, now=NOW) == MIDNIGHT
    assert parse_day(cell, now=NOW) == date(2022, 4, 20)


def test_a_day_with_a_time_is_the_districts_day():
    assert parse_day("2022-04-20 23:59", now=NOW) == date(2022, 4, 20)
    assert parse_day("2022-04-19T16:00:00Z", now=NOW) == date(2022, 4, 20)


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        (None, "missing"),
        ("  ", "missing"),
        ("4/20/2022", "format"),
        ("20-4-22", "format"),
        ("2022-4-208:05", "format"),
        ("2022-02-30", "format"),
        ("2022-04-20 24:00", "format"),
        ("2022-04-20 8:5:99", "format"),
        ("2022-04-20 08:05+99:99", "format"),
        ("昨天", "format"),
        (2022, "format"),
        (True, "format"),
        (float("inf"), "format"),
        (float("nan"), "format"),
        (time(8, 5), "format"),
        (timedelta(hours=8), "format"),
        (cell_time(1905, 7, 14), "too_old"),
        ("1999-12-31 23:59:59", "too_old"),
        ("0202-04-20", "too_old"),
        ("2099-01-01", "future"),
        ("9999-12-31 23:59 -11:00", "future"),
    ],
)
def test_what_is_no_moment_says_why(cell, code):
    assert code_of(parse_moment, cell, now=NOW) == f"import.moment.{code}"


def test_a_moment_may_lie_one_day_ahead_and_no_further():
    assert parse_moment("2022-04-23 12:00:00", now=NOW) == NOW + timedelta(days=1)
    assert code_of(parse_moment, "2022-04-23 12:00:01", now=NOW) == "import.moment.future"


@pytest.mark.parametrize(
    "cell",
    [
        13800138000,
        13800138000.0,
        "13800138000",
        "13800138000.0",
        "'13800138000",
        "138 0013 8000",
        "138-0013-8000",
        "+86 13800138000",
        "１３８００１３８０００",
    ],
)
def test_a_phone_is_read_in_many_shapes(cell):
    assert parse_phone(cell) == "13800138000"


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        (None, "phone.missing"),
        (1380013800, "phone.format"),
        (13800138000.5, "phone.format"),
        ("1.38E+10", "import.phone.number"),
        ("1.38E10", "import.phone.number"),
        ("=A1", "import.cell.formula"),
        ("#N/A", "import.cell.error"),
        (cell_time(2022, 4, 20), "phone.format"),
    ],
)
def test_what_is_no_phone_says_why(cell, code):
    assert code_of(parse_phone, cell) == code


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        ("11010519491231002X", IdType.RESIDENT_ID),
        ("11010519491231002x", IdType.RESIDENT_ID),
        ("'11010519491231002X", IdType.RESIDENT_ID),
        ("‘11010519491231002X", IdType.RESIDENT_ID),
        ("110105 19491231 002X", IdType.RESIDENT_ID),
        ("１１０１０５１９４９１２３１００２Ｘ", IdType.RESIDENT_ID),
        ("810000199408230021", IdType.RESIDENT_ID),
        ("H12345678", IdType.HK_MACAO_PERMIT),
        ("M1234567890", IdType.HK_MACAO_PERMIT),
        ("12345678", IdType.TAIWAN_PERMIT),
        ("1234567890A", IdType.TAIWAN_PERMIT),
        ("E12345678", IdType.PASSPORT),
        ("123456789", IdType.PASSPORT),
        ("CHN110101010101", IdType.PASSPORT),  # also a permanent resident's: the number is one
    ],
)
def test_a_register_takes_any_document(cell, kind):
    assert parse_any_document(cell, now=NOW).type is kind


def test_a_foreign_permanent_resident_of_eighteen_digits_is_taken():
    first = "91234567890123457"  # no birthday in it: not a resident ID
    document = parse_any_document(first + resident_check_character(first), now=NOW)
    assert document.type is IdType.FOREIGN_PERMANENT_RESIDENT_ID


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        (None, "id_number.missing"),
        ("11010519491231002", "id_number.length"),
        ("1101051949123100211", "id_number.length"),
        ("110105194912310021", "id_number.check_character"),
        ("110105194913310029", "id_number.birth_date"),
        ("4401151990010112X", "id_number.length"),
        ("440115900101123", "id_number.length"),  # fifteen digits: the form before 1999
        ("13800138000", "id_number.length"),
        ("123", "import.id_number.format"),
        ("李建国", "import.id_number.format"),
        (440115199001011234, "import.id_number.number"),
        (4.40115199001011e17, "import.id_number.number"),
        (12345678, "import.id_number.number"),
        ("4.40115E+17", "import.id_number.number"),
        ("4.40115e17", "import.id_number.number"),
        ("440115199001011000.0", "import.id_number.number"),
        ("＝A1", "import.cell.formula"),
        ("#REF!", "import.cell.error"),
    ],
)
def test_what_is_no_document_says_why(cell, code):
    assert code_of(parse_any_document, cell, now=NOW) == code


def test_a_credit_code_stored_as_a_number_is_refused():
    code = code_of(long_number, 914401150000000000, name="credit_code")
    assert code == "import.credit_code.number"
    assert long_number("91350100M000100Y43", name="credit_code") == "91350100M000100Y43"


@pytest.mark.parametrize(
    ("cell", "dose"),
    [
        (1, 1),
        (1.0, 1),
        ("1", 1),
        ("1.0", 1),
        ("一针", 1),
        ("第一针", 1),
        ("第1针", 1),
        ("第 1 针", 1),
        ("１", 1),
        ("2剂", 2),
        ("两针", 2),
        ("第三剂次", 3),
        ("四", 4),
        (9, 9),
    ],
)
def test_a_dose_is_read_in_many_shapes(cell, dose):
    assert parse_dose(cell) == dose


@pytest.mark.parametrize("cell", [0, 10, -1, 1.5, "加强针", "针", "第十针", True])
def test_another_dose_is_refused(cell):
    assert code_of(parse_dose, cell) == "import.dose.unknown"


def test_results_are_three_words():
    assert parse_result(" 阴性 ") is NucleicAcidResult.NEGATIVE
    assert parse_result("阳性") is NucleicAcidResult.POSITIVE
    assert parse_result("可疑") is NucleicAcidResult.SUSPECT
    assert code_of(parse_result, "合格") == "import.result.unknown"
    assert code_of(parse_result, None) == "text.missing"


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (None, ""),
        (" 南沙\u3000港 ", "南沙 港"),
        ("'=1+1", "=1+1"),
        (12, "12"),
        (12.0, "12"),
        (12.5, "12.5"),
        ("a\u200bb\x0bc", "ab c"),
        ("两\n行", "两 行"),
        (cell_time(2022, 4, 20, 8, 5), "2022-04-20 08:05:00"),
    ],
)
def test_free_text_is_one_clean_line(cell, text):
    assert parse_text(cell, longest=40) == text


def test_free_text_has_a_limit_and_no_formula():
    assert code_of(parse_text, "长" * 41, longest=40) == "text.too_long"
    assert code_of(plain_text, "=HYPERLINK(1)") == "import.cell.formula"
    assert code_of(plain_text, " ＝1") == "import.cell.formula"


@pytest.mark.parametrize("cell", [None, "", " ", "\u3000", "\t\n", "\u200b", "\ufeff"])
def test_a_cell_with_nothing_to_see_is_blank(cell):
    assert is_blank(cell)


@pytest.mark.parametrize("cell", [0, 0.0, False, "0", "-", cell_time(2022, 4, 20)])
def test_a_nought_is_not_blank(cell):
    assert not is_blank(cell)
