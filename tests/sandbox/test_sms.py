"""Text messages: both MAS accounts and Tencent."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.sandbox.client import Client


@pytest.mark.parametrize(("base", "provider"), [("/sms", "sms.mas"), ("/sms-2", "sms.mas2")])
def test_a_text_to_two_numbers(sandbox: Client, base: str, provider: str) -> None:
    answer = sandbox.mas(base=base, mobiles="13800000001,13800000002", content="你好")
    assert answer["rspcod"] == "success"
    assert answer["success"] is True
    assert answer["msgGroup"]
    found = [(m["channel"], m["provider"], m["to"], m["text"]) for m in sandbox.messages()]
    assert found == [("sms", provider, f"1380000000{n}", "你好") for n in (1, 2)]


def test_the_same_text_twice_is_delivered_twice(sandbox: Client) -> None:
    sandbox.mas()
    sandbox.mas()
    assert len(sandbox.messages()) == 2


@pytest.mark.parametrize(
    ("changes", "rspcod"),
    [
        ({"mac": "0" * 32}, "IllegalMac"),
        ({"secretKey": "x"}, "InvalidUsrOrPwd"),
        ({"ecName": "别人"}, "InvalidUsrOrPwd"),
        ({"sign": ""}, "NoSignId"),
        ({"sign": "Xs8Other"}, "IllegalSignId"),
        ({"content": ""}, "InvalidMessage"),
        ({"mobiles": "not a number"}, "InvalidMessage"),
        ({"mobiles": ",".join(["13800000001"] * 5001)}, "TooManyMobiles"),
    ],
)
def test_what_mas_refuses(sandbox: Client, changes: dict[str, str], rspcod: str) -> None:
    answer = sandbox.mas(**changes)
    assert (answer["rspcod"], answer["success"]) == (rspcod, False)
    assert sandbox.messages() == []


def test_a_body_that_is_not_base64_json(sandbox: Client) -> None:
    assert sandbox.post("/sms/norsubmit", data=b'{"plain": 1}').json()["rspcod"] == "InvalidMessage"


def test_a_template_is_filled(sandbox: Client) -> None:
    template = sandbox.credentials["sms"]["mas"]["templates"]["code"]
    params = json.dumps(["482193", "5"])
    assert sandbox.mas("tmpsubmit", templateId=template["id"], params=params)["success"] is True
    expected = template["text"].replace("{1}", "482193").replace("{2}", "5")
    assert sandbox.messages()[0]["text"] == expected


@pytest.mark.parametrize(
    "changes", [{"templateId": "none"}, {"params": '["1"]'}, {"params": "1"}, {"params": "[1,2]"}]
)
def test_a_template_with_wrong_parameters(sandbox: Client, changes: dict[str, str]) -> None:
    template = sandbox.credentials["sms"]["mas"]["templates"]["code"]
    given = {"templateId": template["id"], "params": '["1","2"]', **changes}
    assert sandbox.mas("tmpsubmit", **given)["rspcod"] == "InvalidMessage"


def test_secrets_stay_out_of_the_inbox(sandbox: Client) -> None:
    sandbox.mas()
    assert sandbox.credentials["sms"]["mas"]["secret_key"] not in json.dumps(sandbox.messages())


def tencent_body(sandbox: Client, **changes: Any) -> dict[str, Any]:
    account = sandbox.credentials["sms"]["tencent"]
    return {
        "PhoneNumberSet": ["+8613800000001"],
        "SmsSdkAppId": account["sdk_app_id"],
        "SignName": account["sign_name"],
        "TemplateId": account["templates"]["code"]["id"],
        "TemplateParamSet": ["482193", "5"],
        **changes,
    }


@pytest.mark.parametrize("path", ["/tencent-sms/", "/"])
def test_tencent_tells_each_number_how_it_went(sandbox: Client, path: str) -> None:
    body = tencent_body(sandbox, PhoneNumberSet=["+8613800000001", "12"])
    statuses = sandbox.tencent(body, path=path)["SendStatusSet"]
    assert [s["Code"] for s in statuses] == ["Ok", "InvalidParameterValue.IncorrectPhoneNumber"]
    message = sandbox.messages()[0]
    assert (message["to"], message["provider"]) == ("13800000001", "sms.tencent")
    assert "482193" in message["text"]


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"X-TC-Timestamp": "1"}, "AuthFailure.SignatureExpire"),
        ({"Authorization": "none"}, "AuthFailure.SignatureFailure"),
        ({"Content-Type": "text/plain"}, "AuthFailure.SignatureFailure"),
    ],
)
def test_tencent_checks_the_signature(sandbox: Client, headers: dict[str, str], code: str) -> None:
    assert sandbox.tencent(tencent_body(sandbox), **headers)["Error"]["Code"] == code
    assert sandbox.messages() == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"TemplateParamSet": ["1"]}, "TemplateParamSetNotMatchApprovedTemplate"),
        ({"TemplateId": "1"}, "TemplateIncorrectOrUnapproved"),
        ({"SignName": "x"}, "SignatureIncorrectOrUnapproved"),
    ],
)
def test_tencent_checks_template_and_sign(
    sandbox: Client, changes: dict[str, Any], code: str
) -> None:
    answer = sandbox.tencent(tencent_body(sandbox, **changes))
    assert answer["SendStatusSet"][0]["Code"] == f"FailedOperation.{code}"


def test_tencent_errors_by_number_and_as_a_whole(sandbox: Client) -> None:
    by_number = "LimitExceeded.PhoneNumberDailyLimit"
    sandbox.fault("sms.tencent", kind="errcode", value=by_number)
    assert sandbox.tencent(tencent_body(sandbox))["SendStatusSet"][0]["Code"] == by_number
    sandbox.fault("sms.tencent", kind="errcode", value="InternalError.Timeout")
    assert sandbox.tencent(tencent_body(sandbox))["Error"]["Code"] == "InternalError.Timeout"
