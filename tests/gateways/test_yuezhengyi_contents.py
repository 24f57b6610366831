"""What leaves for 粤政易: its bytes, its lengths, and files."""

from __future__ import annotations

import io
import json
from concurrent.futures import ThreadPoolExecutor

import openpyxl
import pytest
import requests

from tests.gateways.yuezhengyi_room import (
    calls,
    inbox,
    text,
)
from wxbackend.domain.notifications import Answer, SendOutcome
from wxbackend.gateways.interfaces.messages import Card, StoredFile
from wxbackend.gateways.shared_store import MemoryStore
from wxbackend.gateways.yuezhengyi import YuezhengyiMessenger, fitting
from wxbackend.gateways.yuezhengyi_media import MOST_FILE_BYTES

FILE = StoredFile("digest-1.xlsx", "卡口通行简报.xlsx")


def test_a_retry_has_the_same_bytes(canned, at_canned):
    canned.answer("send", b"", status=503)
    canned.answer("upload", {"errcode": 0, "media_id": "m1"})
    card = Card("简报", "今天共通行车辆12辆", "https://example.cn/digest/1", "查看详情")
    at_canned._media._files.write(FILE.stored_as, b"PK sheet")
    for _ in range(2):
        text(at_canned, "一", 7)
        at_canned.send_card(member_id="ZhangSan", card=card, reference=8)
        at_canned.send_file(member_id="ZhangSan", file=FILE, reference=9)
    first, second = canned.asked["send"][:3], canned.asked["send"][3:]
    assert first == second
    assert len(set(first)) == 3
    assert len(canned.asked["upload"]) == 1


@pytest.mark.parametrize("other", [2, 3600, 3601, 7201, 12_960_001 - 3600])
def test_equal_words_of_two_notices_both_arrive(sandbox, members, other):
    for reference in (1, other, 1, other):
        assert text(members, "测试", reference).answer is Answer.ACCEPTED
    assert len(inbox(sandbox)) == 2
    notes = [call["note"] for call in calls(sandbox, "message/send")]
    assert notes == [None, None, "duplicate", "duplicate"]


def test_the_check_lasts_three_hours_at_least(members):
    lengths = {
        json.loads(members.body({}, "a", reference))["duplicate_check_interval"]
        for reference in range(0, 20_000, 7)
    }
    assert min(lengths) > 3 * 3600
    assert max(lengths) <= 4 * 3600


@pytest.mark.parametrize("length", [2048, 2049, 2050, 2051, 6000])
def test_a_text_is_cut_between_two_characters(sandbox, members, length):
    words = ("粤" * 3000)[: length // 3] + "a" * (length % 3)
    assert len(words.encode()) == length
    assert text(members, words).answer is Answer.ACCEPTED
    arrived = inbox(sandbox)[0]["text"]
    assert len(arrived.encode()) <= 2048
    assert arrived == words if length <= 2048 else arrived.endswith("粤…")
    assert calls(sandbox, "message/send")[0]["note"] is None, "the platform had nothing to cut"


def test_a_card_is_cut_to_its_two_lengths(sandbox, members):
    card = Card("题" * 50, "述" * 200, "https://example.cn/digest/1", "查看详情")
    assert members.send_card(member_id="lisi", card=card, reference=1).answer is Answer.ACCEPTED
    title, words = inbox(sandbox)[0]["text"].split("\n")
    assert (title, words) == ("题" * 41 + "…", "述" * 169 + "…")
    assert calls(sandbox, "message/send")[0]["note"] is None


def test_what_fits_is_left_alone():
    assert fitting("𠮷野家", 10) == "𠮷野家"
    assert fitting("𠮷野家", 9) == "𠮷…"
    assert fitting("𠮷野家", 6) == "…"


def workbook() -> bytes:
    book, content = openpyxl.Workbook(), io.BytesIO()
    assert book.active is not None
    book.active["A1"] = "车牌号"
    book.save(content)
    return content.getvalue()


def send_file(members: YuezhengyiMessenger, reference: int) -> SendOutcome:
    return members.send_file(member_id=f"m{reference}", file=FILE, reference=reference)


def test_a_file_is_uploaded_once_and_opens(sandbox, members, files):
    files.write(FILE.stored_as, workbook())
    assert [send_file(members, number).answer for number in (1, 2)] == [Answer.ACCEPTED] * 2
    assert len(calls(sandbox, "media/upload")) == 1
    message = inbox(sandbox)[1]
    assert message["file_name"] == FILE.name
    content = requests.get(sandbox.url + str(message["url"]), timeout=5).content
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert sheet is not None
    assert sheet["A1"].value == "车牌号"


def test_an_upload_outlives_a_restart(sandbox, make, files):
    files.write(FILE.stored_as, workbook())
    for _ in range(2):
        assert send_file(make(MemoryStore()), 1).answer is Answer.ACCEPTED
    assert len(calls(sandbox, "media/upload")) == 1
    assert len(inbox(sandbox)) == 1


def test_an_upload_that_the_platform_forgot_is_made_again(sandbox, members, files):
    files.write(FILE.stored_as, workbook())
    send_file(members, 1)
    sandbox.fault("yuezhengyi", "errcode", value=40007)
    assert send_file(members, 2).answer is Answer.ACCEPTED
    assert len(calls(sandbox, "media/upload")) == 2
    sandbox.fault("yuezhengyi", "errcode", value=40007, count=9)
    assert send_file(members, 3).answer is Answer.PERMANENT
    sandbox.delete("/sandbox/faults")


def test_a_dead_token_is_replaced_before_the_upload(sandbox, members, files):
    files.write(FILE.stored_as, workbook())
    text(members)
    sandbox.post("/sandbox/tokens/invalidate", {"target": "yuezhengyi"})
    assert send_file(members, 1).answer is Answer.ACCEPTED
    assert len(calls(sandbox, "gettoken")) == 2


@pytest.mark.parametrize(
    ("errcode", "answer"),
    [
        (-1, Answer.TRANSIENT),
        (45009, Answer.THROTTLED),
        (60020, Answer.CONFIGURATION),
        (40006, Answer.PERMANENT),
    ],
)
def test_a_refused_upload_sends_nothing(sandbox, members, files, errcode, answer):
    files.write(FILE.stored_as, workbook())
    text(members)
    sandbox.fault("yuezhengyi", "errcode", value=errcode)
    outcome = send_file(members, 1)
    assert (outcome.answer, outcome.code) == (answer, f"upload_{errcode}")
    assert len(inbox(sandbox)) == 1


@pytest.mark.parametrize("kind", ["refuse", "timeout_after_effect", "garbage", "http_500"])
def test_an_upload_that_fails_leaves_nothing_open(sandbox, members, files, kind):
    files.write(FILE.stored_as, workbook())
    text(members)
    sandbox.fault("yuezhengyi", kind, value=2 if kind.startswith("timeout") else None)
    assert send_file(members, 1).answer is Answer.TRANSIENT


def test_a_file_is_measured_before_it_leaves(sandbox, members, files):
    for content, code in ((bytes(MOST_FILE_BYTES + 1), "file_size"), (b"PK", "file_size")):
        files.write(FILE.stored_as, content)
        assert send_file(members, 1) == SendOutcome(Answer.PERMANENT, code)
    files.delete(FILE.stored_as)
    assert send_file(members, 1) == SendOutcome(Answer.PERMANENT, "file_missing")
    assert calls(sandbox, "media/upload") == []


def test_many_senders_of_one_file_upload_it_once(sandbox, members, files):
    files.write(FILE.stored_as, workbook())
    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(lambda number: send_file(members, number), range(8)))
    assert {outcome.answer for outcome in outcomes} == {Answer.ACCEPTED}
    assert len(calls(sandbox, "media/upload")) == 1
