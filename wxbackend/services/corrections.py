"""更正: what the bureau says about a passage afterwards. The passage and every correction stay."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from models.corrections import Correction, find_correction_by_request, find_corrections
from models.database import IntegrityError, Session, reading, transaction
from models.passages import Passage, find_passage_of
from models.reservations import find_reservation
from wxbackend.domain.actors import Actor
from wxbackend.domain.errors import Conflict, InvalidForm, InvalidValue, NotFound
from wxbackend.domain.normalisation import clean_text
from wxbackend.domain.reservation import Verdict
from wxbackend.domain.scope import Scope
from wxbackend.services.audit import record
from wxbackend.services.correction_letters import enqueue_correction_letters
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.passages import parse_reason
from wxbackend.services.visitors import Member

LONGEST_EXPLANATION = 200


@dataclass(frozen=True, slots=True)
class CorrectionView:
    """One correction as pages show it: what the passage should have been, why, by whom, when."""

    verdict: Verdict
    reason: str
    explanation: str
    author: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class CorrectionSubject:
    """The passage that a correction form is about, and what is said of it so far."""

    public_id: str  # the reservation's
    plate_number: str
    name: str
    verdict: Verdict
    reason: str
    decided_at: datetime
    checkpoint: str
    staff: str
    corrections: tuple[CorrectionView, ...]


@dataclass(frozen=True, slots=True)
class CorrectionForm:
    verdict: Verdict
    reason: str
    explanation: str


def corrections_of(
    session: Session, scope: Scope, passage_ids: Iterable[int]
) -> Mapping[int, tuple[CorrectionView, ...]]:
    """Corrections by passage id, oldest first, for every page that shows passages.

    The newest one counts for display; statistics keep the first verdict. Passages without any,
    or outside the scope, are left out.
    """
    found = find_corrections(session, scope, passage_ids)
    return {passage_id: tuple(_view(row) for row in rows) for passage_id, rows in found.items()}


def find_subject(scope: Scope, reservation_id: str) -> CorrectionSubject:
    """Raises: NotFound for a reservation outside the scope, or one that is not decided."""
    with reading() as session:
        passage = _passage(session, scope, reservation_id)
        return CorrectionSubject(
            public_id=reservation_id,
            plate_number=passage.reservation.plate_number,
            name=passage.reservation.name,
            verdict=passage.verdict,
            reason=passage.reason,
            decided_at=passage.decided_at,
            checkpoint=passage.checkpoint.name,
            staff=passage.account.display_name,
            corrections=corrections_of(session, scope, [passage.id]).get(passage.id, ()),
        )


def parse_correction(fields: Mapping[str, str]) -> CorrectionForm:
    """Raises: InvalidForm with every wrong field."""
    errors: dict[str, InvalidValue] = {}
    explanation = clean_text(fields.get("explanation", ""))
    if not explanation:
        errors["explanation"] = InvalidValue("correction.explanation_missing")
    elif len(explanation) > LONGEST_EXPLANATION:
        errors["explanation"] = InvalidValue("text.too_long", longest=LONGEST_EXPLANATION)
    choice, reason = fields.get("verdict", ""), ""
    if choice not in set(Verdict):
        errors["verdict"] = InvalidValue("correction.verdict_missing")
    elif choice == Verdict.DENIED:
        try:
            reason = parse_reason(fields.get("reason", ""), fields.get("reason_text", ""))
        except InvalidForm as wrong:
            errors |= wrong.errors
    if errors:
        raise InvalidForm(errors)
    return CorrectionForm(Verdict(choice), reason, explanation)


def correct_passage(
    dependencies: Dependencies,
    member: Member,
    reservation_id: str,
    form: CorrectionForm,
    *,
    request_id: str,
    actor: Actor,
) -> None:
    """Add a correction and tell those who were told; a repeated request is already done.

    Raises: NotFound, Conflict; InvalidForm when it says what is on record already.
    """
    try:
        with transaction() as session:
            passage = _passage(session, member.scope, reservation_id)
            if _is_done(session, passage, request_id):
                return
            _add(session, dependencies, member, passage, form, request_id=request_id, actor=actor)
    except IntegrityError:
        # The same request came twice at one moment; the constraint kept one of them.
        with reading() as session:
            passage = _passage(session, member.scope, reservation_id)
            if not _is_done(session, passage, request_id):
                raise Conflict from None  # a request id that belongs to another passage


def _add(
    session: Session,
    dependencies: Dependencies,
    member: Member,
    passage: Passage,
    form: CorrectionForm,
    *,
    request_id: str,
    actor: Actor,
) -> None:
    if member.account_id is None:
        raise NotFound  # corrections are signed by an account
    now = dependencies.clock()
    earlier = find_corrections(session, member.scope, [passage.id]).get(passage.id, [])
    said = earlier[-1] if earlier else None
    on_record = (said.verdict, said.denial_reason) if said else (passage.verdict, passage.reason)
    if on_record == (form.verdict, form.reason):
        raise InvalidForm({"verdict": InvalidValue("correction.nothing_new")})
    correction = Correction(
        passage_id=passage.id,
        request_id=request_id,
        verdict=form.verdict,
        denial_reason=form.reason,
        explanation=form.explanation,
        account_id=member.account_id,
        created_at=now,
    )
    session.add(correction)
    session.flush()
    enqueue_correction_letters(session, dependencies, passage, correction)
    record(
        session,
        actor,
        "correct_passage",
        about=("passage", passage.id),
        now=now,
        details={
            "correction": correction.id,
            "from": on_record[0].value,
            "to": form.verdict.value,
        },
        personal={"explanation": form.explanation, "reason": form.reason},
    )


def _is_done(session: Session, passage: Passage, request_id: str) -> bool:
    earlier = find_correction_by_request(session, request_id)
    return earlier is not None and earlier.passage_id == passage.id


def _passage(session: Session, scope: Scope, reservation_id: str) -> Passage:
    reservation = find_reservation(session, scope, reservation_id)
    passage = find_passage_of(session, scope, reservation.id) if reservation else None
    if passage is None:
        raise NotFound
    return passage


def _view(row: Correction) -> CorrectionView:
    return CorrectionView(
        row.verdict, row.denial_reason, row.explanation, row.account.display_name, row.created_at
    )
