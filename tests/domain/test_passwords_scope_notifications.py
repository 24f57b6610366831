from __future__ import annotations

from datetime import timedelta

import pytest

from wxbackend.domain.notifications import MOVES, NotificationState, pause_after
from wxbackend.domain.passwords import password_problem
from wxbackend.domain.roles import RIGHTS, Right, Role, may


@pytest.mark.parametrize(
    ("password", "problem"),
    [
        ("Correct7horse", None),
        ("correct-horse7", None),
        ("Aa3" + "x" * 61, None),
        ("Short7x", "password.short"),
        ("a" * 129, "password.long"),
        ("alllowercase", "password.simple"),
        ("lowercase77777", "password.simple"),
        ("Password2022", "password.common"),
        ("Gate1-is-mine", "password.common"),
        ("Admin12345x", "password.common"),
        ("2022Manchester!!", "password.common"),
        ("M@nchester-2022", "password.common"),
        ("1qaz@WSX3edc", "password.common"),
        ("Aa!@#$%-truck", "password.common"),
        ("g@te1-Is-Mine", "password.common"),
    ],
)
def test_passwords_follow_the_rules(password, problem):
    assert password_problem(password, name="gate1") == problem


def test_pauses_grow_and_end():
    pauses = [timedelta(minutes=1), timedelta(minutes=5)]
    assert pause_after(1, pauses, chance=0.5) == timedelta(minutes=1)
    assert pause_after(2, pauses, chance=0.5) == timedelta(minutes=5)
    assert pause_after(3, pauses, chance=0.5) is None


def test_jitter_spreads_a_pause_by_a_tenth():
    pauses = [timedelta(minutes=10)]
    assert pause_after(1, pauses, chance=0.0) == timedelta(minutes=9)
    assert pause_after(1, pauses, chance=1.0) == timedelta(minutes=11)


def test_nothing_leaves_delivered():
    assert MOVES[NotificationState.DELIVERED] == frozenset()
    assert set(MOVES) == set(NotificationState)


def test_every_right_has_somebody_and_auditors_write_nothing():
    assert set(RIGHTS) == set(Right)
    assert all(RIGHTS.values())
    read_only = {Right.VIEW_SIGN_INS, Right.READ_AUDIT}
    assert {right for right in Right if may(Role.AUDITOR, right)} == read_only
    of_admins = {
        Right.VIEW_SIGN_INS,
        Right.MANAGE_SYSTEM,
        Right.VIEW_JOBS,
        Right.VIEW_SMS_PROVIDERS,
    }
    assert {right for right in Right if may(Role.ADMIN, right)} == of_admins
