"""Alert recipients: who is told of passages, changed by the bureau, and tried out by a test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from models.alert_recipients import find_alert_recipient, latest_tests, lock_list
from models.base import new_public_id
from models.database import IntegrityError, Session, transaction
from models.digests import withdraw_digests
from models.enterprises import AlertRecipient, find_recipient
from models.places import find_town
from wxbackend.domain.actors import Actor
from wxbackend.domain.alert_recipients import (
    AlertList,
    RecipientForm,
    parse_recipient,
    parse_recipient_change,
)
from wxbackend.domain.errors import InvalidForm, InvalidValue, NotFound
from wxbackend.domain.notifications import Channel, NotificationKind
from wxbackend.domain.scope import DistrictScope, Scope
from wxbackend.services.alert_views import last_test, list_of, recipient_key
from wxbackend.services.audit import record
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.outbox import Letter, enqueue

_TEST_PAUSE = timedelta(minutes=1)
_TEST_VALID_FOR = timedelta(minutes=10)


class RecipientNumber(StrEnum):
    """What pages mask."""

    MEMBER_ID = "member_id"
    PHONE = "phone"


@dataclass(frozen=True, slots=True)
class SentTests:
    """Names of whom a test was sent to, and of whom one was sent to less than a minute ago."""

    sent: Sequence[str]
    too_soon: Sequence[str]


def add_alert_recipient(
    dependencies: Dependencies,
    scope: Scope,
    of: AlertList,
    raw: Mapping[str, str],
    *,
    actor: Actor,
) -> str:
    """Put a person on a list; their name. Raises: InvalidForm, NotFound."""
    form = parse_recipient(raw)
    now = dependencies.clock()
    try:
        with transaction() as session:
            _must_exist(session, scope, of)
            _must_be_free(session, of, form.member_id)
            row = AlertRecipient(
                audience=of.audience,
                town_id=of.town_id,
                name=form.name,
                member_id=form.member_id,
                member_hash=form.member_id.lower(),
                phone=form.phone,
                created_at=now,
            )
            session.add(row)
            session.flush()
            _note(session, actor, "add_alert_recipient", row, now=now, after=form)
    except IntegrityError:  # somebody else was faster
        raise InvalidForm({"member_id": InvalidValue("member_id.taken")}) from None
    return form.name


def change_alert_recipient(
    dependencies: Dependencies,
    scope: Scope,
    public_id: str,
    raw: Mapping[str, str],
    *,
    actor: Actor,
) -> str:
    """Write the form; an account or phone left empty stays as it is. The person's name.

    Raises: InvalidForm, NotFound.
    """
    change = parse_recipient_change(raw)
    now = dependencies.clock()
    try:
        with transaction() as session:
            row = _get(session, scope, public_id)
            before = _facts(row)
            if change.member_id and change.member_id.lower() != row.member_id.lower():
                _must_be_free(session, list_of(row), change.member_id)
                # Another account may be another person.
                withdraw_digests(session, row.id, key=recipient_key(row), now=now)
            row.name = change.name
            if change.member_id:
                row.member_id, row.member_hash = change.member_id, change.member_id.lower()
            if change.phone or change.drops_phone:
                row.phone = change.phone
            session.flush()
            after = _facts(row)
            if after != before:
                _note(
                    session,
                    actor,
                    "change_alert_recipient",
                    row,
                    now=now,
                    before=before,
                    after=after,
                )
    except IntegrityError:
        raise InvalidForm({"member_id": InvalidValue("member_id.taken")}) from None
    return change.name


def remove_alert_recipient(
    dependencies: Dependencies, scope: Scope, public_id: str, *, actor: Actor
) -> str:
    """Take a person off a list; their name. Raises: NotFound."""
    with transaction() as session:
        row = _get(session, scope, public_id)
        name = row.name
        _note(
            session,
            actor,
            "remove_alert_recipient",
            row,
            now=dependencies.clock(),
            before=_facts(row),
        )
        withdraw_digests(session, row.id, key=recipient_key(row), now=dependencies.clock())
        session.delete(row)
    return name


def reveal_recipient_number(
    dependencies: Dependencies,
    scope: Scope,
    public_id: str,
    number: RecipientNumber,
    *,
    actor: Actor,
) -> str:
    """The clear account or phone; the look is audited. Raises: NotFound."""
    with transaction() as session:
        row = _get(session, scope, public_id)
        record(
            session,
            actor,
            "reveal_alert_recipient_number",
            about=("alert_recipient", row.id),
            now=dependencies.clock(),
            details={"field": number.value},
        )
        return row.member_id if number is RecipientNumber.MEMBER_ID else row.phone or ""


def send_test_to_list(
    dependencies: Dependencies, scope: Scope, of: AlertList, place: str, *, actor: Actor
) -> SentTests:
    """Send a test to everybody on the list; `place` is its name in the text."""
    with transaction() as session:
        rows = lock_list(session, scope, of)
        return _send_tests(session, dependencies, scope, rows, place, actor=actor)


def send_test_to_recipient(
    dependencies: Dependencies, scope: Scope, public_id: str, place: str, *, actor: Actor
) -> SentTests:
    """Send a test to one person. Raises: NotFound."""
    with transaction() as session:
        row = _get(session, scope, public_id)
        return _send_tests(session, dependencies, scope, [row], place, actor=actor)


def _send_tests(
    session: Session,
    dependencies: Dependencies,
    scope: Scope,
    rows: Sequence[AlertRecipient],
    place: str,
    *,
    actor: Actor,
) -> SentTests:
    """At most one test a minute for each: the platform drops what is too much in silence."""
    now = dependencies.clock()
    tests = latest_tests(session, scope, [recipient_key(row) for row in rows])
    sent, too_soon = [], []
    for row in rows:
        before = last_test(row, tests)
        if before is not None and before.created_at > now - _TEST_PAUSE:
            too_soon.append(row.name)
            continue
        sent.append(row.name)
        enqueue(session, _test_letter(dependencies, row, place, now=now), now=now)
        _note(session, actor, "test_alert_recipient", row, now=now)
    return SentTests(sent, too_soon)


def _test_letter(
    dependencies: Dependencies, row: AlertRecipient, place: str, *, now: datetime
) -> Letter:
    text = dependencies.gateways.wording.text("message.alert_test", place=place, name=row.name)
    return Letter(
        event=f"alert_test:{new_public_id()}",
        recipient=recipient_key(row),
        channel=Channel.YUEZHENGYI,
        kind=NotificationKind.ALERT_TEST,
        address=row.member_id,
        content={"text": text},
        not_after=now + _TEST_VALID_FOR,
        recipient_name=row.name,
        recipient_unit=place,
    )


def _get(session: Session, scope: Scope, public_id: str) -> AlertRecipient:
    row = find_alert_recipient(session, scope, public_id)
    if row is None:
        raise NotFound
    return row


def _must_exist(session: Session, scope: Scope, of: AlertList) -> None:
    if not isinstance(scope, DistrictScope):
        raise NotFound
    if of.town_id is not None and find_town(session, of.town_id) is None:
        raise NotFound


def _must_be_free(session: Session, of: AlertList, member_id: str) -> None:
    if find_recipient(session, of.audience, of.town_id, member_id) is not None:
        raise InvalidForm({"member_id": InvalidValue("member_id.taken")})


def _facts(row: AlertRecipient) -> RecipientForm:
    return RecipientForm(row.name, row.member_id, row.phone)


def _note(
    session: Session,
    actor: Actor,
    action: str,
    row: AlertRecipient,
    *,
    now: datetime,
    before: RecipientForm | None = None,
    after: RecipientForm | None = None,
) -> None:
    """The list and what changed in the open part; who it is in the erasable one."""
    sides = {"before": before, "after": after}
    personal = {
        side: {"name": form.name, "member_id": form.member_id, "phone": form.phone}
        for side, form in sides.items()
        if form is not None
    }
    record(
        session,
        actor,
        action,
        about=("alert_recipient", row.id),
        now=now,
        details={"audience": row.audience.value, "town": row.town_id},
        personal=personal or None,
    )
