from __future__ import annotations

import pytest

from wxbackend.domain.credit_codes import parse_credit_code
from wxbackend.domain.errors import InvalidValue
from wxbackend.domain.masking import mask_id_number, mask_phone
from wxbackend.domain.phones import parse_mobile
from wxbackend.domain.plates import parse_plate, parse_trailer_plate


@pytest.mark.parametrize(
    "plate",
    ["粤A12345", "粤AD12345", "粤A12345D", "粤ZAB12港", "粤A1234挂", "粤AJ219挂", "粤A8K652"],
)
def test_real_plates_are_accepted(plate):
    assert parse_plate(plate) == plate


@pytest.mark.parametrize(
    ("typed", "stored"),
    [("粤a·8k652", "粤A8K652"), ("粤Ａ ８Ｋ６５２", "粤A8K652"), (" 粤A-8K652 ", "粤A8K652")],
)
def test_plates_lose_dots_and_spaces(typed, stored):
    assert parse_plate(typed) == stored


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "plate.missing"),
        ("粤AI2345", "plate.letter_i_or_o"),
        ("粤A1O345", "plate.letter_i_or_o"),
        ("粤AL12345", "plate.format"),
        ("粤B12345L", "plate.format"),
        ("粤A1234", "plate.format"),
        ("粤A123456", "plate.format"),
        ("A12345", "plate.format"),
        ("南A12345", "plate.format"),
        ("粤A1234😀", "plate.format"),
    ],
)
def test_wrong_plates_say_why(typed, code):
    with pytest.raises(InvalidValue) as error:
        parse_plate(typed)
    assert error.value.code == code


def test_a_trailer_plate_ends_in_gua():
    assert parse_trailer_plate("粤AJ219挂") == "粤AJ219挂"
    with pytest.raises(InvalidValue) as error:
        parse_trailer_plate("粤A12345")
    assert error.value.code == "plate.trailer"


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("13800138000", "13800138000"),
        ("138 0013 8000", "13800138000"),
        ("138-0013-8000", "13800138000"),
        ("+8613800138000", "13800138000"),
        ("8613800138000", "13800138000"),
        ("００８６１３８００１３８０００", "13800138000"),
        ("19912345678", "19912345678"),
    ],
)
def test_phones_are_brought_to_eleven_digits(typed, stored):
    assert parse_mobile(typed) == stored


@pytest.mark.parametrize(
    "typed", ["12800138000", "1380013800", "138001380001", "020-12345678", "a"]
)
def test_what_is_no_mobile_number_is_refused(typed):
    with pytest.raises(InvalidValue) as error:
        parse_mobile(typed)
    assert error.value.code == "phone.format"


def test_credit_codes_are_checked():
    assert parse_credit_code("91350100m000100y43") == "91350100M000100Y43"
    for wrong, code in [
        ("91350100M000100Y44", "check_character"),
        ("91350100M000100Y4", "length"),
        ("91350100I000100Y43", "characters"),
        ("", "missing"),
    ]:
        with pytest.raises(InvalidValue) as error:
            parse_credit_code(wrong)
        assert error.value.code == f"credit_code.{code}"


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("440115198803120007", "4401**********0007"),
        ("H12345678", "H******78"),
        ("护照一二三", "*****"),
        ("E12", "***"),
        ("440115 198803120007", "*" * 19),
    ],
)
def test_identity_numbers_are_masked(number, shown):
    assert mask_id_number(number) == shown


def test_phones_are_masked_and_odd_ones_wholly():
    assert mask_phone("13812345678") == "138****5678"
    assert mask_phone("138 1234 5678") == "*" * 13
    assert mask_phone("1381234567") == "*" * 10
