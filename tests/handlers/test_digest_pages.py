"""The digest's pages: by a recipient's link, and in the back office."""

from __future__ import annotations

import io
from datetime import datetime, timedelta

import openpyxl
import pytest

from models.audit import AuditEntry
from models.database import reading, transaction
from models.enterprises import AlertRecipient
from tests.browser import Browser
from tests.people import ACTOR
from wxbackend.domain.alert_recipients import AlertList, Audience
from wxbackend.domain.moments import DISTRICT_TIME
from wxbackend.domain.reservation import Verdict
from wxbackend.domain.roles import Role
from wxbackend.domain.scope import DistrictScope
from wxbackend.services.accounts import NewAccount, create_account
from wxbackend.services.alert_views import show_lists
from wxbackend.services.alerts import remove_alert_recipient
from wxbackend.services.digests import make_due_digests

PHONE = "13800005678"


@pytest.fixture
def link(story, sandbox, clock) -> str:
    """The link that the task force got about one denied truck."""
    clock.now = datetime(2022, 4, 21, 17, tzinfo=DISTRICT_TIME)
    with transaction() as session:
        session.add(
            AlertRecipient(
                audience=Audience.TASK_FORCE,
                name="周启明",
                member_id="force-1",
                member_hash="force-1",
                created_at=clock.now,
            )
        )
    guard = story.guard()
    reserved = story.reserve(phone=PHONE)
    story.decide(guard, story.scan(guard, reserved.token), Verdict.DENIED, "体温异常")
    clock.now = datetime(2022, 4, 21, 18, 1, tzinfo=DISTRICT_TIME)
    make_due_digests(story.dependencies)
    story.send_all()
    (message,) = [m for m in sandbox.messages(channel="yuezhengyi") if m["to"] == "force-1"]
    return "/digest/" + str(message["url"]).rpartition("/")[2]


def actions() -> list[tuple[str, str]]:
    with reading() as session:
        rows = session.query(AuditEntry).filter(AuditEntry.action == "download_digest")
        return [(row.role, row.actor_label) for row in rows]


def test_the_link_shows_the_rows_with_masked_numbers(stranger, link):
    stranger.get(link)
    assert stranger.status == 200
    assert "今天(2022年4月21日12点到2022年4月21日18点)" in stranger.text
    assert "138****5678" in stranger.text
    assert PHONE not in stranger.page
    assert "体温异常" in stranger.text


def test_the_file_has_clear_numbers_and_is_audited(stranger, link):
    stranger.get(link)
    stranger.post(f"{link}/file")
    assert stranger.response.headers["Content-Disposition"].startswith("attachment")
    sheet = openpyxl.load_workbook(io.BytesIO(stranger.content)).active
    assert sheet is not None
    assert sheet["C2"].value == PHONE
    assert actions() == [("task_force", "周启明")]


def test_a_wrong_or_old_link_opens_nothing(stranger, link, clock):
    stranger.get("/sign-in")
    stranger.get(link[:-1] + ("0" if link[-1] != "0" else "1"))
    assert stranger.status == 404
    assert "简报链接已失效" in stranger.text
    clock.advance(days=7)
    stranger.get(link)
    assert stranger.status == 404
    stranger.post(f"{link}/file")
    assert stranger.status == 404
    assert actions() == []


def test_a_removed_recipient_reads_and_takes_nothing(stranger, story, link):
    stranger.get(link)
    rows = show_lists(story.dependencies, DistrictScope())
    recipient = next(row for row in rows if row.of == AlertList(Audience.TASK_FORCE)).recipients[0]
    remove_alert_recipient(story.dependencies, DistrictScope(), recipient.public_id, actor=ACTOR)
    stranger.post(f"{link}/file")
    assert stranger.status == 404
    stranger.get(link)
    assert stranger.status == 404
    assert actions() == []


def test_erased_people_are_said_to_be_erased(stranger, office, link, story):
    story.execute("UPDATE reservation SET name = '', plate_number = '', enterprise_name = ''")
    stranger.get(link)
    assert "已清除" in stranger.text
    assert "体温异常" in stranger.text
    bureau = office(Role.BUREAU)
    bureau.get("/office/digests")
    assert "已清除" in bureau.text


def test_a_page_that_is_not_there_says_so(stranger, link):
    for page in ("2", "0", "-1", "x", "9" * 30):
        stranger.get(f"{link}?page={page}")
        assert stranger.status == 200


def test_the_file_is_not_had_by_a_plain_get(stranger, link):
    stranger.get(f"{link}/file")
    assert stranger.status == 405


@pytest.fixture
def office(app, sandbox, story):
    def sign_in(role: Role, place: str = "") -> Browser:
        new = NewAccount(f"{role.value}9", role, "何某某", place)
        password = create_account(story.dependencies, new, must_change=False, actor=ACTOR)
        browser = Browser(app, sandbox)
        browser.get("/office/sign-in")
        browser.post("/office/sign-in", {"account": f"{role.value}9", "password": password})
        return browser

    return sign_in


def test_the_bureau_sees_past_digests_and_takes_the_file(office, link):
    bureau = office(Role.BUREAU)
    bureau.get("/office/digests")
    assert "历次简报" in bureau.text
    assert "已发送 1 人" in bureau.text
    assert "不准予通行1辆" in bureau.text
    assert PHONE not in bureau.page
    address = bureau.page.split('action="/office/digests/')[1].split('"')[0]
    bureau.post(f"/office/digests/{address}")
    assert bureau.status == 200
    assert actions() == [("bureau", "bureau9")]


@pytest.mark.parametrize(("role", "place"), [(Role.TOWN, "黄阁镇"), (Role.ADMIN, "")])
def test_others_see_no_digest(office, link, role, place):
    browser = office(role, place)
    browser.get("/office/digests")
    assert browser.status == 403


def test_before_the_first_digest_the_page_says_so(office, clock):
    clock.now += timedelta(0)
    bureau = office(Role.BUREAU)
    bureau.get("/office/digests")
    assert "还没有简报" in bureau.text
