"""Alert recipients: lists, changes that leave traces, and tests that really arrive."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from models.audit import AuditEntry, AuditPersonalPart
from models.database import reading
from tests.people import ACTOR
from wxbackend.domain.alert_recipients import AlertList, Audience, parse_member_id
from wxbackend.domain.errors import InvalidForm, InvalidValue, NotFound
from wxbackend.domain.notifications import NotificationState
from wxbackend.domain.scope import DistrictScope, EnterpriseScope, NoScope, TownScope
from wxbackend.services import alerts
from wxbackend.services.alert_views import ListView, show_lists

EVERYWHERE = DistrictScope()
BUREAU = AlertList(Audience.BUREAU)
LI = {"name": "李小燕", "member_id": "LiXiaoyan", "phone": ""}


@pytest.fixture
def town(story) -> AlertList:
    return AlertList(Audience.TOWN, story.district.town_ids["黄阁镇"])


def add(story, of: AlertList, **changes: str) -> str:
    """Put somebody on a list; the public id."""
    alerts.add_alert_recipient(story.dependencies, EVERYWHERE, of, {**LI, **changes}, actor=ACTOR)
    return row_of(story, of).recipients[-1].public_id


def row_of(story, of: AlertList) -> ListView:
    rows = show_lists(story.dependencies, EVERYWHERE)
    return next(row for row in rows if row.of == of)


def trail(action: str) -> list[tuple[dict[str, object], dict[str, object]]]:
    """(details, personal part) of every entry of this action."""
    with reading() as session:
        rows = (
            session.query(AuditEntry, AuditPersonalPart)
            .outerjoin(AuditPersonalPart, AuditPersonalPart.entry_id == AuditEntry.id)
            .filter(AuditEntry.action == action)
        )
        return [(entry.details, part.content if part else {}) for entry, part in rows]


def send_test(story, public_id: str) -> alerts.SentTests:
    return alerts.send_test_to_recipient(
        story.dependencies, EVERYWHERE, public_id, "黄阁镇", actor=ACTOR
    )


# ---- the lists ---------------------------------------------------------------------------------


def test_every_town_in_use_has_a_row_then_bureau_and_task_force(story):
    names = [row.name for row in show_lists(story.dependencies, EVERYWHERE)]
    policy = story.dependencies.policy
    assert names == [*story.district.town_ids, policy.district.office, policy.digests.task_force]


def test_a_town_out_of_use_stays_while_somebody_is_told_of_it(story, town):
    add(story, town)
    story.execute("UPDATE town SET is_active = false")
    rows = show_lists(story.dependencies, EVERYWHERE)
    assert (rows[0].name, rows[0].is_active) == ("黄阁镇", False)
    assert len(rows) == 3


@pytest.mark.parametrize("scope", [TownScope(1), EnterpriseScope(frozenset({1})), NoScope()])
def test_nobody_but_the_bureau_sees_or_changes_them(story, town, scope):
    one = add(story, town)
    assert all(not row.recipients for row in show_lists(story.dependencies, scope))
    for attempt in (
        lambda: alerts.add_alert_recipient(story.dependencies, scope, BUREAU, LI, actor=ACTOR),
        lambda: alerts.change_alert_recipient(story.dependencies, scope, one, LI, actor=ACTOR),
        lambda: alerts.remove_alert_recipient(story.dependencies, scope, one, actor=ACTOR),
        lambda: alerts.send_test_to_recipient(story.dependencies, scope, one, "x", actor=ACTOR),
    ):
        with pytest.raises(NotFound):
            attempt()
    assert len(row_of(story, town).recipients) == 1


# ---- changes -----------------------------------------------------------------------------------


def test_numbers_are_masked_and_a_look_at_one_is_written_down(story, town):
    one = add(story, town, phone="+86 138 0000 5678")
    (shown,) = row_of(story, town).recipients
    assert (shown.member_masked, shown.phone_masked) == ("Li****n", "138****5678")
    number = alerts.RecipientNumber.PHONE
    clear = alerts.reveal_recipient_number(story.dependencies, EVERYWHERE, one, number, actor=ACTOR)
    assert clear == "13800005678"
    assert trail("reveal_alert_recipient_number") == [({"field": "phone"}, {})]


def test_nobody_stands_twice_in_a_list_whatever_the_case(story, town):
    add(story, town)
    with pytest.raises(InvalidForm) as wrong:
        add(story, town, member_id="LIXIAOYAN")
    assert wrong.value.errors["member_id"].code == "member_id.taken"
    add(story, BUREAU)  # another list may have the same person
    with pytest.raises(InvalidForm):
        add(story, BUREAU, member_id="lixiaoyan")


def test_the_database_itself_refuses_somebody_twice(story):
    """Two who add the same person at once: lists without a town need an index of their own."""
    add(story, BUREAU)
    with pytest.raises(Exception, match=r"(?i)unique"):
        story.execute(
            "INSERT INTO alert_recipient (public_id, audience, name, member_id, member_hash, "
            "created_at) SELECT 'other', audience, name, member_id, member_hash, created_at "
            "FROM alert_recipient"
        )


def test_an_edit_leaves_alone_what_is_left_empty(story, town):
    one = add(story, town, phone="13800005678")
    form = {"name": "李燕", "member_id": "", "phone": ""}
    alerts.change_alert_recipient(story.dependencies, EVERYWHERE, one, form, actor=ACTOR)
    (shown,) = row_of(story, town).recipients
    assert (shown.name, shown.member_masked, shown.phone_masked) == (
        "李燕",
        "Li****n",
        "138****5678",
    )
    form |= {"drop_phone": "yes", "member_id": "chen.zw"}
    alerts.change_alert_recipient(story.dependencies, EVERYWHERE, one, form, actor=ACTOR)
    (shown,) = row_of(story, town).recipients
    assert (shown.member_masked, shown.phone_masked) == ("ch****w", "")


def test_an_edit_does_not_take_anothers_place(story, town):
    add(story, town)
    other = add(story, town, member_id="chenzw")
    form = {**LI, "member_id": "lixiaoYAN"}
    with pytest.raises(InvalidForm):
        alerts.change_alert_recipient(story.dependencies, EVERYWHERE, other, form, actor=ACTOR)
    # The same account in another spelling is the same person.
    form["member_id"] = "ChenZW"
    alerts.change_alert_recipient(story.dependencies, EVERYWHERE, other, form, actor=ACTOR)


def test_every_change_is_written_down_before_and_after(story, town):
    one = add(story, town)
    form = {"name": "李燕", "member_id": "", "phone": "13800005678"}
    alerts.change_alert_recipient(story.dependencies, EVERYWHERE, one, form, actor=ACTOR)
    alerts.remove_alert_recipient(story.dependencies, EVERYWHERE, one, actor=ACTOR)
    old = {"name": "李小燕", "member_id": "LiXiaoyan", "phone": None}
    new = {"name": "李燕", "member_id": "LiXiaoyan", "phone": "13800005678"}
    where = {"audience": "town", "town": town.town_id}
    assert trail("add_alert_recipient") == [(where, {"after": old})]
    assert trail("change_alert_recipient") == [(where, {"before": old, "after": new})]
    assert trail("remove_alert_recipient") == [(where, {"before": new})]
    assert row_of(story, town).recipients == []


@pytest.mark.parametrize("text", ["", "  ", "@all", "a|b", "李四", "-a", "a b|", "x" * 65])
def test_what_is_no_account_is_refused(text):
    with pytest.raises(InvalidValue):
        parse_member_id(text)


@pytest.mark.parametrize(
    ("text", "member_id"),
    [(" zhang.san ", "zhang.san"), ("ＺＳ０１", "ZS01"), ("a@b-c_d", "a@b-c_d")],
)
def test_an_account_is_taken_as_it_is_written(text, member_id):
    assert parse_member_id(text) == member_id


# ---- tests -------------------------------------------------------------------------------------


def test_a_test_arrives_and_its_state_is_shown(story, town, sandbox):
    one = add(story, town)
    assert row_of(story, town).last_test is None
    assert send_test(story, one).sent == ["李小燕"]
    assert row_of(story, town).is_watched
    story.send_all()
    (message,) = sandbox.messages(channel="yuezhengyi")
    assert message["to"] == "LiXiaoyan"
    assert message["text"] == "这是一条测试消息：黄阁镇的告警接收人李小燕设置有效，无需处理。"
    row = row_of(story, town)
    assert row.last_test.state is NotificationState.SENT
    assert not row.is_watched


def test_a_test_to_an_unknown_account_fails_and_says_why(story, town, sandbox):
    add(story, town)
    one = add(story, town, name="王某某", member_id="invalid-1")
    alerts.send_test_to_list(story.dependencies, EVERYWHERE, town, "黄阁镇", actor=ACTOR)
    story.send_all()
    row = row_of(story, town)
    assert row.last_test.state is NotificationState.FAILED  # the gravest of the row
    assert [(test.recipient, test.code) for test in row.failures] == [("王某某", "81013")]
    assert [one.test.state.value for one in row.recipients] == ["sent", "failed"]
    assert row.recipients[1].public_id == one


def test_at_most_one_test_a_minute_for_each(story, town, sandbox, clock):
    one = add(story, town)
    send_test(story, one)
    clock.advance(seconds=59)
    other = add(story, town, name="王某某", member_id="wang")
    sent = alerts.send_test_to_list(story.dependencies, EVERYWHERE, town, "黄阁镇", actor=ACTOR)
    assert (sent.sent, sent.too_soon) == (["王某某"], ["李小燕"])
    clock.advance(seconds=2)
    assert send_test(story, one).sent == ["李小燕"]
    assert send_test(story, other).sent == []
    story.send_all()
    assert len(sandbox.messages(channel="yuezhengyi")) == 3
    assert len(trail("test_alert_recipient")) == 3


def test_a_test_of_another_account_says_nothing_of_the_new_one(story, town):
    one = add(story, town)
    send_test(story, one)
    form = {**LI, "member_id": "someone.else"}
    alerts.change_alert_recipient(story.dependencies, EVERYWHERE, one, form, actor=ACTOR)
    assert row_of(story, town).last_test is None
    assert send_test(story, one).sent == ["李小燕"]


def test_the_tests_wait_for_nobody_in_the_menu(story, town):
    one = add(story, town, member_id="invalid-1")
    send_test(story, one)
    story.send_all()
    with reading() as session:
        states = session.execute(text("SELECT state FROM notification")).scalars().all()
    assert states == ["failed"]
    from wxbackend.services.office_frame import office_frame

    assert office_frame(story.dependencies).notifications_to_see == 0
