"""通知记录: what is shown to whom, and what a person's decision does, once."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from models.audit import AuditEntry
from models.database import reading
from models.notifications import Notification
from tests.people import ACTOR, resident_id
from wxbackend.domain.errors import NotFound
from wxbackend.domain.listing import PageRequest
from wxbackend.domain.moments import local_day
from wxbackend.domain.notification_filter import WAITING, days_asked, read_filter
from wxbackend.domain.notifications import NotificationState as State
from wxbackend.domain.scope import DistrictScope, EnterpriseScope, NoScope, TownScope
from wxbackend.services import notifications
from wxbackend.services.notification_views import (
    NotificationRow,
    reveal_address,
    show_list,
    show_notification,
)
from wxbackend.services.notifications import NotificationMovedOn, NotificationTooOld
from wxbackend.services.office_frame import office_frame
from wxbackend.services.outbox import heal

EVERYWHERE = DistrictScope()


@pytest.fixture
def told(story):
    """One passage of a known driver: an SMS, two 粤政易 messages, two of WeChat."""
    enterprise = story.enterprise("广州顺达物流有限公司", "黄阁镇", "13900000001")
    story.employ(enterprise, resident_id(1))
    story.recipient("huangge-a", "黄阁镇")
    story.recipient("bureau-a")
    guard = story.guard()
    reserved = story.reserve()
    story.decide(guard, story.scan(guard, reserved.token))
    return story


def asked(story, **values: str):
    return read_filter(values, today=local_day(story.dependencies.clock()))


def rows(story, scope=EVERYWHERE, **values: str) -> list[NotificationRow]:
    found = show_list(story.dependencies, scope, asked(story, **values), PageRequest())
    return list(found.page.rows)


def only(story, **values: str) -> NotificationRow:
    (row,) = rows(story, **values)
    return row


def let_fail(story, sandbox, clock, target: str = "sms.mas") -> None:
    """Every try of this provider fails until the last."""
    sandbox.fault(target, "http_500", count=100)
    for _ in range(8):
        story.send_all()
        clock.advance(hours=1)
    sandbox.delete("/sandbox/faults")


def to_see(story) -> int:
    return office_frame(story.dependencies).notifications_to_see


def send_again(story, *public_ids: str):
    return notifications.send_again(story.dependencies, EVERYWHERE, public_ids, actor=ACTOR)


def actions() -> list[str]:
    with reading() as session:
        query = session.query(AuditEntry).filter(AuditEntry.object_kind == "notification")
        return [row.action for row in query.order_by(AuditEntry.id)]


# ---- the list ----------------------------------------------------------------------------------


def test_every_row_names_recipient_unit_and_reservation(told):
    found = rows(told)
    assert {row.recipient_unit for row in found} == {
        "广州顺达物流有限公司",
        "黄阁镇",
        told.dependencies.policy.district.office,
        "司机",
    }
    assert len({row.reservation_public_id for row in found}) == 1
    assert all(row.recipient_name and row.reservation_public_id for row in found)


@pytest.mark.parametrize("scope", [TownScope(1), EnterpriseScope(frozenset({1})), NoScope()])
def test_texts_name_people_so_only_the_bureau_sees_them(told, scope):
    one = rows(told)[0].public_id
    found = show_list(told.dependencies, scope, asked(told), PageRequest())
    assert (list(found.page.rows), found.total, found.waiting) == ([], 0, 0)
    with pytest.raises(NotFound):
        show_notification(told.dependencies, scope, one, actor=ACTOR)
    with pytest.raises(NotFound):
        reveal_address(told.dependencies, scope, one, actor=ACTOR)
    with pytest.raises(NotFound):
        notifications.confirm_delivered(told.dependencies, scope, one, actor=ACTOR)
    settled = notifications.send_again(told.dependencies, scope, [one], actor=ACTOR)
    assert settled.done == 0


@pytest.mark.parametrize(
    ("values", "count"),
    [
        ({"channel": "sms"}, 1),
        ({"kind": "reservation_made"}, 1),
        ({"unit": "顺达"}, 1),
        ({"unit": "%"}, 0),
        ({"name": "负责"}, 1),
        ({"name": "责人"}, 0),
        ({"phone": "139 0000 0001"}, 1),
        ({"phone": "0001"}, 0),
        ({"plate": "8k6"}, 5),
        ({"plate": "粤B"}, 0),
        ({"state": "queued"}, 5),
        ({"state": "failed"}, 0),
        ({"state": WAITING}, 0),
        ({"state": "nonsense", "channel": "'"}, 5),
    ],
)
def test_filters(told, values, count):
    assert len(rows(told, **values)) == count


def test_without_days_yesterday_and_today_are_asked_for(told, clock):
    today = local_day(clock())
    assert days_asked({}, today=today) == (today - timedelta(days=1), today)
    assert days_asked({"from": "x", "to": ""}, today=today) == (today - timedelta(days=1), today)
    assert days_asked({"state": WAITING}, today=today)[0] == today - timedelta(days=30)
    turned = {"from": "2022-04-22", "to": "2022-04-20"}
    first, last = days_asked(turned, today=today)
    assert (first.day, last.day) == (20, 22)
    clock.advance(days=2)
    assert rows(told) == []
    assert len(rows(told, **{"from": today.isoformat()})) == 5


def test_counts_by_state_do_not_hang_on_the_state_asked_for(told, sandbox):
    sandbox.fault("sms.mas", "garbage")
    told.send_all()
    found = show_list(told.dependencies, EVERYWHERE, asked(told, state="unknown"), PageRequest())
    assert found.counts == {State.SENT: 4, State.UNKNOWN: 1}
    assert (found.page.total, found.total, found.waiting) == (1, 5, 1)


def test_a_sign_in_code_is_never_shown(lead_code, story):
    row = only(story, kind="sign_in_code")
    assert row.text is None
    assert (row.recipient_name, row.recipient_unit) == ("负责人", "广州顺达物流有限公司")
    detail = show_notification(story.dependencies, EVERYWHERE, row.public_id, actor=ACTOR)
    assert detail.row.text is None


@pytest.fixture
def lead_code(story):
    from wxbackend.services.code_sign_in import send_code
    from wxbackend.services.visitors import load_visitor, open_anonymous_session

    deps = story.dependencies
    story.enterprise("广州顺达物流有限公司", "黄阁镇", "13900000001")
    policy = deps.policy.sign_in
    secret = open_anonymous_session(return_path="", now=deps.clock(), policy=policy)
    visitor = load_visitor(secret, now=deps.clock(), policy=policy)
    send_code(deps, visitor, phone="13900000001", actor=ACTOR)


def test_a_link_in_a_text_is_not_shown(told):
    told.execute("UPDATE notification SET kind = 'reservation_prepared' WHERE channel = 'sms'")
    with reading() as session:
        row = session.query(Notification).filter_by(channel="sms").one()
        row_id = row.id
    from models.database import transaction

    with transaction() as session:
        session.get(Notification, row_id).content = {"text": "请打开 https://h/l/SECRET 核对"}
    assert only(told, channel="sms").text == "请打开 （链接） 核对"


def test_the_detail_tells_every_try_and_is_audited(told, sandbox, clock):
    sandbox.fault("sms.mas", "http_500", count=1)
    told.send_all()
    clock.advance(minutes=2)
    told.send_all()
    one = only(told, channel="sms").public_id
    detail = show_notification(told.dependencies, EVERYWHERE, one, actor=ACTOR)
    tries = [(step.answer.value, step.code) for step in detail.steps]
    assert tries[-1] == ("accepted", "success")
    assert detail.provider == "mas"
    assert detail.row.address_masked == "139****0001"
    clear = reveal_address(told.dependencies, EVERYWHERE, one, actor=ACTOR)
    assert clear == "13900000001"
    assert actions() == ["view_notification", "reveal_notification_address"]


# ---- sending again -----------------------------------------------------------------------------


def test_what_failed_is_sent_again_once(told, sandbox, clock):
    let_fail(told, sandbox, clock)
    failed = only(told, state="failed")
    assert failed.may_send_again
    assert sandbox.messages(channel="sms") == []
    assert to_see(told) == 1
    assert send_again(told, failed.public_id) == notifications.Settled(1, 0)
    assert to_see(told) == 0
    assert send_again(told, failed.public_id) == notifications.Settled(0, 1)
    told.send_all()
    told.send_all()
    assert len(sandbox.messages(channel="sms")) == 1
    assert only(told, channel="sms").state is State.SENT
    assert actions() == ["send_notification_again"]
    steps = show_notification(told.dependencies, EVERYWHERE, failed.public_id, actor=ACTOR).steps
    assert [step.kind.value for step in steps][-2:] == ["sent_again", "tried"]


def test_what_is_sent_again_has_all_its_tries_and_time(told, sandbox, clock):
    let_fail(told, sandbox, clock)
    clock.advance(days=2)  # long past its own end
    failed = only(told, **{"state": "failed", "from": "2000-01-01"})
    send_again(told, failed.public_id)
    heal(told.dependencies)
    sandbox.fault("sms.mas", "http_500", count=1)
    told.send_all()
    clock.advance(hours=1)
    told.send_all()
    assert len(sandbox.messages(channel="sms")) == 1


def test_a_queued_or_sent_one_is_left_alone(told, sandbox):
    queued = [row.public_id for row in rows(told)]
    assert send_again(told, *queued) == notifications.Settled(0, 5)
    told.send_all()
    assert send_again(told, *queued, "nobody") == notifications.Settled(0, 6)
    told.send_all()
    assert len(sandbox.messages(channel="sms")) == 1
    assert actions() == []


@pytest.mark.parametrize("one_by_one", [False, True])
def test_two_who_send_again_at_once_send_once(told, app, sandbox, clock, one_by_one):
    let_fail(told, sandbox, clock)
    failed = only(told, state="failed").public_id
    start, outcomes = threading.Barrier(4), []

    def press() -> None:
        with app.app_context():
            start.wait()
            if not one_by_one:
                outcomes.append(send_again(told, failed).done)
                return
            try:
                notifications.send_one_again(
                    told.dependencies, EVERYWHERE, failed, seen=State.FAILED, actor=ACTOR
                )
                outcomes.append(1)
            except NotificationMovedOn:
                outcomes.append(0)

    people = [threading.Thread(target=press) for _ in range(4)]
    for one in people:
        one.start()
    for one in people:
        one.join()
    assert sorted(outcomes) == [0, 0, 0, 1]
    assert actions() == ["send_notification_again"]
    told.send_all()
    assert len(sandbox.messages(channel="sms")) == 1


def test_of_unknown_outcome_never_in_a_heap(told, sandbox):
    sandbox.fault("sms.mas", "garbage")
    told.send_all()
    unknown = only(told, state="unknown")
    assert unknown.may_confirm
    assert send_again(told, unknown.public_id).done == 0
    assert only(told, channel="sms").state is State.UNKNOWN


def test_a_person_says_that_it_arrived(told, sandbox):
    sandbox.fault("sms.mas", "garbage")
    told.send_all()
    unknown = only(told, state="unknown").public_id
    assert to_see(told) == 1
    notifications.confirm_delivered(told.dependencies, EVERYWHERE, unknown, actor=ACTOR)
    assert only(told, channel="sms").state is State.DELIVERED
    assert to_see(told) == 0
    with pytest.raises(NotificationMovedOn):
        notifications.confirm_delivered(told.dependencies, EVERYWHERE, unknown, actor=ACTOR)
    with pytest.raises(NotificationMovedOn):
        notifications.send_one_again(
            told.dependencies, EVERYWHERE, unknown, seen=State.UNKNOWN, actor=ACTOR
        )
    assert actions() == ["confirm_notification"]


def test_a_person_has_it_sent_again_though_it_may_arrive_twice(told, sandbox):
    sandbox.fault("sms.mas", "garbage")
    told.send_all()
    unknown = only(told, state="unknown").public_id
    notifications.send_one_again(
        told.dependencies, EVERYWHERE, unknown, seen=State.UNKNOWN, actor=ACTOR
    )
    told.send_all()
    assert only(told, channel="sms").state is State.SENT


def test_what_expired_is_sent_again_while_it_makes_sense(told, sandbox, clock):
    sandbox.fault("sms.mas", "http_500", count=100)
    told.send_all()
    clock.advance(hours=25)
    heal(told.dependencies)
    sandbox.delete("/sandbox/faults")
    expired = only(told, channel="sms")
    assert (expired.state, expired.may_send_again) == (State.EXPIRED, True)
    notifications.send_one_again(
        told.dependencies, EVERYWHERE, expired.public_id, seen=State.EXPIRED, actor=ACTOR
    )
    told.send_all()
    assert only(told, channel="sms").state is State.SENT


def test_after_a_week_nobody_needs_to_hear_of_it(told, sandbox, clock):
    let_fail(told, sandbox, clock)
    clock.advance(days=7)
    failed = only(told, **{"state": "failed", "from": "2000-01-01"})
    assert not failed.may_send_again
    assert send_again(told, failed.public_id) == notifications.Settled(0, 1)
    with pytest.raises(NotificationTooOld):
        notifications.send_one_again(
            told.dependencies, EVERYWHERE, failed.public_id, seen=State.FAILED, actor=ACTOR
        )


def test_a_code_is_never_sent_again(lead_code, story, sandbox, clock):
    let_fail(story, sandbox, clock)
    code = only(story, kind="sign_in_code")
    assert code.state in {State.FAILED, State.EXPIRED, State.QUEUED}
    story.execute("UPDATE notification SET state = 'failed'")
    assert not only(story, kind="sign_in_code").may_send_again
    assert send_again(story, code.public_id).done == 0
    assert to_see(story) == 0


def test_a_failure_that_a_person_leaves_alone_waits_for_nobody(told, sandbox, clock):
    let_fail(told, sandbox, clock)
    failed = only(told, state="failed").public_id
    done = notifications.dismiss(told.dependencies, EVERYWHERE, [failed], actor=ACTOR)
    assert done == notifications.Settled(1, 0)
    assert to_see(told) == 0
    row = only(told, state="failed")
    assert row.is_dismissed
    assert row.may_send_again  # whoever thinks again may
    again = notifications.dismiss(told.dependencies, EVERYWHERE, [failed], actor=ACTOR)
    assert again == notifications.Settled(0, 1)
    assert actions() == ["dismiss_notification"]


def test_what_was_merged_is_sent_again_by_the_one_that_stands_for_it(told, sandbox, clock):
    let_fail(told, sandbox, clock)
    told.execute(
        "UPDATE notification SET merged_into_id = (SELECT max(id) FROM notification) "
        "WHERE state = 'failed'"
    )
    merged = only(told, state="failed")
    assert merged.is_merged
    assert not merged.may_send_again
    assert send_again(told, merged.public_id).done == 0
    assert to_see(told) == 0
