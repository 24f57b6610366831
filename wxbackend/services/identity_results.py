"""How a 微警认证 ended, asked by the server alone, and what follows for the reservation."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from models.database import Session, reading, transaction
from models.identity_checks import (
    LIVE_STATES,
    IdentityCheckState,
    claim_questions,
    find_check,
    find_check_by_return_key,
    find_live_check,
    settle_check,
)
from models.reservations import (
    Reservation,
    find_reservation,
    find_reservation_by_id,
    move_reservation,
)
from wxbackend.domain.actors import system_actor
from wxbackend.domain.errors import NotFound
from wxbackend.domain.reservation import IdentityAssurance, ReservationState
from wxbackend.domain.scope import DistrictScope, DriverScope
from wxbackend.gateways.errors import GatewayError
from wxbackend.gateways.interfaces.identity import IdentityResult
from wxbackend.gateways.interfaces.stores import LockNotFree
from wxbackend.services.audit import record
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.passage_letters import enqueue_reservation_letter
from wxbackend.services.passes import issue_pass
from wxbackend.services.prepared_finish import finish_prepared_form

_log = logging.getLogger(__name__)

_QUESTION_EVERY = timedelta(seconds=10)
# A driver may finish in the last second of the certToken: the server asks once more after its end.
_LAST_QUESTION_AFTER = timedelta(seconds=20)
_SYSTEM_SCOPE = DistrictScope()


def come_back(dependencies: Dependencies, return_key: str) -> str:
    """The browser is back from the provider's page; the public id of its reservation.

    Nothing that the browser brings along is believed: the key says which check it is, and the
    provider is asked how it ended.

    Raises: NotFound.
    """
    with reading() as session:
        check = find_check_by_return_key(session, return_key)
        if check is None:
            raise NotFound
        reservation = find_reservation_by_id(session, _SYSTEM_SCOPE, check.reservation_id)
        check_id, public_id = check.id, reservation.public_id if reservation else ""
    settle(dependencies, check_id)
    return public_id


def ask_now(dependencies: Dependencies, scope: DriverScope, public_id: str) -> None:
    """Ask how the check of this reservation ended, if one is under way. Raises: NotFound."""
    with reading() as session:
        reservation = find_reservation(session, scope, public_id)
        if reservation is None:
            raise NotFound
        live = find_live_check(session, reservation.id)
        check_id = live.id if live else None
    if check_id is not None:
        settle(dependencies, check_id)


def ask_for_results(dependencies: Dependencies, *, limit: int) -> int:
    """Ask about checks whose drivers have not come back; how many were asked about."""
    now = dependencies.clock()
    with transaction() as session:
        due = claim_questions(session, now=now, next_question_at=now + _QUESTION_EVERY, limit=limit)
    for check_id in due:
        settle(dependencies, check_id)
    return len(due)


def settle(dependencies: Dependencies, check_id: int) -> None:
    """Ask the provider how the check ended and let the reservation follow, once."""
    with reading() as session:
        check = find_check(session, check_id)
        if check is None or check.state not in LIVE_STATES:
            return
        cert_token, expires_at = check.cert_token, check.expires_at
    result = _fetch(dependencies, check_id, cert_token)
    now = dependencies.clock()
    if result is None or not result.is_done:
        if now > expires_at + _LAST_QUESTION_AFTER:
            with transaction() as session:
                settle_check(
                    session, check_id, IdentityCheckState.LAPSED, result_code="lapsed", now=now
                )
        return
    with transaction() as session:
        _apply(session, dependencies, check_id, result, now=now)


def _fetch(
    dependencies: Dependencies, check_id: int, cert_token: str | None
) -> IdentityResult | None:
    if cert_token is None:
        return None
    try:
        return dependencies.gateways.identity.fetch_result(cert_token)
    except (GatewayError, LockNotFree) as error:
        _log.warning(
            "identity result not available",
            extra={"check": check_id, "provider_said": str(error)[:60]},
        )
        return None


def _apply(
    session: Session,
    dependencies: Dependencies,
    check_id: int,
    result: IdentityResult,
    *,
    now: datetime,
) -> None:
    check = find_check(session, check_id)
    if check is None:
        return
    reservation = find_reservation_by_id(session, _SYSTEM_SCOPE, check.reservation_id)
    if reservation is None:
        return
    passed = result.has_passed and _is_same_person(result, reservation)
    state = IdentityCheckState.PASSED if passed else IdentityCheckState.FAILED
    code = result.code if passed == result.has_passed else f"{result.code}/other_person"
    if not settle_check(session, check_id, state, result_code=code[:60], now=now):
        return  # another process was first
    target = ReservationState.RESERVED if passed else ReservationState.IDENTITY_FAILED
    if not move_reservation(session, reservation.id, target, now=now):
        return  # cancelled or expired meanwhile
    record(
        session,
        system_actor("identity"),
        "identity_passed" if passed else "identity_failed",
        about=("reservation", reservation.id),
        now=now,
        succeeded=passed,
        details={"code": code[:60]},
    )
    if passed:
        session.refresh(reservation)
        reservation.identity = IdentityAssurance.CHECKED
        issue_pass(session, dependencies.gateways.keys, reservation, now=now)
        finish_prepared_form(session, reservation, now=now)
        enqueue_reservation_letter(session, dependencies, reservation, now=now)


def _is_same_person(result: IdentityResult, reservation: Reservation) -> bool:
    """Whether what came back agrees with what was asked; a masked character agrees with any."""
    number = result.id_number is None or _agrees(result.id_number.upper(), reservation.id_number)
    name = result.name is None or _agrees(result.name, reservation.name)
    return number and name


def _agrees(answer: str, asked: str) -> bool:
    """`*` stands for one hidden character; an answer of another length agrees only in full."""
    if len(answer) != len(asked):
        return False
    return all(given in {wanted, "*"} for given, wanted in zip(answer, asked, strict=True))
