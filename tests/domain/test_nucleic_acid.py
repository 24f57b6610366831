from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from wxbackend.domain.nucleic_acid import (
    NucleicAcidClass,
    NucleicAcidResult,
    NucleicAcidTest,
    classify_tests,
)

NOW = datetime(2022, 4, 22, 6, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
C, R = NucleicAcidClass, NucleicAcidResult


def made(age: timedelta, result: NucleicAcidResult = R.NEGATIVE) -> NucleicAcidTest:
    return NucleicAcidTest(NOW - age, result)


@pytest.mark.parametrize(
    ("hours", "up_to", "beyond"),
    [
        (24, C.NEGATIVE_24H, C.NEGATIVE_48H),
        (48, C.NEGATIVE_48H, C.NEGATIVE_72H),
        (72, C.NEGATIVE_72H, C.NEGATIVE_7D),
        (168, C.NEGATIVE_7D, C.OLDER),
    ],
)
def test_each_class_ends_at_its_hour_included(hours, up_to, beyond):
    edge = timedelta(hours=hours)
    assert classify_tests([made(edge - SECOND)], NOW).kind is up_to
    assert classify_tests([made(edge)], NOW).kind is up_to
    assert classify_tests([made(edge + SECOND)], NOW).kind is beyond


@pytest.mark.parametrize("result", [R.POSITIVE, R.SUSPECT, R.OTHER])
@pytest.mark.parametrize("hours", [0, 1, 24, 48, 72, 168, 169, 2000])
def test_not_negative_is_said_at_any_age(result, hours):
    finding = classify_tests([made(timedelta(hours=hours), result)], NOW)
    assert finding.kind is C.NOT_NEGATIVE
    assert finding.test is not None
    assert finding.test.result is result


def test_no_test_is_no_record():
    assert classify_tests([], NOW).kind is C.NO_RECORD


def test_a_test_in_the_future_is_ignored():
    ahead = made(-SECOND)
    assert classify_tests([ahead], NOW).kind is C.NO_RECORD
    assert classify_tests([ahead, made(timedelta(hours=30))], NOW).kind is C.NEGATIVE_48H
    assert classify_tests([made(timedelta(0))], NOW).kind is C.NEGATIVE_24H


def test_a_positive_test_in_the_future_is_ignored_too():
    tests = [made(-SECOND, R.POSITIVE), made(timedelta(hours=1))]
    assert classify_tests(tests, NOW).kind is C.NEGATIVE_24H


def test_the_newest_of_several_tests_decides():
    newer_negative = [made(timedelta(hours=90), R.POSITIVE), made(timedelta(hours=2))]
    assert classify_tests(newer_negative, NOW).kind is C.NEGATIVE_24H
    newer_positive = [made(timedelta(hours=2)), made(timedelta(hours=1), R.POSITIVE)]
    assert classify_tests(newer_positive, NOW).kind is C.NOT_NEGATIVE
    assert classify_tests(reversed(newer_positive), NOW).kind is C.NOT_NEGATIVE


def test_of_two_at_one_moment_the_one_not_negative_decides():
    tests = [made(SECOND), made(SECOND, R.SUSPECT)]
    assert classify_tests(tests, NOW).kind is C.NOT_NEGATIVE
    assert classify_tests(reversed(tests), NOW).kind is C.NOT_NEGATIVE


def test_an_older_negative_keeps_its_test_to_show():
    finding = classify_tests([made(timedelta(days=12))], NOW)
    assert finding.kind is C.OLDER
    assert finding.test == made(timedelta(days=12))
