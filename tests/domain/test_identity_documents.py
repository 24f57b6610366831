from __future__ import annotations

from datetime import date

import pytest

from wxbackend.domain.errors import InvalidValue
from wxbackend.domain.identity_documents import IdType, parse_document, parse_id_type

TODAY = date(2022, 4, 22)


def parse(id_type: IdType, number: str) -> str:
    return parse_document(id_type, number, on=TODAY).number


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("11010519491231002X", "11010519491231002X"),
        ("11010519491231002x", "11010519491231002X"),
        ("810000199408230021", "810000199408230021"),
        (" 110105 19491231 002X ", "11010519491231002X"),
        ("１１０１０５１９４９１２３１００２Ｘ", "11010519491231002X"),
        ("'11010519491231002X", "11010519491231002X"),
        ("1101\u200b0519491231002X", "11010519491231002X"),
    ],
)
def test_resident_ids_are_normalised_not_rejected(typed, stored):
    assert parse(IdType.RESIDENT_ID, typed) == stored


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "id_number.missing"),
        ("  ", "id_number.missing"),
        ("110105194912310", "id_number.length"),
        ("11010519491231002", "id_number.length"),
        ("11010519491231O02X", "id_number.characters"),
        ("X1010519491231002X", "id_number.characters"),
        ("110105194913310021", "id_number.birth_date"),
        ("110105194902300026", "id_number.birth_date"),
        ("110105202204230023", "id_number.birth_date"),
        ("110105188012310028", "id_number.birth_date"),
        ("110105194912310021", "id_number.check_character"),
        ("440115198803120008", "id_number.check_character"),
    ],
)
def test_wrong_resident_ids_say_which_rule_broke(typed, code):
    with pytest.raises(InvalidValue) as error:
        parse(IdType.RESIDENT_ID, typed)
    assert error.value.code == code


def test_somebody_born_today_has_a_valid_number():
    from wxbackend.domain.gb_checks import resident_check_character

    first = "44011520220422001"
    assert parse(IdType.RESIDENT_ID, first + resident_check_character(first))


@pytest.mark.parametrize(
    ("id_type", "number"),
    [
        (IdType.HK_MACAO_PERMIT, "H12345678"),
        (IdType.HK_MACAO_PERMIT, "m1234567890"),
        (IdType.TAIWAN_PERMIT, "12345678"),
        (IdType.TAIWAN_PERMIT, "1234567890"),
        (IdType.TAIWAN_PERMIT, "1234567890A"),
        (IdType.PASSPORT, "E12345678"),
        (IdType.PASSPORT, "AB123"),
        (IdType.FOREIGN_PERMANENT_RESIDENT_ID, "CHN110012345678"),
        (IdType.FOREIGN_PERMANENT_RESIDENT_ID, "911124198108030024"),
    ],
)
def test_other_documents_are_known(id_type, number):
    assert parse(id_type, number) == number.upper()


@pytest.mark.parametrize(
    ("id_type", "number"),
    [
        (IdType.HK_MACAO_PERMIT, "A12345678"),
        (IdType.HK_MACAO_PERMIT, "H1234567"),
        (IdType.HK_MACAO_PERMIT, "H123456789"),
        (IdType.TAIWAN_PERMIT, "1234567"),
        (IdType.TAIWAN_PERMIT, "12345678A"),
        (IdType.PASSPORT, "E123"),
        (IdType.PASSPORT, "E12345678901234567"),
        (IdType.PASSPORT, "护照12345"),
        (IdType.FOREIGN_PERMANENT_RESIDENT_ID, "CHN11001234567"),
    ],
)
def test_other_documents_refuse_what_they_are_not(id_type, number):
    with pytest.raises(InvalidValue) as error:
        parse(id_type, number)
    assert error.value.code == f"id_number.{id_type.value}"


def test_the_new_foreign_resident_id_has_a_check_character():
    with pytest.raises(InvalidValue) as error:
        parse(IdType.FOREIGN_PERMANENT_RESIDENT_ID, "911124198108030025")
    assert error.value.code == "id_number.check_character"


def test_only_resident_ids_can_be_checked_online():
    assert parse_document(IdType.RESIDENT_ID, "11010519491231002X", on=TODAY).can_be_checked_online
    assert not parse_document(IdType.PASSPORT, "E12345678", on=TODAY).can_be_checked_online


def test_an_unknown_kind_of_document_is_refused():
    with pytest.raises(InvalidValue):
        parse_id_type("driving_licence")
