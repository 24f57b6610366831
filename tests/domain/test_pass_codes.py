from __future__ import annotations

import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wxbackend.domain.pass_codes import (
    SHORT_CODE_ALPHABET,
    ForeignCode,
    PassToken,
    ShortCode,
    parse_short_code,
    parse_token,
    read_scanned,
    short_code_from_bytes,
    token_from_bytes,
)

HOST = "gate.example.gov.cn"
TOKEN = "ABCDEFGHIJKLMNOPQRSTUVWX23"


@given(st.binary(min_size=16, max_size=32))
def test_a_token_has_26_capitals_and_digits(secret):
    token = token_from_bytes(secret)
    assert parse_token(token.text) == token
    assert parse_token(token.text.lower()) == token


@given(st.binary(min_size=16, max_size=32))
def test_a_short_code_has_8_characters_without_look_alikes(secret):
    code = short_code_from_bytes(secret)
    assert len(code.text) == 8
    assert not set(code.text) & set("01OILBSZU")
    assert parse_short_code(code.text) == code


def test_short_codes_use_the_whole_alphabet():
    seen = "".join(short_code_from_bytes(secrets.token_bytes(16)).text for _ in range(400))
    assert set(seen) == set(SHORT_CODE_ALPHABET)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("7K3M9QX2", "7K3M9QX2"),
        ("7k3m 9qx2", "7K3M9QX2"),
        ("7K3M-9QX2", "7K3M9QX2"),
        ("７Ｋ３Ｍ９ＱＸ２", "7K3M9QX2"),
        ("BK3M9QXZ", "8K3M9QX2"),
        ("SK3M9QXU", "5K3M9QXV"),
    ],
)
def test_typed_short_codes_are_read_kindly(typed, read):
    assert parse_short_code(typed) == ShortCode(read)


@pytest.mark.parametrize("typed", ["", "7K3M9QX", "7K3M9QX22", "7K3M9QX0", "7K3M9QX1", "七K3M9QX2"])
def test_other_texts_are_no_short_codes(typed):
    assert parse_short_code(typed) is None


@pytest.mark.parametrize(
    "scanned",
    [
        f"HTTPS://GATE.EXAMPLE.GOV.CN/P/{TOKEN}",
        f"https://gate.example.gov.cn/p/{TOKEN.lower()}",
        f"  https://gate.example.gov.cn/P/{TOKEN}\n",
        f"CODE_128,https://gate.example.gov.cn/P/{TOKEN}",
        '{"scan_code":{"scan_result":"https://gate.example.gov.cn/P/' + TOKEN + '"}}',
    ],
)
def test_every_shape_of_a_scan_gives_the_token(scanned):
    assert read_scanned(scanned, own_host=HOST) == PassToken(TOKEN)


@pytest.mark.parametrize(
    "scanned",
    [
        f"https://evil.example/P/{TOKEN}",
        "https://gate.example.gov.cn/P/SHORT",
        "https://gate.example.gov.cn/d",
        "健康码 粤康码 abc",
        "",
        "{broken json",
        '{"scan_code": 5}',
        "[1,2]",
        "CODE_39,",
        "粤A8K652,粤B12345",
    ],
)
def test_foreign_codes_are_recognised_as_foreign(scanned):
    assert isinstance(read_scanned(scanned, own_host=HOST), ForeignCode)


def test_a_scanned_short_code_is_one_too():
    assert read_scanned("7K3M9QX2", own_host=HOST) == ShortCode("7K3M9QX2")
