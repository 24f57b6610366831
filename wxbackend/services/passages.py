"""Deciding at the gate: exactly one passage per code, and the same answer to a repeated request."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from models.database import IntegrityError, Session, reading, transaction
from models.pass_codes import retire_pass_code
from models.passages import (
    Passage,
    PassageEnterprise,
    Scan,
    find_own_scan,
    find_passage_by_request,
    find_passage_of,
)
from models.places import list_denial_reasons
from models.reservations import Reservation, move_reservation
from wxbackend.domain.actors import Actor
from wxbackend.domain.errors import Conflict, InvalidForm, InvalidValue, NotFound
from wxbackend.domain.gate import ScanOutcome
from wxbackend.domain.normalisation import clean_text
from wxbackend.domain.reservation import Verdict
from wxbackend.domain.scope import DistrictScope
from wxbackend.services.audit import record
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.findings import from_json
from wxbackend.services.passage_letters import enqueue_passage_letters
from wxbackend.services.scans import Guard

# The first decision wins, wherever it was made: the others are told of it.
_ANYWHERE = DistrictScope()
_LONGEST_REASON = 50
OTHER_REASON = "other"


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision as the gate shows it: the fresh one, or the one that was there before."""

    public_id: str
    verdict: Verdict
    reason: str
    decided_at: datetime
    checkpoint: str
    staff: str
    plate_number: str
    driver_name: str
    passenger_count: int
    is_own_request: bool  # made by this very request, or a repetition of it


class StaleScan(Conflict):
    """The scan is too old to decide on; it must be shown anew first."""

    code = "stale_scan"


class CodeEnded(Conflict):
    """The code was cancelled or has expired between looking and deciding."""

    code = "code_ended"


def decide(
    dependencies: Dependencies,
    guard: Guard,
    *,
    scan_public_id: str,
    verdict: Verdict,
    reason: str,
    request_id: str,
    actor: Actor,
) -> Decision:
    """Record the decision on a scan, or say who decided before.

    The order of the checks is part of the product: a repeated request gets its first answer
    before anything else is looked at, so that a phone with a bad network can always try again.

    Raises: NotFound, StaleScan, CodeEnded.
    """
    now = dependencies.clock()
    with reading() as session:
        earlier = find_passage_by_request(
            session, _ANYWHERE, account_id=guard.account_id, request_id=request_id
        )
        if earlier is not None:
            return _decision(earlier, own=True)
    try:
        with transaction() as session:
            return _decide(
                session,
                dependencies,
                guard,
                scan_public_id=scan_public_id,
                verdict=verdict,
                reason=reason,
                request_id=request_id,
                actor=actor,
                now=now,
            )
    except IntegrityError:
        # Another decision was committed at the same moment; the constraint kept it the only one.
        return _winner(guard, scan_public_id, request_id)


def new_request_id() -> str:
    """What a decision form sends along so that sending it twice decides once."""
    return secrets.token_hex(16)


def parse_reason(choice: str, free_text: str) -> str:
    """The words of the chosen reason, or the free text.

    Raises: InvalidForm.
    """
    with reading() as session:
        wordings = {str(row.id): row.wording for row in list_denial_reasons(session)}
    if choice in wordings:
        return wordings[choice]
    text = clean_text(free_text)
    if choice != OTHER_REASON and not text:
        raise InvalidForm({"reason": InvalidValue("reason.missing")})
    if not text:
        raise InvalidForm({"reason_text": InvalidValue("reason.text_missing")})
    if len(text) > _LONGEST_REASON:
        raise InvalidForm({"reason_text": InvalidValue("text.too_long", longest=_LONGEST_REASON)})
    return text


def _decide(
    session: Session,
    dependencies: Dependencies,
    guard: Guard,
    *,
    scan_public_id: str,
    verdict: Verdict,
    reason: str,
    request_id: str,
    actor: Actor,
    now: datetime,
) -> Decision:
    scan, reservation = _own_scan(session, guard, scan_public_id)
    if scan.outcome is not ScanOutcome.SHOWN:
        return _made_before(session, guard, reservation, request_id)
    if now - scan.scanned_at > dependencies.policy.gate.scan_fresh_for:
        if find_passage_of(session, _ANYWHERE, reservation.id) is not None:
            return _made_before(session, guard, reservation, request_id)
        raise StaleScan
    if not move_reservation(session, reservation.id, verdict.reservation_state, now=now):
        return _made_before(session, guard, reservation, request_id)
    passage = _passage(guard, scan, reservation, verdict, reason, request_id, now)
    roster = from_json(scan.findings).roster
    passage.enterprises = [
        PassageEnterprise(
            enterprise_id=match.enterprise_id,
            enterprise_name=match.enterprise_name,
            town_id=match.town_id,
        )
        for match in roster
    ]
    session.add(passage)
    session.flush()
    retire_pass_code(session, reservation.id)
    enqueue_passage_letters(session, dependencies, passage, reservation, roster)
    record(
        session,
        actor,
        "decide_passage",
        about=("passage", passage.id),
        now=now,
        details={"verdict": verdict.value, "scan": scan.id},
    )
    return _decision(passage, own=True)


def _passage(
    guard: Guard,
    scan: Scan,
    reservation: Reservation,
    verdict: Verdict,
    reason: str,
    request_id: str,
    now: datetime,
) -> Passage:
    return Passage(
        reservation_id=reservation.id,
        pass_code_id=scan.pass_code_id,
        scan_id=scan.id,
        request_id=request_id,
        verdict=verdict,
        reason=reason if verdict is Verdict.DENIED else "",
        decided_at=now,
        account_id=guard.account_id,
        checkpoint_id=guard.member.checkpoint_id,
    )


def _own_scan(session: Session, guard: Guard, public_id: str) -> tuple[Scan, Reservation]:
    scan = find_own_scan(
        session, public_id, account_id=guard.account_id, since=guard.shift.started_at
    )
    if scan is None or scan.reservation is None:
        raise NotFound
    return scan, scan.reservation


def _made_before(
    session: Session, guard: Guard, reservation: Reservation, request_id: str
) -> Decision:
    passage = find_passage_of(session, _ANYWHERE, reservation.id)
    if passage is None:
        raise CodeEnded
    own = passage.account_id == guard.account_id and passage.request_id == request_id
    return _decision(passage, own=own)


def _winner(guard: Guard, scan_public_id: str, request_id: str) -> Decision:
    with reading() as session:
        _, reservation = _own_scan(session, guard, scan_public_id)
        return _made_before(session, guard, reservation, request_id)


def find_decision(guard: Guard, scan_public_id: str) -> Decision | None:
    """The decision on the code of this scan, whoever made it."""
    with reading() as session:
        _, reservation = _own_scan(session, guard, scan_public_id)
        passage = find_passage_of(session, _ANYWHERE, reservation.id)
        return _decision(passage, own=False) if passage else None


def _decision(passage: Passage, *, own: bool) -> Decision:
    return Decision(
        public_id=passage.public_id,
        verdict=passage.verdict,
        reason=passage.reason,
        decided_at=passage.decided_at,
        checkpoint=passage.checkpoint.name,
        staff=passage.account.display_name,
        plate_number=passage.reservation.plate_number,
        driver_name=passage.reservation.name,
        passenger_count=len(passage.reservation.passengers),
        is_own_request=own,
    )
