"""审计日志, 导出记录 and 登录记录: everything is found, nothing personal, nothing to change."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import event

from models.accounts import find_account
from models.audit import AuditEntry, AuditPersonalPart
from models.database import db, transaction
from models.exports import ExportRun
from tests.browser import Browser
from tests.people import ACTOR, make_office_account
from wxbackend.domain.roles import Role
from wxbackend.services.accounts import reset_password

SECRET = "李某某 440115198803120007"


@pytest.fixture
def auditor(app, sandbox, story) -> Browser:
    return signed_in(app, sandbox, story, Role.AUDITOR)


def signed_in(app, sandbox, story, role: Role, place: str = "") -> Browser:
    name, password = make_office_account(story.dependencies, role, place)
    browser = Browser(app, sandbox)
    browser.get("/office/sign-in")
    browser.post("/office/sign-in", {"account": name, "password": password})
    browser.account = name
    return browser


def write(clock, number: int = 1, *, days_ago: float = 0, personal: bool = False, **changes) -> int:
    """Entries as others wrote them; the last one's id."""
    with transaction() as session:
        for _ in range(number):
            values = {
                "at": clock() - timedelta(days=days_ago),
                "actor_kind": "account",
                "actor_id": None,
                "actor_label": "somebody",
                "role": "bureau",
                "action": "view_reservation",
                "object_kind": "reservation",
                "object_id": "77",
                "succeeded": True,
                "source": "10.20.3.18",
                "request_id": "req-1",
                "details": {},
                **changes,
            }
            entry = AuditEntry(**values)
            session.add(entry)
            session.flush()
            if personal:
                part = AuditPersonalPart(entry_id=entry.id, content={"name": SECRET})
                session.add(part)
        return entry.id


def times(browser: Browser) -> int:
    return browser.page.count('<tbody id="entry-')


def test_the_log_is_read_newest_first_in_words(auditor, clock):
    auditor.get("/office/audit")
    assert "登录" in auditor.text
    assert "审计员" in auditor.text
    assert auditor.account in auditor.text


def test_pages_turn_both_ways_without_a_total(auditor, clock):
    write(clock, 120, action="scan", object_kind="scan")
    auditor.get("/office/audit?action=scan")
    first = re.findall(r'id="(entry-\d+)"', auditor.page)
    assert len(first) == 50
    older = re.search(r'href="([^"]+)"[^>]*rel="next"', auditor.page)[1].replace("&amp;", "&")
    auditor.get(older)
    second = re.findall(r'id="(entry-\d+)"', auditor.page)
    older = re.search(r'href="([^"]+)"[^>]*rel="next"', auditor.page)[1].replace("&amp;", "&")
    auditor.get(older)
    assert times(auditor) == 20
    assert 'rel="next"' not in auditor.page
    newer = re.search(r'href="([^"]+)"[^>]*rel="prev"', auditor.page)[1].replace("&amp;", "&")
    auditor.get(newer)
    assert re.findall(r'id="(entry-\d+)"', auditor.page) == second
    newer = re.search(r'href="([^"]+)"[^>]*rel="prev"', auditor.page)[1].replace("&amp;", "&")
    auditor.get(newer)
    assert re.findall(r'id="(entry-\d+)"', auditor.page) == first
    assert "共" not in auditor.text.partition("按时间倒序")[2][:30]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"action": "export"}, 1),
        ({"object_kind": "export_run"}, 1),
        ({"object_id": "4711"}, 1),
        ({"role": "town"}, 1),
        ({"result": "failed"}, 1),
        ({"account": "town-user"}, 1),
        ({"source": "172.16.9"}, 1),
        ({"source": "9.9.9.9"}, 0),
        ({"action": "no_such"}, 0),
    ],
)
def test_each_filter_finds_its_entry(auditor, clock, asked, found):
    write(clock, 3)
    write(
        clock,
        actor_label="town-user1",
        role="town",
        action="export",
        object_kind="export_run",
        object_id="4711",
        succeeded=False,
        source="172.16.9.1",
    )
    auditor.get("/office/audit")
    auditor.post("/office/audit/search", asked)
    assert times(auditor) == found
    for private in ("town-user", "172.16"):
        assert private not in auditor.path


def test_seven_days_are_shown_unless_others_are_asked_for(auditor, clock):
    write(clock, action="scan", days_ago=8)
    auditor.get("/office/audit?action=scan")
    assert times(auditor) == 0
    day = (clock() - timedelta(days=9)).date().isoformat()
    auditor.get(f"/office/audit?action=scan&first={day}")
    assert times(auditor) == 1
    auditor.get("/office/audit?first=nonsense&last=0000-00-00")
    assert auditor.status == 200


def test_an_entry_opens_in_its_row_and_by_its_address(auditor, clock):
    entry = write(
        clock,
        action="change_setting",
        object_kind="setting",
        object_id="shift",
        details={"before": 12, "after": 8},
    )
    auditor.get(f"/office/audit/{entry}", **{"HX-Target": f"entry-{entry}"})
    assert auditor.page.lstrip().startswith("<tbody")
    assert "12 → 8" in auditor.text
    assert "收起" in auditor.text
    auditor.get(f"/office/audit/{entry}?closed=1", **{"HX-Target": f"entry-{entry}"})
    assert "展开" in auditor.text
    auditor.get(f"/office/audit/{entry}")
    assert "修改参数" in auditor.text
    assert "值班时长" in auditor.text
    assert "req-1" in auditor.text
    auditor.get("/office/audit/999999")
    assert auditor.status == 404


def test_the_auditor_learns_that_there_is_a_personal_part_and_no_more(auditor, clock):
    entry = write(clock, personal=True, details={"changed": {"phone": []}})
    for path in ("/office/audit", f"/office/audit/{entry}"):
        auditor.get(path)
        assert "有" in auditor.text
        for part in SECRET.split():
            assert part not in auditor.page
    assert "内容属个人信息" in auditor.text


def test_an_entry_of_another_release_is_shown_as_it_is(auditor, clock):
    entry = write(
        clock,
        actor_kind="martian",
        role="wizard",
        action="brand_new",
        object_kind="comet",
        details={"speed": [1, {"of": None}], "is_clear": True},
    )
    auditor.get("/office/audit")
    assert "brand_new" in auditor.text
    auditor.get(f"/office/audit/{entry}")
    assert "speed" in auditor.text


@pytest.mark.parametrize(
    ("role", "place"),
    [(Role.ADMIN, ""), (Role.BUREAU, ""), (Role.TOWN, "黄阁镇"), (Role.CHECKPOINT, "黄阁卡口")],
)
def test_only_auditors_read_the_log(app, sandbox, story, role, place):
    other = signed_in(app, sandbox, story, role, place)
    for path in ("/office/audit", "/office/audit/1", "/office/audit/exports"):
        other.get(path)
        assert other.status == 403
    other.get("/office/sign-ins")
    assert other.status == (200 if role is Role.ADMIN else 403)


def test_the_auditor_changes_nothing(auditor):
    auditor.get("/office/audit")
    for path in ("/office/accounts", "/office/places", "/office/settings", "/office/enterprises"):
        auditor.get(path)
        assert auditor.status == 403
    for method in ("post", "delete", "put", "patch"):
        answer = getattr(auditor._client, method)("/office/audit/1", base_url=auditor.app_url)
        assert answer.status_code in {400, 405}


def test_every_export_is_listed_with_its_reason_and_state(auditor, story, clock, app, sandbox):
    bureau = signed_in(app, sandbox, story, Role.BUREAU)
    now = clock()
    with transaction() as session:
        account = find_account(session, bureau.account)
        for is_clear, stored in ((False, None), (True, "export-1")):
            session.add(
                ExportRun(
                    kind="drivers",
                    account_id=account.id,
                    role="bureau",
                    is_clear=is_clear,
                    reason="核对名单" if is_clear else "",
                    columns=["name", "phone"],
                    conditions={"name": SECRET},
                    row_count=1284,
                    file_name="货车司机台账.xlsx",
                    stored_as=stored,
                    byte_count=9,
                    created_at=now,
                    expires_at=now + timedelta(hours=24),
                )
            )
    auditor.get("/office/audit/exports")
    text = auditor.text
    assert "共 2 次" in text
    for words in ("何某某", "货车司机台账", "1,284", "明文", "核对名单", "前可下载", "已删除"):
        assert words in text
    assert SECRET not in auditor.page
    auditor.get("/office/audit/exports?form=clear")
    assert "共 1 次" in auditor.text
    auditor.post("/office/audit/exports/search", {"account": "nobody"})
    assert "没有符合条件的导出" in auditor.text


# ---- 登录记录 -----------------------------------------------------------------------------------


def test_good_and_bad_sign_ins_are_listed(auditor, stranger, story):
    name, password = make_office_account(story.dependencies, Role.BUREAU)
    for one in (name, "no-such-account"):
        stranger.get("/office/sign-in")
        stranger.post("/office/sign-in", {"account": one, "password": "wrong"})
    stranger.post("/office/sign-in", {"account": name, "password": password})
    auditor.get("/office/sign-ins")
    assert name in auditor.text
    assert "密码或验证码错误" in auditor.text
    assert "不存在的账号" in auditor.text
    assert "no-such-account" not in auditor.text  # people type passwords into that field
    auditor.get("/office/sign-ins?result=wrong")
    assert auditor.page.count('<th class="stick thin"') == 2
    auditor.post("/office/sign-ins/search", {"account": name, "result": "ok"})
    assert auditor.page.count('<th class="stick thin"') == 1
    assert name not in auditor.path


def test_a_leads_sign_in_shows_a_masked_number(auditor, lead):
    auditor.get("/office/sign-ins")
    assert "139****0001" in auditor.text
    assert "短信验证码" in auditor.text
    assert "13900000001" not in auditor.page


def test_what_is_no_sign_in_is_not_listed_there(auditor, story, clock):
    name, _ = make_office_account(story.dependencies, Role.BUREAU)
    reset_password(story.dependencies, name, actor=ACTOR)
    auditor.get("/office/sign-ins?action=reset_password")
    assert "重置密码" not in auditor.text.partition("账号或手机号")[2]


@pytest.mark.parametrize("path", ["/office/audit", "/office/audit/exports", "/office/sign-ins"])
def test_the_logs_ask_few_questions(auditor, clock, path):
    write(clock, 60, action="sign_in", object_kind="account", object_id="1")
    asked: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *call: asked.append(call[2]))
    auditor.get(path)
    questions = [one for one in asked if one.lstrip().upper().startswith("SELECT")]
    assert len(questions) <= 6, questions
