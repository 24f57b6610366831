"""Fifty members of staff decide on one code at the same moment, on several processes."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import requests
from sqlalchemy import text

from models.database import reading
from tests.people import ACTOR, resident_id
from wxbackend.domain.roles import Role
from wxbackend.services.accounts import NewAccount, create_account

STAFF = 50


class Phone:
    """One member of staff in a browser of their own."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.http = requests.Session()
        # A connection each: one that idles is closed by the server, and a POST is not sent twice.
        self.http.headers["Connection"] = "close"
        self.page = ""

    def get(self, path: str) -> requests.Response:
        return self._keep(self.http.get(self.url + path, timeout=60))

    def post(self, path: str, **fields: str) -> requests.Response:
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.page)
        assert token, self.page[:300]
        fields["csrf_token"] = token[1]
        return self._keep(self.http.post(self.url + path, data=fields, timeout=60))

    def _keep(self, answer: requests.Response) -> requests.Response:
        self.page = answer.text
        return answer

    def sign_in(self, name: str, password: str) -> None:
        self.get("/sign-in")
        assert self.post("/sign-in", account=name, password=password).ok
        assert self.post("/gate/shift").ok

    def scan(self, token: str) -> str:
        answer = self.get(f"/P/{token}")
        assert "/gate/scans/" in answer.url, answer.text[:500]
        return answer.url.removeprefix(self.url)


@pytest.fixture
def at_the_gate(story, live_app):
    """So many members of staff, each with the code open on a phone of their own."""
    return lambda count: gather(story, live_app(4), count)


def gather(story, app, count: int) -> list[tuple[Phone, str]]:
    enterprise = story.enterprise("广州顺达物流有限公司", "黄阁镇", "13900000001")
    story.employ(enterprise, resident_id(1))
    for member, town in (("huangge-a", "黄阁镇"), ("bureau-a", "")):
        story.recipient(member, town)
    reserved = story.reserve()
    passwords = {}
    for number in range(count):
        place = list(story.district.checkpoint_ids)[number % 3]
        new = NewAccount(f"staff{number}", Role.CHECKPOINT, f"陈{number}号", place)
        passwords[new.name] = create_account(
            story.dependencies, new, must_change=False, actor=ACTOR
        )

    def arrive(name: str) -> tuple[Phone, str]:
        phone = Phone(app.url)
        phone.sign_in(name, passwords[name])
        return phone, phone.scan(reserved.token)

    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(arrive, passwords))


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_fifty_decisions_at_once_make_one_passage(at_the_gate):
    everybody = at_the_gate(STAFF)
    start = Barrier(STAFF)

    def decide(one: tuple[int, tuple[Phone, str]]) -> tuple[int, str]:
        number, (phone, scan) = one
        verdict = {"verdict": "allowed"} if number % 2 else {"verdict": "denied", "reason": "1"}
        start.wait()
        answer = phone.post(f"{scan}/decision", request_id=f"request-{number}", **verdict)
        return answer.status_code, answer.text

    with ThreadPoolExecutor(STAFF) as pool:
        answers = list(pool.map(decide, enumerate(everybody)))

    won = [page for status, page in answers if status == 200]
    told = [page for status, page in answers if status == 409]
    assert (len(won), len(told)) == (1, STAFF - 1)
    with reading() as session:
        assert session.execute(text("SELECT count(*) FROM passage")).scalar_one() == 1
        who, where = session.execute(
            text(
                "SELECT account.display_name, checkpoint.name FROM passage "
                "JOIN account ON account.id = passage.account_id "
                "JOIN checkpoint ON checkpoint.id = passage.checkpoint_id"
            )
        ).one()
        sets = session.execute(
            text(
                "SELECT channel, count(*) FROM notification "
                "WHERE event LIKE 'passage:%' GROUP BY channel"
            )
        ).all()
        decided = session.execute(
            text("SELECT count(*) FROM audit_entry WHERE action = 'decide_passage'")
        ).scalar_one()
    assert dict(sets) == {"sms": 1, "yuezhengyi": 2, "wechat": 1}
    assert decided == 1
    when = re.search(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", won[0])
    assert when
    for page in told:
        assert who in page
        assert where in page
        assert when[0] in page


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_phone_that_retries_is_answered_alike_every_time(at_the_gate):
    ((phone, scan),) = at_the_gate(1)
    form = phone.page

    def decide(_turn: int) -> tuple[int, str]:
        again = Phone(phone.url)
        again.http.cookies.update(phone.http.cookies)
        again.page = form
        answer = again.post(f"{scan}/decision", request_id="the-same", verdict="allowed")
        return answer.status_code, re.sub(r"\?v=\w+", "", answer.text)

    with ThreadPoolExecutor(12) as pool:
        answers = set(pool.map(decide, range(12)))
    assert len(answers) == 1
    assert answers.pop()[0] == 200
    with reading() as session:
        assert session.execute(text("SELECT count(*) FROM passage")).scalar_one() == 1
