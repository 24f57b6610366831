"""What the account answers in its chat: by role, by word, and to a code scanned from the menu."""

from __future__ import annotations

import pytest

from models.accounts import Binding, begin_binding, find_account, find_wechat_user
from models.database import reading, transaction
from tests.people import make_guard_account
from tests.pushing import a_moment, event_of, push, text_of, words

SCANNED = {"EventKey": "GATE_SCAN"}


@pytest.fixture
def chat(app, clock):
    """Delivers one push and gives the words of the answer."""

    def send(fields: dict[str, object]) -> str:
        return words(push(fields, clock()).to(app))

    return send


@pytest.fixture
def follower(story):
    """A WeChat user, bound to an account if one is named; the openid."""

    def make(account: str = "") -> str:
        scope = story.driver()
        with transaction() as session:
            user = find_wechat_user(session, scope.wechat_user_id)
            found = find_account(session, account) if account else None
            if found is not None:
                now = story.dependencies.clock()
                binding = Binding(wechat_user_id=user.id, account_id=found.id, created_at=now)
                begin_binding(session, binding)
            return user.openid

    return make


@pytest.fixture
def guard(story, follower):
    """The openid of staff on shift."""

    def make(*, on_shift: bool = True) -> str:
        made = story.guard()
        if not on_shift:
            story.execute("UPDATE shift SET ended_at = started_at")
        return follower(made.member.account_name)

    return make


def scan(openid: str, text: str, **more: object) -> dict[str, object]:
    code = {"ScanCodeInfo": {"ScanType": "qrcode", "ScanResult": text}}
    return event_of(openid, "scancode_waitmsg", **SCANNED, **code, **more)


def scans() -> list[str]:
    from sqlalchemy import text

    with reading() as session:
        return list(session.scalars(text("SELECT outcome FROM scan ORDER BY id")))


def test_a_new_follower_is_told_to_reserve_first(chat, follower, story):
    for openid in (follower(), "oNeverSeenBefore"):
        said = chat(event_of(openid, "subscribe"))
        assert "欢迎关注南沙区货车通行" in said
        assert f"{story.dependencies.public_base_url}/d/new" in said


@pytest.mark.parametrize(("account", "path"), [("gate1", "/gate"), ("", "/d/new")])
def test_the_welcome_is_the_roles(chat, follower, story, account, path):
    make_guard_account(story.dependencies, "gate1")
    said = chat(event_of(follower(account), "subscribe"))
    assert f"{story.dependencies.public_base_url}{path}\n" in said


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("帮助", "一码一次"),
        (" 帮助 ", "一码一次"),
        ("？", "一码一次"),
        ("HELP", "一码一次"),
        ("预约", "/d/new"),
        ("我的", "/d"),
        ("我的预约", "/d"),
        ("你好", "回复“帮助”"),
        ("", "回复“帮助”"),
        ("帮" * 600, "回复“帮助”"),
    ],
)
def test_a_word_gets_its_answer(chat, follower, written, says):
    assert says in chat(text_of(follower(), written))


def test_a_button_is_answered_like_its_word(chat, follower):
    openid = follower()
    for key, says in (("HELP", "一码一次"), ("RESERVE", "/d/new"), ("MINE", "/d")):
        assert says in chat(event_of(openid, "CLICK", EventKey=key))
    assert chat(event_of(openid, "CLICK", EventKey="OTHER")) == ""


def test_whoever_works_at_the_gate_is_led_there(chat, guard, story):
    said = chat(text_of(guard(), "我的"))
    assert f"{story.dependencies.public_base_url}/gate\n" in said
    assert f"{story.dependencies.public_base_url}/d" in said


def test_a_scan_answers_with_a_link_and_nothing_personal(chat, guard, story, app, sandbox):
    reserved = story.reserve()
    link = f"{story.dependencies.public_base_url}/P/{reserved.token}"
    said = chat(scan(guard(), link))
    assert "通行码有效：请仔细核对" in said
    assert "/gate/scans/" in said
    for personal in ("李某某", "440115", "粤A8K652", "1380000", reserved.token, "阴性", "疫苗"):
        assert personal not in said
    assert scans() == ["shown"]


def test_a_used_code_is_said_to_be_used(chat, guard, story):
    reserved = story.reserve()
    other = story.guard()
    story.decide(other, story.scan(other, reserved.token))
    said = chat(scan(guard(), f"{story.dependencies.public_base_url}/P/{reserved.token}"))
    assert said.startswith("二维码已过期,请司机重新预约")


@pytest.mark.parametrize("text", ["https://elsewhere.example/P/X", "粤康码", "", "{}"])
def test_a_foreign_code_is_said_to_be_none_of_ours(chat, guard, text):
    assert chat(scan(guard(), text)).startswith("不是本系统的通行码")


def test_others_learn_nothing_of_what_they_scanned(chat, follower, guard, story):
    reserved = story.reserve()
    link = f"{story.dependencies.public_base_url}/P/{reserved.token}"
    outsider = follower()
    assert chat(scan(outsider, link)) == chat(scan(outsider, "anything else"))
    assert "供卡口工作人员使用" in chat(scan("oNeverSeen", link))
    assert "请先开始值班" in chat(scan(guard(on_shift=False), link))
    assert scans() == []


def test_three_deliveries_of_a_scan_are_one_scan(chat, guard, story):
    reserved, openid = story.reserve(), guard()
    event = scan(openid, f"{story.dependencies.public_base_url}/P/{reserved.token}")
    said = {chat(event) for _ in range(3)}
    assert len(said) == 1
    assert scans() == ["shown"]
    chat({**event, "CreateTime": a_moment()})
    assert scans() == ["shown", "shown"]


def test_two_codes_in_one_second_are_two_scans(chat, guard, story):
    openid, base = guard(), story.dependencies.public_base_url
    for reserved in (story.reserve(), story.reserve()):
        chat(scan(openid, f"{base}/P/{reserved.token}"))
    assert scans() == ["shown", "shown"]


@pytest.mark.parametrize(
    ("outcome", "state", "answer"),
    [
        ("success", "delivered", "success"),
        ("failed:user block", "failed", "failed:user block"),
        ("failed: system failed", "failed", "failed: system failed"),
    ],
)
def test_a_template_messages_end_closes_its_row(chat, story, sandbox, outcome, state, answer):
    from sqlalchemy import text

    sandbox.put("/sandbox/template-outcome", {"outcome": outcome, "count": 1})
    story.reserve()
    story.send_all()
    with reading() as session:
        openid, reference = session.execute(
            text(
                "SELECT wechat_user.openid, notification.provider_reference FROM notification "
                "JOIN wechat_user ON notification.recipient = 'driver:' || wechat_user.id"
            )
        ).one()
    ended = event_of(openid, "TEMPLATESENDJOBFINISH", MsgID=reference, Status=outcome)
    assert {chat(ended) for _ in range(3)} == {""}
    assert chat({**ended, "CreateTime": a_moment(), "Status": "success"}) == ""
    with reading() as session:
        row = session.execute(text("SELECT state, last_answer FROM notification")).one()
    assert tuple(row) == (state, answer)


def test_a_subscription_messages_report_is_read_from_its_nested_parts(chat, story, settings):
    from sqlalchemy import text

    story.reserve()
    story.send_all()
    with reading() as session:
        openid = session.scalar(text("SELECT openid FROM wechat_user"))
    report = {"TemplateId": settings.wechat.templates.reservation_made.id, "ErrorCode": 0}
    sent = {"SubscribeMsgSentEvent": {"List": {**report, "MsgID": 17, "ErrorStatus": "success"}}}
    assert chat(event_of(openid, "subscribe_msg_sent_event", **sent)) == ""
    with reading() as session:
        assert session.scalar(text("SELECT state FROM notification")) == "delivered"
