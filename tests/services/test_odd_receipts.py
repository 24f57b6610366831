"""A receipt that nobody can make sense of costs the others of its bundle nothing."""

from __future__ import annotations

import json

import pytest

from models.database import reading
from models.deliveries import DeliveryReceipt
from wxbackend.services.sms_receipts import take_receipts

SOUND = {"reportStatus": "CM:0000", "msgGroup": "group", "mobile": "13900000001"}


@pytest.mark.parametrize(
    "odd",
    [
        {"msgGroup": "a\x00b"},
        {"msgGroup": "\ud800"},
        {"msgGroup": ["group"]},
        {"receiveDate": "00010101000000"},
        {"receiveDate": "99991231235959"},
        {"receiveDate": 10**30},
        {"reportStatus": "\x00"},
        {"mobile": "\ud800", "errorCode": "\ud800"},
    ],
)
def test_what_follows_an_odd_receipt_is_taken(dependencies, odd):
    bundle = [{**SOUND, **odd}, {**SOUND, "msgGroup": "the next"}]
    take_receipts(dependencies, provider="mas", body=json.dumps(bundle).encode())
    with reading() as session:
        kept = session.query(DeliveryReceipt).filter_by(reference="the next").count()
    assert kept == 1
