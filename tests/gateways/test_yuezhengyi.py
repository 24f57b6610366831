"""粤政易 over real HTTP, as plain WeCom and behind the gateway: every answer has its action."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.gateways.yuezhengyi_room import (
    NO_TIF,
    PREFIXES,
    account_of,
    calls,
    inbox,
    messenger_at,
    text,
)
from wxbackend.domain.notifications import Answer, SendOutcome
from wxbackend.gateways.shared_store import MemoryStore
from wxbackend.gateways.tif import TifSigner


@pytest.mark.parametrize(
    ("errcode", "answer", "wait", "most_tries"),
    [
        (81013, Answer.PERMANENT, None, None),
        (-1, Answer.TRANSIENT, None, 3),
        (45009, Answer.THROTTLED, 60, None),
        (45033, Answer.THROTTLED, 5, None),
        (40001, Answer.CONFIGURATION, None, None),
        (40013, Answer.CONFIGURATION, None, None),
        (40056, Answer.CONFIGURATION, None, None),
        (60020, Answer.CONFIGURATION, None, None),
        (40008, Answer.PERMANENT, None, None),
        (99999, Answer.PERMANENT, None, None),
    ],
)
def test_each_error_code_has_its_action(sandbox, members, errcode, answer, wait, most_tries):
    assert text(members, "先取凭证", 1).answer is Answer.ACCEPTED
    sandbox.fault("yuezhengyi", "errcode", value=errcode)
    outcome = text(members, "再发", 2)
    pause = timedelta(seconds=wait) if wait else None
    assert outcome == SendOutcome(answer, str(errcode), wait=pause, most_tries=most_tries)
    assert len(calls(sandbox, "message/send")) == 2
    assert text(members, "再发", 2).answer is Answer.ACCEPTED


@pytest.mark.parametrize("errcode", [40014, 41001, 42001])
def test_a_dead_token_is_fetched_anew_once(sandbox, members, errcode):
    text(members, "一", 1)
    sandbox.fault("yuezhengyi", "errcode", value=errcode)
    assert text(members, "二", 2).answer is Answer.ACCEPTED
    assert len(calls(sandbox, "gettoken")) == 2
    assert len(calls(sandbox, "message/send")) == 3
    sandbox.fault("yuezhengyi", "errcode", value=errcode, count=9)
    assert text(members, "三", 3) == SendOutcome(Answer.TRANSIENT, str(errcode))
    assert len(calls(sandbox, "message/send")) == 5  # sent once more, and no more than that
    assert [message["text"] for message in inbox(sandbox)] == ["一", "二"]


@pytest.mark.parametrize(
    ("errcode", "answer"),
    [
        (-1, Answer.TRANSIENT),
        (45009, Answer.THROTTLED),
        (40001, Answer.CONFIGURATION),
        (40013, Answer.CONFIGURATION),
        (60020, Answer.CONFIGURATION),
        (99999, Answer.CONFIGURATION),
    ],
)
def test_a_refused_token_sends_nothing(sandbox, members, errcode, answer):
    sandbox.fault("yuezhengyi", "errcode", value=errcode)
    outcome = text(members)
    assert (outcome.answer, outcome.code) == (answer, f"gettoken_{errcode}")
    assert calls(sandbox, "message/send") == []


@pytest.mark.parametrize(
    ("change", "code"),
    [({"corp_id": "x"}, "gettoken_40013"), ({"corp_secret": "x"}, "gettoken_40001")]
    + [({"agent_id": 1}, "40056")],
)
def test_a_wrong_account_is_a_matter_of_configuration(make, change, code):
    assert text(make(**change)) == SendOutcome(Answer.CONFIGURATION, code)


@pytest.mark.parametrize(
    ("kind", "value", "answer", "arrived"),
    [
        ("refuse", None, Answer.UNKNOWN, 0),
        ("timeout", 2, Answer.UNKNOWN, 0),
        ("timeout_after_effect", 2, Answer.UNKNOWN, 1),
        ("http_500", None, Answer.TRANSIENT, 0),
        ("garbage", None, Answer.UNKNOWN, 0),
        ("slow", 0.3, Answer.ACCEPTED, 1),
    ],
)
def test_each_fault_of_the_line_has_its_kind(sandbox, members, kind, value, answer, arrived):
    text(members, "先取凭证", 1)
    sandbox.delete("/sandbox/messages")
    sandbox.fault("yuezhengyi", kind, value=value)
    assert text(members, "再发", 2).answer is answer
    assert len(inbox(sandbox)) == arrived
    sandbox.delete("/sandbox/faults")
    assert text(members, "再发", 2).answer is Answer.ACCEPTED
    assert len(inbox(sandbox)) == 1, "the platform knows the repeat by its bytes"


@pytest.mark.parametrize("kind", ["refuse", "timeout", "http_500", "garbage"])
def test_a_fault_before_the_message_leaves_nothing_open(sandbox, members, kind):
    sandbox.fault("yuezhengyi", kind, value=2 if kind == "timeout" else None)
    assert text(members).answer is Answer.TRANSIENT
    sandbox.delete("/sandbox/faults")
    assert text(members).answer is Answer.ACCEPTED


def test_nobody_there_is_transient(sandbox, files):
    nobody = messenger_at("http://127.0.0.1:1", account_of(sandbox), MemoryStore(), files, NO_TIF)
    assert text(nobody) == SendOutcome(Answer.TRANSIENT, "unreachable")


def test_the_gateway_turns_a_wrong_signature_away(sandbox, files):
    account = account_of(sandbox)
    url = sandbox.url + PREFIXES["gateway"]
    for tif in (NO_TIF, TifSigner(account["paas_id"], "wrong")):
        wrong = messenger_at(url, account, MemoryStore(), files, tif)
        assert text(wrong) == SendOutcome(Answer.CONFIGURATION, "http_401")
    upper = TifSigner(account["paas_id"], account["paas_token"], upper_case=True)
    right = messenger_at(url, account, MemoryStore(), files, upper)
    assert text(right).answer is Answer.ACCEPTED


# ---- answers that the sandbox never gives ------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "status", "answer", "code"),
    [
        ({"errcode": 0, "msgid": "m"}, 200, Answer.ACCEPTED, "0"),
        ({"errcode": "0"}, 200, Answer.ACCEPTED, "0"),
        ({"errcode": 0, "invaliduser": None}, 200, Answer.ACCEPTED, "0"),
        ({"errcode": 0, "invaliduser": "lisi|wangwu"}, 200, Answer.ACCEPTED, "0"),
        ({"errcode": 0, "invaliduser": "zhangsan2|san"}, 200, Answer.ACCEPTED, "0"),
        ({"errcode": 0, "invaliduser": "zhangsan"}, 200, Answer.PERMANENT, "invaliduser"),
        ({"errcode": 0, "invaliduser": "lisi|zhangsan"}, 200, Answer.PERMANENT, "invaliduser"),
        ({"errcode": 0, "invaliduser": "ZhangSan|lisi"}, 200, Answer.PERMANENT, "invaliduser"),
        ({"errcode": "40056"}, 200, Answer.CONFIGURATION, "40056"),
        ({"code": 500, "message": "gateway"}, 200, Answer.UNKNOWN, "no_errcode"),
        ({"errcode": "weird"}, 200, Answer.UNKNOWN, "no_errcode"),
        (["errcode"], 200, Answer.UNKNOWN, "not_json"),
        (b"<html>", 200, Answer.UNKNOWN, "not_json"),
        (b"", 401, Answer.CONFIGURATION, "http_401"),
        (b"", 403, Answer.CONFIGURATION, "http_403"),
        (b"", 503, Answer.TRANSIENT, "http_503"),
        (b"", 502, Answer.UNKNOWN, "http_502"),
        (b"", 302, Answer.UNKNOWN, "http_302"),
    ],
)
def test_odd_answers_are_read_with_care(canned, at_canned, content, status, answer, code):
    canned.answer("send", content, status=status)
    outcome = text(at_canned)
    assert (outcome.answer, outcome.code) == (answer, code)
    assert len(canned.asked["send"]) == 1


@pytest.mark.parametrize("member_id", ["@all", "a|b", "|", ""])
def test_an_address_of_many_never_leaves(canned, at_canned, member_id):
    outcome = at_canned.send_text(member_id=member_id, text="x", reference=1)
    assert outcome == SendOutcome(Answer.PERMANENT, "invaliduser")
    assert canned.asked == {}


def test_a_member_who_is_not_there_spoils_nobody_else(sandbox, members):
    told = [
        members.send_text(member_id=name, text="到了", reference=number)
        for number, name in enumerate(["Lisi", "InvalidA", "wangwu"])
    ]
    expected = [Answer.ACCEPTED, Answer.PERMANENT, Answer.ACCEPTED]
    assert [outcome.answer for outcome in told] == expected
    assert [message["to"] for message in inbox(sandbox)] == ["Lisi", "wangwu"]
