"""告警设置 as it is shown: every list, its recipients, and what became of their last tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.alert_recipients import latest_tests, list_recipients
from models.database import Session, reading
from models.enterprises import AlertRecipient
from models.notifications import Notification
from models.places import Town, list_towns
from wxbackend.domain.alert_recipients import AlertList, Audience
from wxbackend.domain.errors import NotFound
from wxbackend.domain.masking import mask_member_id, mask_phone
from wxbackend.domain.notifications import Channel, NotificationState
from wxbackend.domain.scope import Scope
from wxbackend.services.dependencies import Dependencies

# A page that shows a test under way asks again for so long; then a person does.
_WATCHED_FOR = timedelta(minutes=1)
_S = NotificationState
# What a row of several recipients shows is the first of these that one of them has.
_GRAVEST = (_S.FAILED, _S.UNKNOWN, _S.EXPIRED, _S.QUEUED, _S.SENDING, _S.SENT, _S.DELIVERED)


@dataclass(frozen=True, slots=True)
class LastTest:
    """What became of a test; `code` is the provider's word."""

    at: datetime
    state: NotificationState
    channel: Channel
    code: str
    recipient: str

    @property
    def is_settled(self) -> bool:
        return self.state not in {_S.QUEUED, _S.SENDING}


@dataclass(frozen=True, slots=True)
class RecipientView:
    public_id: str
    name: str
    member_masked: str
    phone_masked: str
    test: LastTest | None


@dataclass(frozen=True, slots=True)
class ListView:
    """One row of the page; `is_watched` while a test of a moment ago is under way."""

    of: AlertList
    name: str
    is_active: bool
    recipients: Sequence[RecipientView]
    is_watched: bool

    @property
    def tests(self) -> Sequence[LastTest]:
        return [one.test for one in self.recipients if one.test]

    @property
    def last_test(self) -> LastTest | None:
        """The newest test's moment with the gravest state of all recipients' last tests."""
        found = sorted(self.tests, key=lambda test: _GRAVEST.index(test.state))
        if not found:
            return None
        newest, first = max(test.at for test in found), found[0]
        return LastTest(newest, first.state, first.channel, first.code, first.recipient)

    @property
    def failures(self) -> Sequence[LastTest]:
        return [test for test in self.tests if test.state in {_S.FAILED, _S.UNKNOWN, _S.EXPIRED}]


def show_lists(dependencies: Dependencies, scope: Scope) -> Sequence[ListView]:
    """A row for each town in use (and for any other that still has recipients), then the rest."""
    now = dependencies.clock()
    with reading() as session:
        rows = list_recipients(session, scope)
        tests = _tests_of(session, scope, rows)
        lists = _all_lists(dependencies, list_towns(session), rows)
        return [_view(of, name, is_active, rows, tests, now) for of, name, is_active in lists]


def show_list(dependencies: Dependencies, scope: Scope, of: AlertList) -> ListView:
    """Raises: NotFound."""
    found = next((one for one in show_lists(dependencies, scope) if one.of == of), None)
    if found is None:
        raise NotFound
    return found


def list_of(row: AlertRecipient) -> AlertList:
    return AlertList(row.audience, row.town_id)


def recipient_key(row: AlertRecipient) -> str:
    """How the notification of a test or of a digest names its recipient."""
    return f"alert_recipient:{row.public_id}"


def last_test(row: AlertRecipient, tests: Mapping[str, Notification]) -> Notification | None:
    """The recipient's last test, if it went to the account that the recipient has now."""
    found = tests.get(recipient_key(row))
    return found if found and found.address.lower() == row.member_id.lower() else None


def _tests_of(
    session: Session, scope: Scope, rows: Sequence[AlertRecipient]
) -> Mapping[str, Notification]:
    return latest_tests(session, scope, [recipient_key(row) for row in rows])


def _all_lists(
    dependencies: Dependencies, towns: Sequence[Town], rows: Sequence[AlertRecipient]
) -> list[tuple[AlertList, str, bool]]:
    active = {town.id for town in towns}
    retired = {row.town for row in rows if row.town and row.town.id not in active}
    return [
        *((AlertList(Audience.TOWN, town.id), town.name, True) for town in towns),
        *(
            (AlertList(Audience.TOWN, town.id), town.name, False)
            for town in sorted(retired, key=lambda town: town.position)
        ),
        (AlertList(Audience.BUREAU), dependencies.policy.district.office, True),
        (AlertList(Audience.TASK_FORCE), dependencies.policy.digests.task_force, True),
    ]


def _view(
    of: AlertList,
    name: str,
    is_active: bool,  # noqa: FBT001 - one of three that travel together
    rows: Sequence[AlertRecipient],
    tests: Mapping[str, Notification],
    now: datetime,
) -> ListView:
    recipients = [_recipient(row, tests) for row in rows if list_of(row) == of]
    under_way = [one.test for one in recipients if one.test and not one.test.is_settled]
    return ListView(
        of=of,
        name=name,
        is_active=is_active,
        recipients=recipients,
        is_watched=any(now - test.at < _WATCHED_FOR for test in under_way),
    )


def _recipient(row: AlertRecipient, tests: Mapping[str, Notification]) -> RecipientView:
    test = last_test(row, tests)
    return RecipientView(
        public_id=row.public_id,
        name=row.name,
        member_masked=mask_member_id(row.member_id),
        phone_masked=mask_phone(row.phone) if row.phone else "",
        test=LastTest(test.created_at, test.state, test.channel, test.last_answer, row.name)
        if test
        else None,
    )
