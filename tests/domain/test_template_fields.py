"""Fields of WeChat templates: what fits is sent, what can be cut is cut, the rest is found."""

from __future__ import annotations

import pytest

from wxbackend.domain.template_fields import field_takes, fit_field, kind_of


@pytest.mark.parametrize(
    ("field", "value", "takes"),
    [
        ("thing1", "字" * 20, True),
        ("thing1", "字" * 21, False),
        ("thing1", "一\n二", False),
        ("thing1", "", False),
        ("character_string2", "NS-20220420-0001", True),
        ("character_string2", "A" * 33, False),
        ("character_string2", "编号1", False),
        ("number1", "9" * 32, True),
        ("number1", "1.5", True),
        ("number1", "9" * 33, False),
        ("letter1", "ABC", True),
        ("phrase4", "允许通行", True),
        ("phrase4", "不予通行的", True),
        ("phrase4", "不予通行原因", False),
        ("phrase4", "OK", False),
        ("car_number1", "粤A8K652", True),
        ("car_number1", "粤AD12345", True),
        ("car_number1", "粤ZAB12港", True),
        ("car_number1", "粤A1234挂", True),
        ("car_number1", "粤A·D1234", False),
        ("car_number1", "粤AD123456", False),
        ("name3", "字" * 10, True),
        ("name3", "字" * 11, False),
        ("name3", "A" * 20, True),
        ("name3", "A" * 21, False),
        ("phone_number5", "+86-13800005678", True),
        ("phone_number5", "1" * 18, False),
        ("time3", "2022-04-22 14:30", True),
        ("time3", "2022-04-20 12:00:00", True),
        ("time3", "2022年4月20日 9:05", True),
        ("time3", "14:30", True),
        ("time3", "2022-02-30 14:30", False),
        ("time3", "2022-04-22 24:30", False),
        ("time3", "明天", False),
        ("date3", "2022年4月20日", True),
        ("date3", "14:30", False),
        ("colour1", "x", False),
        ("thing", "x", False),
    ],
)
def test_a_field_takes_what_wechat_takes(field, value, takes):
    assert field_takes(field, value) is takes


@pytest.mark.parametrize(
    ("field", "value", "fitted"),
    [
        ("thing1", " 一\n二\r\n三 ", "一 二 三"),
        ("thing1", "字" * 25, "字" * 19 + "…"),
        ("phrase4", "不予通行原因", "不予通行原"),
        ("character_string2", "A" * 40, "A" * 32),
        ("name3", "字" * 12, "字" * 10),
        ("name3", "A" * 30, "A" * 20),
        ("car_number1", "粤AD123456", "粤AD123456"),  # a cut plate would be another truck
        ("time3", "2022-04-22 14:30", "2022-04-22 14:30"),
    ],
)
def test_only_what_keeps_its_sense_is_cut(field, value, fitted):
    assert fit_field(field, value) == fitted


def test_the_kind_stands_before_the_number():
    assert kind_of("car_number12") == "car_number"
    assert kind_of("thing") is None
    assert kind_of("thing1x") is None
