"""Every list page of the back office takes at most six SQL statements, however many rows it has."""

from __future__ import annotations

import pytest
from flask import Flask

from models.statements import counting_statements
from tests.insiders import Insider, insider
from tests.people import resident_id
from tests.stories import Story
from wxbackend.domain.reservation import Verdict
from wxbackend.domain.roles import Role

MOST = 6
LISTS = {
    Role.BUREAU: (
        "/office",
        "/office/enterprises",
        "/office/drivers",
        "/office/reservations",
        "/office/reservations?basis=decided&state=denied&matched=no",
        "/office/reservations?basis=arrival&company=a&reason=other&checkpoint=1&town=1",
        "/office/notifications",
        "/office/exports",
        "/office/imports/history",
    ),
    Role.TOWN: ("/office", "/office/enterprises", "/office/drivers", "/office/reservations"),
    Role.ADMIN: ("/office/accounts", "/office/sign-ins", "/office/jobs"),
    Role.AUDITOR: ("/office/audit", "/office/audit/exports", "/office/sign-ins"),
}
# A lead's enterprises are a statement of their own, since a lead may have several.
OF_LEADS = ("/office", "/office/drivers", "/office/reservations", "/office/exports")


@pytest.fixture
def filled(story: Story) -> Story:
    """Several rows in every list: what costs a statement a row shows."""
    guard = story.guard()
    for number in range(1, 4):
        enterprise = story.enterprise(f"第{number}运输公司", "黄阁镇", f"1390000000{number}")
        story.employ(enterprise, resident_id(number))
        reserved = story.reserve(id_number=resident_id(number))
        verdict = Verdict.DENIED if number == 2 else Verdict.ALLOWED
        reason = "人证不符" if number == 2 else ""
        story.decide(guard, story.scan(guard, reserved.token), verdict, reason)
        story.reserve(id_number=resident_id(number))
    return story


def statements(person: Insider, path: str) -> list[str]:
    person.ask("GET", path)  # what a process asks once in a while is asked now
    with counting_statements() as sent:
        answer = person.ask("GET", path)
    assert answer.status_code == 200, path
    return sent


def tables(sent: list[str]) -> list[str]:
    return [one.partition("FROM ")[2].split(" ")[0].strip("(") for one in sent]


@pytest.mark.parametrize("role", LISTS)
def test_a_list_page_takes_at_most_six_statements(app: Flask, filled, role):
    person = insider(app, "somebody", role, "黄阁镇" if role is Role.TOWN else "")
    for path in LISTS[role]:
        sent = statements(person, path)
        assert len(sent) <= MOST, f"{path}: {tables(sent)}"


def test_a_leads_list_page_takes_one_more(app: Flask, filled):
    person = insider(app, "somebody", Role.ENTERPRISE, "13900000001")
    for path in OF_LEADS:
        sent = statements(person, path)
        assert len(sent) <= MOST + 1, f"{path}: {tables(sent)}"


# What a search behind an id takes; the ledger reads its people's registers besides.
SEARCHES = {"/office/reservations": MOST, "/office/drivers": MOST + 1}


def test_a_search_for_people_takes_at_most_six(app: Flask, filled):
    app.config["WTF_CSRF_ENABLED"] = False
    person = insider(app, "somebody", Role.BUREAU)
    asked = {"name": "李", "plate": "8K6", "number": resident_id(1)}
    for path, most in SEARCHES.items():
        address = person.ask("POST", f"{path}/search", data=asked).headers["Location"]
        sent = statements(person, address)
        assert len(sent) <= most, f"{path}: {tables(sent)}"


def test_the_count_sees_what_it_counts(app: Flask, filled):
    from models.database import reading
    from models.places import list_towns

    with counting_statements() as sent, reading() as session:
        list_towns(session)
        list_towns(session)
    assert len([one for one in sent if "FROM town" in one]) == 2
