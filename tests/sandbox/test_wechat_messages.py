"""Template, subscription and customer-service messages."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.sandbox.client import DRIVER, STRANGER, Client
from tests.sandbox.little_app import LittleApp
from tests.sandbox.test_wechat_push import opened

VALUES = {
    "car_number1": "粤A8K652",
    "thing2": "万顷沙卡口",
    "time3": "2022年4月22日 14:30",
    "phrase4": "允许通行",
    "thing5": "一路平安",
}


def letter(sandbox: Client, **changes: Any) -> dict[str, Any]:
    template = sandbox.credentials["wechat"]["templates"]["passage_decided"]
    fields = {**VALUES, **changes.pop("fields", {})}
    return {
        "touser": DRIVER,
        "template_id": template["id"],
        "url": "http://127.0.0.1:8000/p/1",
        "data": {key: {"value": value} for key, value in fields.items()},
        **changes,
    }


def send(sandbox: Client, **changes: Any) -> dict[str, Any]:
    return sandbox.wechat("message/template/send", letter(sandbox, **changes))


def test_a_template_message_is_delivered_in_readable_lines(sandbox: Client) -> None:
    answer = send(sandbox)
    assert answer["errcode"] == 0
    assert answer["msgid"] > 2**53
    (message,) = sandbox.messages(channel="wechat", to=DRIVER)
    assert message["text"].splitlines() == [
        "车牌号码：粤A8K652",
        "卡口：万顷沙卡口",
        "查验时间：2022年4月22日 14:30",
        "查验结果：允许通行",
        "备注：一路平安",
    ]
    assert message["url"] == "http://127.0.0.1:8000/p/1"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("car_number1", "粤A·8K652"),
        ("car_number1", "粤AD1234567"),
        ("thing2", "字" * 21),
        ("thing2", "两行\n文字"),
        ("thing2", ""),
        ("time3", "明天下午"),
        ("time3", "2022年2月30日 14:30"),
        ("time3", "25:00"),
        ("phrase4", "允许通行一次"),
        ("phrase4", "OK"),
    ],
)
def test_a_field_that_does_not_fit_is_named(sandbox: Client, field: str, value: str) -> None:
    answer = send(sandbox, fields={field: value})
    assert answer["errcode"] == 47003
    assert f"data.{field}.value" in answer["errmsg"]
    assert sandbox.messages() == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("car_number1", "粤AD12345"),
        ("car_number1", "粤ZAB12港"),
        ("thing2", "字" * 20),
        ("time3", "14:30"),
        ("time3", "2022-04-22 14:30:05"),
        ("time3", "2022年4月22日 14:30~2022年4月22日 15:30"),
        ("phrase4", "不予通行了"),
    ],
)
def test_a_field_that_just_fits(sandbox: Client, field: str, value: str) -> None:
    assert send(sandbox, fields={field: value})["errcode"] == 0


@pytest.mark.parametrize(
    ("changes", "errcode"),
    [
        ({"touser": "oNobodyHere"}, 40003),
        ({"touser": STRANGER}, 43004),
        ({"template_id": "none"}, 40037),
        ({"data": {}}, 47003),
    ],
)
def test_what_is_refused(sandbox: Client, changes: dict[str, Any], errcode: int) -> None:
    assert send(sandbox, **changes)["errcode"] == errcode


def test_no_json_is_47001(sandbox: Client) -> None:
    token = {"access_token": sandbox.wechat_token()}
    path = "/cgi-bin/message/template/send"
    assert sandbox.post(path, params=token, data=b"<xml/>").json()["errcode"] == 47001
    assert sandbox.post(path, params=token).json()["errcode"] == 44002


def test_a_repeat_with_the_same_client_id_is_sent_once(sandbox: Client) -> None:
    first, second = (send(sandbox, client_msg_id="p-1")["msgid"] for _ in range(2))
    assert first == second
    assert len(sandbox.messages()) == 1
    sandbox.move_clock(601)
    assert send(sandbox, client_msg_id="p-1")["msgid"] != first
    assert len(sandbox.messages()) == 2


def wait_for_pushes(app: LittleApp, count: int) -> None:
    deadline = time.monotonic() + 5
    while len(app.pushes) < count and time.monotonic() < deadline:
        time.sleep(0.02)
    assert len(app.pushes) == count


@pytest.mark.parametrize("outcome", ["success", "failed:user block"])
def test_the_app_hears_how_it_ended(sandbox: Client, little_app: LittleApp, outcome: str) -> None:
    sandbox.put("/sandbox/template-outcome", json={"outcome": outcome})
    answer = send(sandbox)
    assert answer["errcode"] == 0
    assert len(sandbox.messages()) == (outcome == "success")
    wait_for_pushes(little_app, 1)
    (call,) = sandbox.calls(target="wechat.push")
    assert (call["status"], call["note"]) == (200, "TEMPLATESENDJOBFINISH ok")


def test_a_subscription_message_gets_no_number(sandbox: Client) -> None:
    body = letter(sandbox, page="http://127.0.0.1:8000/p/2", url=None)
    answer = sandbox.wechat("message/subscribe/bizsend", body)
    assert (answer["errcode"], "msgid" in answer) == (0, False)
    assert sandbox.messages()[0]["url"] == "http://127.0.0.1:8000/p/2"
    refused = sandbox.wechat("message/subscribe/bizsend", {**body, "touser": STRANGER})
    assert refused["errcode"] == 43101


def test_customer_service_writes_within_48_hours(sandbox: Client) -> None:
    body = {"touser": DRIVER, "msgtype": "text", "text": {"content": "您好"}}
    assert sandbox.wechat("message/custom/send", body)["errcode"] == 45015
    sandbox.post("/sandbox/push", json={"openid": DRIVER, "type": "text", "content": "?"})
    assert sandbox.wechat("message/custom/send", body)["errcode"] == 0
    assert sandbox.messages()[-1]["text"] == "您好"
    image = {"touser": DRIVER, "msgtype": "image"}
    assert sandbox.wechat("message/custom/send", image)["errcode"] == 40008
    sandbox.move_clock(48 * 3600 + 1)
    assert sandbox.wechat("message/custom/send", body)["errcode"] == 45015


@pytest.mark.parametrize(
    ("outcome", "code", "arrives"), [("success", "0", True), ("failed:user block", "43101", False)]
)
def test_a_subscription_message_is_reported_by_its_template(
    sandbox: Client, little_app: LittleApp, outcome: str, code: str, arrives: bool
) -> None:
    sandbox.put("/sandbox/template-outcome", json={"outcome": outcome})
    body = letter(sandbox, page="http://127.0.0.1:8000/p/2", url=None)
    assert sandbox.wechat("message/subscribe/bizsend", body)["errcode"] == 0
    wait_for_pushes(little_app, 1)
    fields = opened(sandbox, little_app.pushes[0])
    assert fields["Event"] == "subscribe_msg_sent_event"
    assert (fields["TemplateId"], fields["ErrorCode"]) == (body["template_id"], code)
    assert (len(sandbox.messages()) == 1) is arrives
