"""A reservation's vocabulary and its life: the states, and the only moves between them."""

from __future__ import annotations

from enum import StrEnum


class ReservationState(StrEnum):
    PENDING_IDENTITY = "pending_identity"
    IDENTITY_FAILED = "identity_failed"
    RESERVED = "reserved"
    PASSED = "passed"
    DENIED = "denied"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


_S = ReservationState
# Source: product.md section 4.
MOVES: dict[ReservationState, frozenset[ReservationState]] = {
    _S.PENDING_IDENTITY: frozenset({_S.IDENTITY_FAILED, _S.RESERVED, _S.EXPIRED, _S.CANCELLED}),
    _S.IDENTITY_FAILED: frozenset({_S.PENDING_IDENTITY, _S.EXPIRED, _S.CANCELLED}),
    _S.RESERVED: frozenset({_S.PASSED, _S.DENIED, _S.CANCELLED, _S.EXPIRED}),
    _S.PASSED: frozenset(),
    _S.DENIED: frozenset(),
    _S.CANCELLED: frozenset(),
    _S.EXPIRED: frozenset(),
}
OPEN_STATES = frozenset(state for state, moves in MOVES.items() if moves)


def can_move(current: ReservationState, target: ReservationState) -> bool:
    return target in MOVES[current]


def states_before(target: ReservationState) -> frozenset[ReservationState]:
    """The states from which `target` may be entered: the condition of the UPDATE that enters it."""
    return frozenset(state for state, moves in MOVES.items() if target in moves)


class Verdict(StrEnum):
    ALLOWED = "allowed"
    DENIED = "denied"

    @property
    def reservation_state(self) -> ReservationState:
        return _S.PASSED if self is Verdict.ALLOWED else _S.DENIED


class VehicleType(StrEnum):
    HEAVY = "heavy"
    MEDIUM = "medium"
    LIGHT = "light"
    TRACTOR = "tractor"
    OTHER = "other"


class HealthCode(StrEnum):
    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"


class ImageKind(StrEnum):
    HEALTH_CODE = "health_code_image"
    TRIP_CARD = "trip_card_image"
    TEST_REPORT = "test_report_image"


class IdentityAssurance(StrEnum):
    """How sure the identity is that a reservation carries to the gate."""

    CHECKED = "checked"  # 微警 said yes for this name and number
    NOT_CHECKABLE = "not_checkable"  # a document that 微警 does not know
    PENDING = "pending"
