"""告警设置 in the back office: each action as a form, with and without a script."""

from __future__ import annotations

import re

import pytest

from tests.browser import Browser

PEOPLE = {"name": "李小燕", "member_id": "LiXiaoyan", "phone": "13800005678"}
OVER = {"HX-Request": "true", "HX-Target": "over"}


@pytest.fixture
def bureau(office) -> Browser:
    return office("bureau")


@pytest.fixture
def key(story) -> str:
    return f"town-{story.district.town_ids['黄阁镇']}"


@pytest.fixture
def somebody(bureau, key) -> str:
    """A recipient's address, such as /office/alerts/recipients/…"""
    bureau.post(f"/office/alerts/{key}/add", PEOPLE)
    found = re.search(r"(/office/alerts/recipients/\w+)/edit", bureau.page)
    assert found
    return found[1]


@pytest.mark.parametrize("role", ["town", "admin", "auditor"])
def test_it_is_the_bureaus_alone(office, key, somebody, role):
    other = office(role, "黄阁镇" if role == "town" else "")
    for path in ("/office/alerts", f"/office/alerts/{key}/add", f"{somebody}/edit"):
        other.get(path)
        assert other.status == 403, path
    other.post(f"{somebody}/remove")
    assert other.status == 403


def test_a_town_without_anybody_says_so(bureau):
    bureau.get("/office/alerts")
    assert bureau.text.count("无告警接收人，该镇街通知无人收到") == 9


def test_somebody_is_added_and_stands_there_without_numbers(bureau, key, somebody):
    assert bureau.path == "/office/alerts"
    assert "已添加接收人李小燕" in bureau.text
    assert bureau.text.count("无告警接收人，该镇街通知无人收到") == 8
    assert "LiXiaoyan" not in bureau.page
    assert "13800005678" not in bureau.page
    assert "粤政易 Li****n，手机 138****5678" in bureau.page


def test_wrong_fields_say_what_is_wrong_and_keep_what_was_typed(bureau, key, somebody):
    bureau.get(f"/office/alerts/{key}/add")
    bureau.post(f"/office/alerts/{key}/add", {"name": "", "member_id": "@all", "phone": "12"})
    assert bureau.status == 422
    assert "请填写姓名" in bureau.text
    assert "粤政易账号为 1 至 64 位" in bureau.text
    assert "手机号码为 11 位数字" in bureau.text
    assert 'value="@all"' in bureau.page
    bureau.post(f"/office/alerts/{key}/add", {**PEOPLE, "member_id": "lixiaoyan"})
    assert bureau.status == 422
    assert "此人已在该单位的接收人中" in bureau.text


def test_an_edit_shows_masked_numbers_and_one_at_a_time_in_clear(bureau, somebody):
    bureau.get(f"{somebody}/edit")
    assert "现为 Li****n，不改请留空" in bureau.text
    assert "LiXiaoyan" not in bureau.page
    bureau.post(f"{somebody}/reveal", {"field": "member_id"})
    assert bureau.text == "LiXiaoyan"
    bureau.post(f"{somebody}/reveal", {"field": "phone"})
    assert bureau.text == "13800005678"
    bureau.post(f"{somebody}/reveal", {"field": "created_at"})
    assert bureau.status == 404


def test_an_edit_and_a_removal(bureau, somebody):
    bureau.post(f"{somebody}/edit", {"name": "李燕", "member_id": "", "phone": ""})
    assert "已保存接收人李燕" in bureau.text
    bureau.get(f"{somebody}/remove")
    assert "把 李燕 从黄阁镇的接收人中移除" in bureau.text
    bureau.post(f"{somebody}/remove")
    assert "已移除接收人李燕" in bureau.text
    bureau.post(f"{somebody}/remove")
    assert bureau.status == 404


def test_a_test_and_what_became_of_it(bureau, story, sandbox, key, somebody):
    bureau.post(f"/office/alerts/{key}/test")
    assert "已向李小燕发送测试" in bureau.text
    assert "排队中" in bureau.text
    assert f"/office/alerts/{key}/tests" in bureau.page  # asks again by itself
    story.send_all()
    (message,) = sandbox.messages(channel="yuezhengyi")
    assert "黄阁镇的告警接收人李小燕设置有效" in str(message["text"])
    bureau.get(f"/office/alerts/{key}/tests", **OVER)
    assert "已发送" in bureau.text
    assert "hx-trigger" not in bureau.page
    bureau.post(f"{somebody}/test")
    assert "李小燕在 1 分钟内已测试过，请稍后再发" in bureau.text
    assert len(sandbox.messages(channel="yuezhengyi")) == 1


def test_a_failed_test_says_why(bureau, story, key):
    bureau.post(f"/office/alerts/{key}/add", {**PEOPLE, "member_id": "invalid-x"})
    bureau.post(f"/office/alerts/{key}/test")
    story.send_all()
    bureau.get("/office/alerts")
    assert "发送失败 李小燕：粤政易没有此用户，请核对账号（81013）" in bureau.text


def test_over_a_list_only_the_dialog_comes(bureau, key):
    bureau.get("/office/alerts", **OVER)
    assert "<html" not in bureau.page
    assert "告警设置" in bureau.text
    bureau.post(f"/office/alerts/{key}/add", {**PEOPLE, "name": ""}, **OVER)
    assert bureau.status == 422
    assert "<html" not in bureau.page


@pytest.mark.parametrize(
    "path", ["/office/alerts/town-999/add", "/office/alerts/village/add", "/office/alerts/x/tests"]
)
def test_what_is_no_list_is_not_found(bureau, path):
    bureau.get(path)
    assert bureau.status == 404
    bureau.get("/office/alerts")
    bureau.post(path.replace("/tests", "/test"), PEOPLE)
    assert bureau.status == 404
