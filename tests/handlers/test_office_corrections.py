"""填写更正: added by the bureau, kept beside the passage, told to those who were told."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from models.database import reading
from tests.reservation_world import HERE, LEAD_HERE, World
from wxbackend.domain.reservation import Verdict

FORM = {"verdict": "allowed", "explanation": "误点，司机健康码实为绿码。", "request_id": "a" * 32}


@pytest.fixture
def world(story) -> World:
    world = World(story)
    world.decide("ours", Verdict.DENIED, "健康码黄码")
    world.decide("bound_here", Verdict.DENIED, "体温异常")
    return world


@pytest.fixture
def path(world) -> str:
    return f"/office/reservations/{world.id_of('ours')}"


@pytest.fixture
def bureau(office, path):
    browser = office("bureau")
    browser.get(f"{path}/correction")
    return browser


def rows(sql: str) -> list[tuple[object, ...]]:
    with reading() as session:
        return [tuple(row) for row in session.execute(text(sql))]


CORRECTIONS = "SELECT verdict, denial_reason FROM correction ORDER BY id"
TOLD = "SELECT channel, recipient_name, kind FROM notification WHERE kind = 'passage_corrected'"


def test_a_correction_and_the_passage_stay_side_by_side(office, bureau, path):
    assert "原记录 不予通行 健康码黄码" in bureau.text
    bureau.post(f"{path}/correction", FORM)
    assert bureau.path == path
    for words in (
        "更正已保存",
        "更正为允许通行",
        "误点，司机健康码实为绿码",
        "原记录为不予通行（健康码黄码）",
    ):
        assert words in bureau.text
    assert rows("SELECT verdict, reason FROM passage ORDER BY id")[0] == ("denied", "健康码黄码")
    for who in (("bureau", ""), ("town", HERE), ("enterprise", LEAD_HERE)):
        browser = office(*who)
        browser.get("/office/reservations?basis=arrival&corrected=yes")
        assert "不予通行 有更正 健康码黄码" in browser.text
        assert "全部 1" in browser.text
        browser.get(path)
        assert "更正为允许通行" in browser.text
        assert "误点" in browser.text
        assert "填写更正" not in browser.text or who[0] == "bureau"


def test_those_who_were_told_are_told(bureau, world, path, sandbox):
    bureau.post(f"{path}/correction", FORM)
    assert sorted(rows(TOLD)) == [
        ("sms", "负责人", "passage_corrected"),
        ("yuezhengyi", "接收人", "passage_corrected"),
        ("yuezhengyi", "接收人", "passage_corrected"),
    ]
    world.story.send_all()
    sms = [str(one["text"]) for one in sandbox.messages(channel="sms")]
    assert any("更正：甘一于" in one and "已更正为允许通行。说明：误点" in one for one in sms)
    assert not any("。。" in one for one in sms)
    bureau.get(path)
    assert bureau.text.count("粤政易") == 4
    assert "共 7 条" in bureau.text  # 短信, 2 × 粤政易, 微信; then the same without 微信


def test_a_second_tap_corrects_once(bureau, path):
    for _ in range(3):
        bureau.post(f"{path}/correction", FORM)
        assert bureau.status == 200
        assert bureau.path == path
    assert len(rows(CORRECTIONS)) == 1
    assert len(rows(TOLD)) == 3


def test_the_newest_of_several_counts(bureau, path, world):
    bureau.post(f"{path}/correction", FORM)
    again = {
        "verdict": "denied",
        "reason": str(world.story.district.reason_ids["人证不符"]),
        "explanation": "复核后确认人证不符",
        "request_id": "b" * 32,
    }
    bureau.post(f"{path}/correction", again)
    assert rows(CORRECTIONS) == [("allowed", ""), ("denied", "人证不符")]
    assert "更正为不予通行（人证不符）" in bureau.text
    assert "此前的更正 1 次" in bureau.text
    assert "误点" in bureau.text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"verdict": ""}, "请选择应为允许通行或不予通行"),
        ({"verdict": "maybe"}, "请选择应为允许通行或不予通行"),
        ({"explanation": " "}, "请填写说明"),
        ({"explanation": "长" * 201}, "最多 200 个字"),
        ({"verdict": "denied"}, "请选择不予通行的原因"),
        ({"verdict": "denied", "reason": "other"}, "请填写原因"),
        ({"verdict": "denied", "reason": "other", "reason_text": "长" * 51}, "最多 50 个字"),
        (
            {"verdict": "denied", "reason": "other", "reason_text": "健康码黄码"},
            "与现有结果相同，无需更正",
        ),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_wrong_form_says_what_is_wrong_and_loses_nothing(bureau, path, changes, words):
    bureau.post(f"{path}/correction", {**FORM, "explanation": "原来的说明", **changes})
    assert bureau.status == 422
    assert words in bureau.text
    if "explanation" not in changes:
        assert "原来的说明" in bureau.text
    assert bureau.hidden("request_id") == FORM["request_id"]
    assert rows(CORRECTIONS) == []


@pytest.mark.parametrize("who", [("town", HERE), ("enterprise", LEAD_HERE)], ids=str)
def test_only_the_bureau_corrects(office, path, who):
    browser = office(*who)
    browser.get(path)
    assert "填写更正" not in browser.text
    browser.get(f"{path}/correction")
    assert browser.status == 403
    browser.post(f"{path}/correction", FORM)
    assert browser.status == 403
    assert rows(CORRECTIONS) == []


def test_what_is_not_decided_cannot_be_corrected(bureau, world):
    for public_id in (world.id_of("theirs"), "a" * 26):
        bureau.get(f"/office/reservations/{public_id}/correction")
        assert bureau.status == 404
        bureau.post(f"/office/reservations/{public_id}/correction", FORM)
        assert bureau.status == 404


def test_one_request_id_belongs_to_one_passage(bureau, path, world):
    bureau.post(f"{path}/correction", FORM)
    bureau.post(f"/office/reservations/{world.id_of('bound_here')}/correction", FORM)
    assert bureau.status == 409
    assert len(rows(CORRECTIONS)) == 1


def test_it_is_audited_without_personal_words(bureau, path):
    bureau.post(f"{path}/correction", FORM)
    found = rows("SELECT object_kind, details FROM audit_entry WHERE action = 'correct_passage'")
    assert len(found) == 1
    assert found[0][0] == "passage"
    assert "误点" not in str(found[0][1])
