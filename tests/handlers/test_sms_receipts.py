"""Receipts of SMS providers over HTTP: who may post them, what is read, what is answered."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from werkzeug.test import TestResponse

from models.database import reading, transaction
from tests.configuration import make_settings
from tests.servers import Sandbox
from wxbackend.domain.notifications import Channel, NotificationKind
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.outbox import Letter, enqueue, send_due

PHONE = "13900000001"
Shape = Callable[[str, bool], dict[str, Any]]


def of_mas(reference: str, arrived: bool) -> dict[str, Any]:
    status = {"reportStatus": "CM:0000" if arrived else "MK:0012", "errorCode": "X"}
    return {**status, "mobile": PHONE, "msgGroup": reference, "receiveDate": "20220420120000"}


def of_tencent(reference: str, arrived: bool) -> dict[str, Any]:
    status = {"report_status": "SUCCESS" if arrived else "FAIL", "errmsg": "X"}
    return {**status, "mobile": PHONE, "sid": reference, "nationcode": "86"}


def of_aliyun(reference: str, arrived: bool) -> dict[str, Any]:
    return {"success": arrived, "err_code": "X", "phone_number": PHONE, "biz_id": reference}


SHAPES: Mapping[str, Shape] = {
    "mas": of_mas,
    "mas2": of_mas,
    "tencent": of_tencent,
    "aliyun": of_aliyun,
}
ANSWERS = {
    "mas": {"success": True, "rspcod": "success"},
    "mas2": {"success": True, "rspcod": "success"},
    "tencent": {"result": 0, "errmsg": "OK"},
    "aliyun": {"code": 0, "msg": "OK"},
}


@pytest.fixture
def settings(database_url, shared_store_url, key_file, tmp_path, sandbox):
    return make_settings(
        tmp_path,
        sandbox=sandbox,
        database_url=database_url,
        shared_store_url=shared_store_url,
        key_file=key_file,
        sms_providers=("tencent", "mas", "mas2", "aliyun"),
    )


@pytest.fixture
def secret(sandbox: Sandbox) -> str:
    return str(sandbox.credentials["sms"]["receipts_secret"])


@pytest.fixture
def sent(dependencies: Dependencies) -> str:
    """A text on its way with MAS; its reference there."""
    now = dependencies.clock()
    letter = Letter(
        event="test:1",
        recipient="lead:1",
        channel=Channel.SMS,
        kind=NotificationKind.LEAD_REPLACED,
        address=PHONE,
        content={"text": "测试短信"},
        not_after=now + timedelta(hours=1),
    )
    with transaction() as session:
        enqueue(session, letter, now=now)
    send_due(dependencies, holder="test", limit=1)
    return str(column("provider_reference"))


def column(name: str) -> object:
    with reading() as session:
        return session.execute(text(f"SELECT {name} FROM notification")).scalar_one()


def post(app: Flask, path: str, content: object) -> TestResponse:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return app.test_client().post(path, data=body, content_type="text/plain")


@pytest.mark.parametrize("provider", SHAPES)
def test_each_provider_reports_in_its_own_shape(app, sent, secret, provider):
    for arrived, state in ((True, "delivered"), (False, "failed")):
        with transaction() as session:
            values = f"provider = '{provider}', state = 'sent'"
            session.execute(text(f"UPDATE notification SET {values}"))
        item = SHAPES[provider](sent, arrived)
        for content in ([item, item], [item]):
            answer = post(app, f"/receipts/{secret}/{provider}", content)
            assert (answer.status_code, answer.get_json()) == (200, ANSWERS[provider])
        assert column("state") == state


def test_one_bare_object_is_a_receipt_too(app, sent, secret):
    post(app, f"/receipts/{secret}/mas", of_mas(sent, True))
    assert column("state") == "delivered"


def test_a_receipt_without_a_number_goes_by_its_reference(app, sent, secret):
    post(app, f"/receipts/{secret}/mas", {**of_mas(sent, True), "mobile": "139****0001"})
    assert column("state") == "delivered"


def test_our_own_reference_finds_a_send_without_an_answer(app, sent, secret):
    with transaction() as session:
        values = "state = 'unknown', provider = 'aliyun', provider_reference = ''"
        session.execute(text(f"UPDATE notification SET {values}"))
    item = {**of_aliyun("9^0", True), "out_id": column("public_id")}
    post(app, f"/receipts/{secret}/aliyun", [item])
    assert column("state") == "delivered"


UNREADABLE: tuple[object, ...] = (
    b"",
    b"\xff\xfe<xml/>",
    b"[" * 50_000,
    b"null",
    b'"text"',
    [1, None, []],
    [{"sid": {}}, {"unknown": "shape"}],
    {"mobile": PHONE, "reportStatus": 7, "msgGroup": []},
)


def test_what_cannot_be_read_is_answered_all_the_same(app, sent, secret):
    for provider in SHAPES:
        for content in UNREADABLE:
            answer = post(app, f"/receipts/{secret}/{provider}", content)
            assert (answer.status_code, answer.get_json()) == (200, ANSWERS[provider]), content
    assert column("state") == "sent"


def test_among_unreadable_ones_a_good_one_counts(app, sent, secret):
    post(app, f"/receipts/{secret}/mas", [{"odd": 1}, of_mas(sent, True), "x"])
    assert column("state") == "delivered"


def test_a_wrong_secret_is_no_address(app, sent, secret):
    for wrong in ("wrong", "秘密", secret[:-1], ""):
        answer = post(app, f"/receipts/{wrong}/mas", of_mas(sent, True))
        assert answer.status_code == 404, wrong
    assert column("state") == "sent"


def test_without_a_secret_no_receipt_is_taken(app, sent, secret):
    web = app.extensions["wxbackend.web"]
    app.extensions["wxbackend.web"] = replace(web, sms_receipts_secret="")
    for given in (secret, "x"):
        answer = post(app, f"/receipts/{given}/mas", of_mas(sent, True))
        assert answer.status_code == 404


def test_a_provider_that_is_not_in_use_is_no_address(app, secret):
    for provider in ("nobody", "MAS", "wechat"):
        assert post(app, f"/receipts/{secret}/{provider}", []).status_code == 404


def test_too_large_a_receipt_is_refused(app, secret):
    assert post(app, f"/receipts/{secret}/mas", b"x" * 600_000).status_code == 413


def test_neither_secret_nor_number_reaches_the_log(app, sent, secret, caplog):
    caplog.set_level(logging.DEBUG)
    odd = {**of_mas(sent, True), "errorCode": f"to {PHONE}"}
    post(app, f"/receipts/{secret}/mas", [odd, {"mobile": PHONE}])
    written = "\n".join(str(vars(record)) for record in caplog.records)
    assert "receipts read" in written
    assert secret not in written
    assert PHONE not in written
