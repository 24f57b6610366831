"""The push deck: what is not from WeChat, not fresh or not sealed does nothing, and no 500 ever."""

from __future__ import annotations

import base64
import dataclasses
import functools
import time
from itertools import product

import pytest

from tests.pushing import (
    ENVELOPE,
    PATH,
    Delivery,
    event_of,
    push,
    sealed,
    stamp,
    text_of,
    words,
)
from wxbackend.sandbox.accounts import WECHAT
from wxbackend.sandbox.wechat.crypto import Envelope, signature
from wxbackend.sandbox.wechat.push_xml import to_xml

OPENID = "oPushDeck0000000000000000001"
BOMB = (
    '<?xml version="1.0"?><!DOCTYPE xml [<!ENTITY a "lol"><!ENTITY b "'
    + "&a;" * 50
    + '"><!ENTITY c "'
    + "&b;" * 50
    + '">]><xml><Encrypt>&c;</Encrypt></xml>'
)
EXTERNAL = (
    '<!DOCTYPE xml [<!ENTITY x SYSTEM "file:///etc/passwd">]><xml><Encrypt>&x;</Encrypt></xml>'
)


@pytest.fixture
def help_text(app, clock):
    """A good delivery, to be spoilt."""
    return push(text_of(OPENID, "帮助"), clock())


def refused(app, delivery: Delivery, status: int = 403) -> bool:
    answer = delivery.to(app)
    return answer.status_code == status and answer.data == b""


def test_a_good_delivery_is_answered_in_an_envelope(app, help_text):
    answer = help_text.to(app)
    assert answer.status_code == 200
    assert answer.mimetype == "text/xml"
    assert "预约" in words(answer)
    assert "预约" not in answer.text


def test_the_address_is_confirmed_to_wechat_alone(app, clock):
    good = stamp(clock())
    base = app.extensions["wxbackend"].public_base_url
    ask = functools.partial(app.test_client().get, base_url=base)
    answer = ask(PATH, query_string={**good, "echostr": "<b>4711</b>"})
    assert (answer.status_code, answer.text) == (200, "<b>4711</b>")
    assert answer.mimetype == "text/plain"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    for wrong in ({}, {**good, "signature": good["signature"][::-1]}, {**good, "nonce": "1"}):
        assert ask(PATH, query_string={**wrong, "echostr": "4711"}).status_code == 403


@pytest.mark.parametrize("part", ["signature", "msg_signature", "nonce"])
@pytest.mark.parametrize("value", [None, "", "0" * 40, "微信" * 20, "\ud800x"])
def test_a_wrong_signature_is_refused(app, help_text, part, value):
    help_text.query[part] = value if value is not None else help_text.query[part][::-1]
    if isinstance(value, str) and "\ud800" in value:
        help_text.query[part] = "%ED%A0%80"
    assert refused(app, help_text)


def test_a_signature_with_an_empty_token_is_refused(app, help_text, clock):
    help_text.query |= stamp(clock(), token="")
    assert refused(app, help_text)


@pytest.mark.parametrize("seconds", [-100_000, -301, 301, 100_000])
def test_a_stale_delivery_is_refused(app, clock, seconds):
    delivery = push(text_of(OPENID, "帮助"), clock())
    clock.advance(seconds=-seconds)
    assert refused(app, delivery)


@pytest.mark.parametrize("timestamp", ["", "now", "-1", "1e9", "١٦٥٠", "9" * 12, "9" * 40])
def test_a_timestamp_that_is_none_is_refused(app, help_text, timestamp):
    signed = signature(WECHAT.push_token, timestamp, help_text.query["nonce"])
    help_text.query |= {"timestamp": timestamp, "signature": signed}
    assert refused(app, help_text)


def test_a_plain_body_is_refused_in_the_safe_mode(app, clock):
    body = to_xml(text_of(OPENID, "帮助")).encode()
    assert refused(app, Delivery(stamp(clock()), body))
    assert refused(app, Delivery({**stamp(clock()), "encrypt_type": "aes"}, body))


def test_of_the_compatible_mode_only_the_sealed_copy_counts(app, clock):
    delivery = push(text_of(OPENID, "帮助"), clock())
    plain = to_xml(text_of("oSomebodyElse", "我的")).encode()
    delivery.body = plain.replace(b"</xml>", delivery.body.removeprefix(b"<xml>"))
    assert refused(app, delivery)  # ToUserName stands twice
    delivery.body = delivery.body.replace(b"<ToUserName>", b"<Other>", 1)
    delivery.body = delivery.body.replace(b"</ToUserName>", b"</Other>", 1)
    assert "一码一次" in words(delivery.to(app))


@pytest.mark.parametrize("document", [BOMB, EXTERNAL, BOMB.replace("Encrypt", "Content")])
def test_an_entity_bomb_is_refused_outside_and_ignored_inside(app, clock, document):
    began = time.monotonic()
    assert refused(app, Delivery(stamp(clock()), document.encode()))
    assert sealed(document, clock()).to(app).text == "success"
    assert time.monotonic() - began < 1


def test_twenty_megabytes_are_refused_unread(app, clock):
    delivery = Delivery(stamp(clock()), b"<xml>" + b"<a/>" * 5_000_000 + b"</xml>")
    began = time.monotonic()
    assert refused(app, delivery, 413)
    assert time.monotonic() - began < 1
    delivery.body = b"<xml>" + b" " * 65_536 + b"</xml>"
    assert refused(app, delivery, 413)


def test_a_deep_tree_of_the_allowed_size_does_no_harm(app, clock):
    deep = b"<xml>" + b"<a>" * 9_000 + b"</a>" * 9_000 + b"</xml>"
    assert refused(app, Delivery(stamp(clock()), deep))
    account = to_xml({"ToUserName": WECHAT.original_id}).removesuffix("</xml>")
    inner = account + "<a>" * 5_000 + "</a>" * 5_000 + "</xml>"
    assert sealed(inner, clock()).to(app).text == "success"


def test_pushes_of_another_app_or_account_are_refused(app, clock):
    foreign = Envelope(token=WECHAT.push_token, aes_key=WECHAT.push_aes_key, app_id="wx0000")
    assert refused(app, sealed(to_xml(text_of(OPENID, "帮助")), clock(), foreign))
    other = {**text_of(OPENID, "帮助"), "ToUserName": "gh_somebody"}
    assert refused(app, push(other, clock()))


@pytest.mark.parametrize(
    "kind", ["application/json", "multipart/form-data; boundary=x", "text/html", ""]
)
def test_other_content_types_are_refused(app, help_text, kind):
    help_text.headers = {"Content-Type": kind}
    assert refused(app, help_text, 415)


HEAD = {"ToUserName": WECHAT.original_id, "FromUserName": OPENID, "CreateTime": 1, "MsgType": "x"}
MALFORMED_INSIDE = [
    "",
    "x",
    "{}",
    "<xml/>",
    "<xml>",
    "<other><ToUserName>gh</ToUserName></other>",
    "<xml>\x00</xml>",
    '<?xml version="1.0" encoding="no-such-thing"?><xml/>',
    *(
        to_xml({k: v for k, v in HEAD.items() if k != name})
        for name in HEAD
        if name != "ToUserName"
    ),
    *(to_xml({**HEAD, "CreateTime": value}) for value in ("", "x", "-1", "9" * 30)),
    *(to_xml({**HEAD, "FromUserName": value}) for value in ("", "a b", "中", "o" * 65)),
    to_xml(HEAD).replace("</xml>", "<MsgType>event</MsgType></xml>"),
    to_xml({**HEAD, "MsgType": {"deep": "text"}}),
    *(
        to_xml({**HEAD, "MsgType": kind, **more})
        for kind, more in product(
            ("event", "text", "image", "never_heard_of"),
            ({}, {"Event": ""}, {"Event": "LOCATION"}, {"Event": "user_authorization_revoke"}),
        )
        if kind != "text"
    ),
    *(to_xml({**HEAD, "MsgType": "event", "Event": event}) for event in ("CLICK", "VIEW", "SCAN")),
]
MALFORMED_OUTSIDE = [
    b"",
    b"x",
    b"{}",
    b"<xml/>",
    b"<xml><Encrypt/></xml>",
    b"<xml><Encrypt>AAAA</Encrypt></xml>",
    b"<xml><Encrypt>" + b"A" * 64 + b"</Encrypt></xml>",
    b"<xml><Encrypt>" + b"A" * 63 + b"</Encrypt></xml>",
    b"<xml><Encrypt><a>" + b"A" * 64 + b"</a></Encrypt></xml>",
    b"<xml><Encrypt>\xff\xfe</Encrypt></xml>",
    b"\xff\xfe\x00\x00",
    b"\x00" * 100,
    b'<?xml version="1.0" encoding="utf-7"?><xml/>',
]


@pytest.mark.parametrize("inner", MALFORMED_INSIDE)
def test_a_malformed_push_is_taken_without_effect(app, clock, inner):
    answer = sealed(inner, clock()).to(app)
    is_ours = "ToUserName" in inner and WECHAT.original_id in inner
    assert answer.status_code in ({200} if is_ours else {200, 403})
    assert answer.text in {"success", ""}


@pytest.mark.parametrize("body", MALFORMED_OUTSIDE)
def test_a_malformed_envelope_is_refused(app, clock, body):
    assert refused(app, Delivery(stamp(clock()), body))


@pytest.mark.parametrize("length", [16, 32, 48, 64, 80])
def test_a_signed_envelope_of_rubbish_is_refused(app, clock, length):
    query = stamp(clock())
    rubbish = base64.b64encode(bytes(range(length))).decode()
    query["msg_signature"] = ENVELOPE.sign(
        rubbish, timestamp=query["timestamp"], nonce=query["nonce"]
    )
    body = f"<xml><Encrypt>{rubbish}</Encrypt></xml>".encode()
    assert refused(app, Delivery(query, body))


def test_three_deliveries_get_one_answer(app, clock):
    fields = text_of(OPENID, "帮助")
    answers = {words(push(fields, clock()).to(app)) for _ in range(3)}
    assert len(answers) == 1
    assert answers != {""}


def test_a_failure_is_told_to_the_sender_and_never_a_500(app, clock, story):
    story.execute("ALTER TABLE wechat_user RENAME TO wechat_user_away")
    answer = push(text_of(OPENID, "帮助"), clock()).to(app)
    assert answer.status_code == 200
    assert words(answer) == "系统繁忙，请稍后再试。"
    assert push(event_of(OPENID, "unsubscribe"), clock()).to(app).text == "success"
    story.execute("ALTER TABLE wechat_user_away RENAME TO wechat_user")


def test_a_message_cannot_write_into_its_answer(app, clock):
    attack = "]]></Content><MsgType><![CDATA[image]]></MsgType><Content><![CDATA["
    assert "回复“帮助”" in words(push(text_of(OPENID, attack), clock()).to(app))


def test_pushes_that_are_switched_off_are_not_there(app, clock, dependencies):
    off = dataclasses.replace(dependencies.gateways, pushes=None)
    app.extensions["wxbackend"] = dataclasses.replace(dependencies, gateways=off)
    assert refused(app, push(text_of(OPENID, "帮助"), clock()), 404)
