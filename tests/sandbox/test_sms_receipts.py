"""Receipts that the SMS platforms send to the app, each in its own shape."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from tests.sandbox.client import Client
from tests.sandbox.little_app import LittleApp


def received(app: LittleApp, count: int) -> list[Any]:
    """The bodies of so many posts, waited for."""
    end = time.monotonic() + 5
    while len(app.pushes) < count and time.monotonic() < end:
        time.sleep(0.02)
    return [json.loads(pushed.body) for pushed in app.pushes]


def turn(sandbox: Client, **rules: Any) -> None:
    answer = sandbox.put("/sandbox/receipts", json={"delay_seconds": 0, **rules})
    assert answer.status_code == 200, answer.text


def tencent(sandbox: Client) -> dict[str, Any]:
    account = sandbox.credentials["sms"]["tencent"]
    body = {
        "PhoneNumberSet": ["+8613800000001"],
        "SmsSdkAppId": account["sdk_app_id"],
        "SignName": account["sign_name"],
        "TemplateId": account["templates"]["code"]["id"],
        "TemplateParamSet": ["482193", "5"],
    }
    status: dict[str, Any] = sandbox.tencent(body)["SendStatusSet"][0]
    return status


def test_at_first_no_receipts_are_sent(sandbox: Client, little_app: LittleApp) -> None:
    sandbox.mas()
    assert sandbox.get("/sandbox/modes").json()["receipts"]["mode"] == "off"
    time.sleep(0.3)
    assert little_app.pushes == []


@pytest.mark.parametrize(("mode", "status"), [("delivered", "CM:0000"), ("failed", "MK:0012")])
def test_mas_tells_of_one_text(
    sandbox: Client, little_app: LittleApp, mode: str, status: str
) -> None:
    turn(sandbox, mode=mode)
    group = sandbox.mas(base="/sms-2", mobiles="13800000001")["msgGroup"]
    (report,) = received(little_app, 1)
    assert (report["msgGroup"], report["mobile"]) == (group, "13800000001")
    assert report["reportStatus"] == status
    end = time.monotonic() + 5
    while not (calls := sandbox.calls(target="sms.receipts")) and time.monotonic() < end:
        time.sleep(0.02)
    (call,) = calls
    assert (call["path"], call["note"], call["caller"]) == ("/…/mas2", f"1 {mode}", "sandbox")


def test_tencent_tells_of_a_list(sandbox: Client, little_app: LittleApp) -> None:
    turn(sandbox, mode="delivered")
    serial = tencent(sandbox)["SerialNo"]
    ((report,),) = received(little_app, 1)
    assert (report["sid"], report["report_status"]) == (serial, "SUCCESS")


def test_receipts_come_several_times_and_in_the_wrong_order(
    sandbox: Client, little_app: LittleApp
) -> None:
    turn(sandbox, mode="delivered", copies=2, reordered=True)
    groups = [sandbox.mas()["msgGroup"] for _ in range(2)]
    bodies = received(little_app, 2)
    told = [[report["msgGroup"] for report in body] for body in bodies]
    assert told == [groups[::-1]] * 2


def test_a_receipt_that_nothing_overtakes_goes_alone(
    sandbox: Client, little_app: LittleApp
) -> None:
    turn(sandbox, mode="delivered", reordered=True)
    group = sandbox.mas()["msgGroup"]
    (report,) = received(little_app, 1)
    assert report["msgGroup"] == group


@pytest.mark.parametrize(
    "rules",
    [
        {"mode": "maybe"},
        {"delay_seconds": -1},
        {"delay_seconds": "1"},
        {"copies": 11},
        {"copies": 0},
        {"reordered": 1},
        {"other": 1},
    ],
)
def test_odd_rules_are_refused(sandbox: Client, rules: dict[str, Any]) -> None:
    assert sandbox.put("/sandbox/receipts", json=rules).status_code == 400
    assert sandbox.get("/sandbox/modes").json()["receipts"]["mode"] == "off"
