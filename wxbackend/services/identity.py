"""微警认证 around a reservation: beginning a check."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.base import new_public_id
from models.database import IntegrityError, transaction
from models.identity_checks import (
    IdentityCheck,
    IdentityCheckState,
    find_check,
    find_live_check,
    settle_check,
    supersede_checks,
)
from models.reservations import (
    Reservation,
    find_reservation,
    move_reservation,
)
from wxbackend.domain.actors import Actor
from wxbackend.domain.errors import Conflict, NotFound, ProductError
from wxbackend.domain.reservation import ReservationState
from wxbackend.domain.scope import DriverScope
from wxbackend.gateways.errors import GatewayError
from wxbackend.gateways.interfaces.identity import StartedCheck
from wxbackend.gateways.interfaces.stores import LockNotFree
from wxbackend.services.audit import record
from wxbackend.services.dependencies import Dependencies

_log = logging.getLogger(__name__)

# How soon the server asks for a result by itself, when the driver does not come back.
_FIRST_QUESTION_AFTER = timedelta(seconds=15)


class IdentityUnavailable(ProductError):
    """微警 does not answer; the reservation stays as it is and can be sent there again."""

    code = "identity_unavailable"


@dataclass(frozen=True, slots=True)
class ProgramCheck:
    """What a mini-program needs to send its person to 微警."""

    cert_token: str
    page_url: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class _Request:
    check_id: int
    name: str
    id_number: str
    return_key: str


def begin_check(
    dependencies: Dependencies, scope: DriverScope, public_id: str, *, actor: Actor
) -> str:
    """The address of the provider's page for this reservation.

    A second tap gets the page of the check that is under way.

    Raises: NotFound, Conflict (the reservation needs no check), IdentityUnavailable.
    """
    return _begin(dependencies, scope, public_id, actor=actor).page_url


def begin_check_in_program(
    dependencies: Dependencies, scope: DriverScope, public_id: str, *, actor: Actor
) -> ProgramCheck:
    """As `begin_check`, for somebody in the mini-program. Raises: the same."""
    return _begin(dependencies, scope, public_id, actor=actor, is_in_program=True)


def _begin(
    dependencies: Dependencies,
    scope: DriverScope,
    public_id: str,
    *,
    actor: Actor,
    is_in_program: bool = False,
) -> ProgramCheck:
    found = _prepare(dependencies, scope, public_id, actor)
    if isinstance(found, ProgramCheck):
        return found
    try:
        started = dependencies.gateways.identity.start(
            full_name=found.name,
            id_number=found.id_number,
            return_url=f"{dependencies.public_base_url}/i/{found.return_key}",
            now=dependencies.clock(),
            is_in_program=is_in_program,
        )
        _remember(dependencies, found.check_id, started)
    except (GatewayError, LockNotFree) as error:
        _give_up(dependencies, found.check_id, str(error))
        raise IdentityUnavailable from None
    return ProgramCheck(started.cert_token, started.page_url, started.expires_at)


def _prepare(
    dependencies: Dependencies, scope: DriverScope, public_id: str, actor: Actor
) -> ProgramCheck | _Request:
    now = dependencies.clock()
    with transaction() as session:
        reservation = find_reservation(session, scope, public_id)
        if reservation is None:
            raise NotFound
        _check_needed(reservation, now)
        live = find_live_check(session, reservation.id)
        if live is not None and live.page_url and live.cert_token and live.expires_at > now:
            return ProgramCheck(live.cert_token, live.page_url, live.expires_at)
        supersede_checks(session, reservation.id, now=now)
        if reservation.state is ReservationState.IDENTITY_FAILED:
            move_reservation(session, reservation.id, ReservationState.PENDING_IDENTITY, now=now)
        return_key = new_public_id()
        check = _new_check(dependencies, reservation, return_key, now)
        session.add(check)
        session.flush()
        record(
            session, actor, "begin_identity_check", about=("reservation", reservation.id), now=now
        )
        return _Request(check.id, reservation.name, reservation.id_number, return_key)


def _check_needed(reservation: Reservation, now: datetime) -> None:
    waiting = {ReservationState.PENDING_IDENTITY, ReservationState.IDENTITY_FAILED}
    if reservation.state not in waiting or reservation.expires_at <= now:
        raise Conflict


def _new_check(
    dependencies: Dependencies, reservation: Reservation, return_key: str, now: datetime
) -> IdentityCheck:
    return IdentityCheck(
        reservation_id=reservation.id,
        provider=dependencies.gateways.identity.name,
        return_key_hash=return_key,
        state=IdentityCheckState.REQUESTED,
        requested_at=now,
        expires_at=now + timedelta(minutes=1),  # until the provider says otherwise
        next_question_at=now + _FIRST_QUESTION_AFTER,
    )


def _remember(dependencies: Dependencies, check_id: int, started: StartedCheck) -> None:
    try:
        with transaction() as session:
            check = find_check(session, check_id)
            if check is None or check.state is not IdentityCheckState.REQUESTED:
                raise Conflict
            check.state = IdentityCheckState.STARTED
            check.cert_token = check.cert_token_hash = started.cert_token
            check.page_url = started.page_url
            check.expires_at = started.expires_at
            check.next_question_at = dependencies.clock() + _FIRST_QUESTION_AFTER
    except IntegrityError:
        # The provider gave out a certToken that another check has: it proves nothing for either.
        _give_up(dependencies, check_id, "cert_token_not_unique")
        raise IdentityUnavailable from None


def _give_up(dependencies: Dependencies, check_id: int, code: str) -> None:
    with transaction() as session:
        settle_check(
            session,
            check_id,
            IdentityCheckState.LAPSED,
            result_code=code[:60],
            now=dependencies.clock(),
        )
    _log.warning(
        "identity check could not begin", extra={"check": check_id, "provider_said": code[:60]}
    )
