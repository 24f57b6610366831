from __future__ import annotations

import itertools

import pytest

from wxbackend.domain.reservation import ReservationState as S
from wxbackend.domain.reservation import Verdict, can_move, states_before

# Source: product.md section 4, written out.
ALLOWED = {
    (S.PENDING_IDENTITY, S.IDENTITY_FAILED),
    (S.PENDING_IDENTITY, S.RESERVED),
    (S.PENDING_IDENTITY, S.EXPIRED),
    (S.PENDING_IDENTITY, S.CANCELLED),
    (S.IDENTITY_FAILED, S.PENDING_IDENTITY),
    (S.IDENTITY_FAILED, S.EXPIRED),
    (S.IDENTITY_FAILED, S.CANCELLED),
    (S.RESERVED, S.PASSED),
    (S.RESERVED, S.DENIED),
    (S.RESERVED, S.CANCELLED),
    (S.RESERVED, S.EXPIRED),
}


@pytest.mark.parametrize(("current", "target"), list(itertools.product(S, S)))
def test_only_the_listed_moves_are_possible(current, target):
    assert can_move(current, target) is ((current, target) in ALLOWED)


def test_the_condition_of_an_update_is_the_same_table():
    for target in S:
        assert states_before(target) == {a for a, b in ALLOWED if b is target}


def test_each_verdict_leads_to_its_state():
    assert Verdict.ALLOWED.reservation_state is S.PASSED
    assert Verdict.DENIED.reservation_state is S.DENIED
