"""SMS providers: their formulas, what each answer means, and what fits into them."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.servers import Sandbox
from wxbackend.config.settings import Settings
from wxbackend.config.sms_settings import SmsProvider
from wxbackend.domain.notifications import Answer, NotificationKind
from wxbackend.domain.sms_templates import SmsTemplate
from wxbackend.gateways.aliyun_sms import AliyunSender
from wxbackend.gateways.interfaces.messages import ShortMessage, SmsSender
from wxbackend.gateways.mas import MasSender
from wxbackend.gateways.tencent_sms import TencentSender
from wxbackend.wiring import sms_senders

SECOND = timedelta(seconds=1)
CODE = NotificationKind.SIGN_IN_CODE
ALLOWED = NotificationKind.PASSAGE_ALLOWED_ROSTER
FACTS = {
    "enterprise": "顺达物流",
    "name": "李某",
    "time": "2022-04-20 12:00:00",
    "district": "南沙区",
}
ALERT = ShortMessage("13900000001", ALLOWED, "顺达物流员工李某进入南沙区", FACTS, "ours")
CODE_MESSAGE = ShortMessage("13900000001", CODE, "验证码", {"code": "012345", "minutes": "5"})


def mas(
    templates: Mapping[NotificationKind, SmsTemplate] | None = None, *, free_texts: bool = True
) -> MasSender:
    return MasSender(
        "mas",
        base_url="http://127.0.0.1:1",
        ec_name="测试集团",
        ap_id="demo",
        secret_key="demo-secret",
        sign="DEMOSIGN",
        add_serial="",
        templates=templates or {},
        takes_free_texts=free_texts,
        timeout=SECOND,
    )


def body_of(sender: MasSender, message: ShortMessage) -> tuple[str, dict[str, str]]:
    call, body = sender.request(message)
    return call, json.loads(base64.b64decode(body))


# ---- 移动云MAS -------------------------------------------------------------------------------


def test_the_mas_signature_is_the_published_one():
    message = ShortMessage("13800138000", ALLOWED, "测试短信", {})
    call, body = body_of(mas(), message)
    assert call == "norsubmit"
    assert body["mac"] == "1a6be505f717dd3e63316bd348001da3"


def test_a_registered_template_goes_by_tmpsubmit():
    template = SmsTemplate("38516fabae004eddbfa3ace1d4194696", ("name", "time"))
    call, body = body_of(mas({ALLOWED: template}), ALERT)
    assert call == "tmpsubmit"
    assert body["params"] == '["李某", "2022-04-20 12:00:00"]'
    signed = "测试集团demodemo-secret38516fabae004eddbfa3ace1d419469613900000001"
    signed += '["李某", "2022-04-20 12:00:00"]DEMOSIGN'
    assert body["mac"] == hashlib.md5(signed.encode(), usedforsecurity=False).hexdigest()
    assert "content" not in body


def test_a_template_without_places_gets_one_empty_value():
    _, body = body_of(mas({ALLOWED: SmsTemplate("t", ())}), ALERT)
    assert body["params"] == '[""]'


def test_without_free_texts_only_registered_kinds_are_carried():
    sender = mas({ALLOWED: SmsTemplate("t", ("name",))}, free_texts=False)
    assert sender.carries(ALLOWED)
    assert not sender.carries(CODE)
    assert sender.fits(ALERT)
    assert not sender.fits(replace(ALERT, facts={}))


def test_a_letter_without_the_facts_goes_as_free_text():
    sender = mas({ALLOWED: SmsTemplate("t", ("name",))})
    assert sender.request(replace(ALERT, facts={}))[0] == "norsubmit"


@pytest.mark.parametrize(("length", "fits"), [(500, True), (501, False)])
def test_mas_takes_500_characters(length, fits):
    assert mas().fits(replace(ALERT, text="字" * length)) is fits


def test_an_unreachable_sms_provider_is_transient_not_unknown():
    assert mas().send(ALERT).answer is Answer.TRANSIENT


# ---- Aliyun ----------------------------------------------------------------------------------


def aliyun(base_url: str = "http://127.0.0.1:1", **changes: str) -> AliyunSender:
    account = {
        "access_key_id": "LTAIsandbox00000000000000",
        "access_key_secret": "aliyunSandboxKey00000000000000",
        "sign_name": "货车通行",
    }
    return AliyunSender(
        base_url=base_url,
        region="cn-hangzhou",
        templates={
            ALLOWED: SmsTemplate("SMS_228840101", ("enterprise", "name", "time", "district"))
        },
        timeout=timedelta(seconds=5),
        **{**account, **changes},
    )


def test_the_aliyun_signature_is_the_published_one():
    sender = aliyun(access_key_id="YourAccessKeyId", access_key_secret="YourAccessKeySecret")
    headers = {
        "host": "ecs.cn-shanghai.aliyuncs.com",
        "x-acs-action": "RunInstances",
        "x-acs-content-sha256": hashlib.sha256(b"").hexdigest(),
        "x-acs-date": "2023-10-26T10:22:32Z",
        "x-acs-signature-nonce": "3156853299f313e23d1673dc12e1703d",
        "x-acs-version": "2014-05-26",
    }
    query = {
        "ImageId": "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd",
        "RegionId": "cn-shanghai",
    }
    found = sender.authorization("/", query, headers)
    expected = "06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
    assert found.endswith(f"Signature={expected}")


def test_aliyun_fills_its_template_by_name(sandbox: Sandbox):
    sent = aliyun(f"{sandbox.url}/aliyun-sms").send(ALERT)
    assert sent.answer is Answer.ACCEPTED
    assert sent.reference
    (message,) = sandbox.messages(channel="sms")
    assert message["provider"] == "sms.aliyun"
    assert message["text"] == "顺达物流员工李某于2022-04-20 12:00:00进入南沙区,请督促做好防疫工作。"
    assert message["raw"]["OutId"] == "ours"


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        ("isv.BUSINESS_LIMIT_CONTROL", Answer.THROTTLED),
        ("Throttling.User", Answer.THROTTLED),
        ("isp.SYSTEM_ERROR", Answer.TRANSIENT),
        ("InternalError", Answer.TRANSIENT),
        ("isv.AMOUNT_NOT_ENOUGH", Answer.CONFIGURATION),
        ("isv.SMS_TEMPLATE_ILLEGAL", Answer.CONFIGURATION),
        ("isv.SMS_SIGNATURE_ILLEGAL", Answer.CONFIGURATION),
        ("isp.RAM_PERMISSION_DENY", Answer.CONFIGURATION),
        ("isv.MOBILE_NUMBER_ILLEGAL", Answer.PERMANENT),
        ("isv.BLACK_KEY_CONTROL_LIMIT", Answer.PERMANENT),
        ("something.new", Answer.UNKNOWN),
    ],
)
def test_what_an_error_of_aliyun_means(sandbox: Sandbox, code, answer):
    sandbox.fault("sms.aliyun", "errcode", value=code)
    found = aliyun(f"{sandbox.url}/aliyun-sms").send(ALERT)
    assert (found.answer, found.code) == (answer, code)
    assert sandbox.messages(channel="sms") == []


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        ("refuse", Answer.UNKNOWN),
        ("http_500", Answer.TRANSIENT),
        ("garbage", Answer.UNKNOWN),
    ],
)
def test_what_a_fault_of_aliyun_means(sandbox: Sandbox, kind, answer):
    sandbox.fault("sms.aliyun", kind)
    assert aliyun(f"{sandbox.url}/aliyun-sms").send(ALERT).answer is answer


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"access_key_secret": "wrong"}, "SignatureDoesNotMatch"),
        ({"access_key_id": "LTAInobody"}, "InvalidAccessKeyId.NotFound"),
        ({"sign_name": "别的"}, "isv.SMS_SIGNATURE_ILLEGAL"),
    ],
)
def test_a_wrong_account_of_aliyun_is_our_configuration(sandbox: Sandbox, changes, code):
    found = aliyun(f"{sandbox.url}/aliyun-sms", **changes).send(ALERT)
    assert (found.answer, found.code) == (Answer.CONFIGURATION, code)


# ---- what fits -------------------------------------------------------------------------------


def senders(settings: Settings) -> dict[str, SmsSender]:
    providers = tuple(SmsProvider)
    every = replace(settings, sms=replace(settings.sms, providers=providers))
    return {sender.name: sender for sender in sms_senders(every)}


def test_every_provider_is_wired_by_its_name(settings: Settings):
    assert set(senders(settings)) == {"mas", "mas2", "tencent", "aliyun"}


def test_a_value_too_long_for_a_template_does_not_fit(settings: Settings):
    found = senders(settings)
    long_name = replace(ALERT, facts={**FACTS, "enterprise": "字" * 36})
    assert found["aliyun"].fits(ALERT)
    assert not found["aliyun"].fits(long_name)
    assert found["mas"].fits(long_name)
    assert found["tencent"].fits(CODE_MESSAGE)
    long_code = replace(CODE_MESSAGE, facts={"code": "0" * 13, "minutes": "5"})
    assert not found["tencent"].fits(long_code)


def test_a_letter_without_its_facts_fits_no_template(settings: Settings):
    assert not senders(settings)["aliyun"].fits(replace(ALERT, facts={}))


# ---- receipts --------------------------------------------------------------------------------

AT = datetime(2022, 4, 20, 4, 0, tzinfo=UTC)


@pytest.mark.parametrize("status", ["CM:0000", "DELIVRD", "MK:0012"])
def test_a_receipt_of_mas(status):
    item = {
        "reportStatus": status,
        "errorCode": "DELIVRD",
        "mobile": "13900000001",
        "mgsGroup": "group",
        "receiveDate": "20220420120000",
    }
    report = mas().read_report(item)
    assert report is not None
    assert (report.reference, report.phone, report.at) == ("group", "13900000001", AT)
    assert report.is_delivered is (status != "MK:0012")


def test_a_receipt_of_tencent(settings: Settings):
    item = {
        "user_receive_time": "2022-04-20 12:00:00",
        "mobile": "+8613900000001",
        "report_status": "FAIL",
        "errmsg": "MK:0001",
        "sid": "2019:1",
    }
    report = senders(settings)["tencent"].read_report(item)
    assert report is not None
    assert (report.reference, report.phone, report.at) == ("2019:1", "13900000001", AT)
    assert (report.is_delivered, report.code) == (False, "MK:0001")


def test_a_receipt_of_aliyun():
    item = {
        "phone_number": "13900000001",
        "report_time": "2022-04-20 12:00:00",
        "success": True,
        "err_code": "DELIVERED",
        "biz_id": "123^0",
        "out_id": "ours",
    }
    report = aliyun().read_report(item)
    assert report is not None
    assert (report.reference, report.own_reference, report.at) == ("123^0", "ours", AT)
    assert (report.is_delivered, report.code) == (True, "DELIVERED")


@pytest.mark.parametrize(
    "item",
    [
        {},
        {"msgGroup": "group"},
        {"reportStatus": "CM:0000"},
        {"reportStatus": ["CM:0000"], "msgGroup": {"a": 1}},
        {"report_status": "MAYBE", "sid": "1"},
        {"report_status": None, "sid": "1"},
        {"success": "yes", "biz_id": "1"},
        {"success": True},
    ],
)
def test_what_is_no_receipt_is_none(settings: Settings, item):
    assert all(sender.read_report(item) is None for sender in senders(settings).values())


def test_a_receipts_code_carries_no_number_of_a_person():
    item = {"reportStatus": "failed for 13900000001 " + "x" * 200, "msgGroup": "group"}
    report = mas().read_report(item)
    assert report is not None
    assert "13900000001" not in report.code
    assert len(report.code) <= 60


def test_the_kinds_that_tencent_carries_are_configured(settings: Settings):
    tencent = senders(settings)["tencent"]
    assert isinstance(tencent, TencentSender)
    assert tencent.carries(CODE)
    assert not tencent.carries(ALLOWED)
