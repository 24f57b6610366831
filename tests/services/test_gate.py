"""Scanning and deciding: what is shown, what uses a code up, and what a repeated request gets."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from models.database import reading
from tests.people import ACTOR, resident_id
from wxbackend.domain.errors import InvalidForm, NotFound
from wxbackend.domain.gate import Level, ScanMeans, ScanOutcome
from wxbackend.domain.nucleic_acid import NucleicAcidClass, NucleicAcidResult
from wxbackend.domain.pass_codes import ForeignCode, PassToken, ShortCode
from wxbackend.domain.reservation import Verdict
from wxbackend.domain.vaccination import VaccinationClass
from wxbackend.services import reservation_expiry, reservations, shifts
from wxbackend.services.gate_views import (
    passages_of_day,
    read_scan_image,
    show_driver_detail,
    show_scan,
)
from wxbackend.services.passages import CodeEnded, StaleScan, find_decision, parse_reason
from wxbackend.services.scans import TooManyUnknownCodes, UnknownCode, open_code, reopen


def rows(sql: str) -> list[tuple[object, ...]]:
    with reading() as session:
        return [tuple(row) for row in session.execute(text(sql))]


def test_a_scan_shows_everything_and_uses_nothing_up(story):
    enterprise = story.enterprise("广州顺达物流有限公司", "万顷沙镇", "13900000001")
    story.employ(enterprise, resident_id(1))
    story.test_result(resident_id(1), hours_ago=6)
    story.doses(resident_id(1), 3)
    reserved, guard = story.reserve(), story.guard()
    for _ in range(3):
        page = show_scan(story.dependencies, guard, story.scan(guard, reserved.token))
        assert page.outcome is ScanOutcome.SHOWN
    assert page.assessment.level is Level.GO
    assert [match.enterprise_name for match in page.findings.roster] == ["广州顺达物流有限公司"]
    driver = page.people[0]
    assert (driver.name, driver.id_number) == ("李某某", resident_id(1))
    assert driver.findings.nucleic_acid.kind is NucleicAcidClass.NEGATIVE_24H
    assert driver.findings.vaccination.doses == 3
    assert story.state_of(reserved.public_id) == "reserved"


def test_passengers_are_matched_each_for_themselves(story):
    story.test_result(resident_id(1), hours_ago=1)
    story.test_result(resident_id(7), hours_ago=80)
    story.doses(resident_id(7), 1)
    reserved = story.reserve(
        **{
            "passengers-0-name": "周某某",
            "passengers-0-id_type": "resident_id",
            "passengers-0-id_number": resident_id(7),
            "passengers-1-name": "吴某某",
            "passengers-1-id_type": "passport",
            "passengers-1-id_number": "E1234567",
        }
    )
    guard = story.guard()
    page = show_scan(story.dependencies, guard, story.scan(guard, reserved.token))
    kinds = [person.findings.nucleic_acid.kind for person in page.people]
    assert kinds == [
        NucleicAcidClass.NEGATIVE_24H,
        NucleicAcidClass.NEGATIVE_7D,
        NucleicAcidClass.NO_RECORD,
    ]
    assert page.people[1].findings.vaccination.kind is VaccinationClass.ONE
    assert page.people[2].findings.vaccination.kind is VaccinationClass.NONE


@pytest.mark.parametrize(
    ("seconds", "kind"),
    [(-1, "negative_24h"), (0, "negative_24h"), (1, "negative_48h")],
)
def test_the_boundary_holds_from_table_to_page(story, clock, seconds, kind):
    story.test_result(resident_id(1), hours_ago=0)
    reserved, guard = story.reserve(), story.guard()
    clock.advance(hours=23.5)
    guard = story.on_shift_again(guard)
    clock.advance(minutes=30, seconds=seconds)
    page = show_scan(story.dependencies, guard, story.scan(guard, reserved.token))
    assert page.people[0].findings.nucleic_acid.kind.value == kind


def test_a_positive_result_stops_whatever_its_age(story):
    story.test_result(resident_id(1), hours_ago=300, result=NucleicAcidResult.POSITIVE)
    reserved, guard = story.reserve(), story.guard()
    page = show_scan(story.dependencies, guard, story.scan(guard, reserved.token))
    assert page.assessment.level is Level.STOP


def test_disabled_enterprises_and_removed_employees_match_nobody(story):
    enterprise = story.enterprise("停用企业", "黄阁镇", "13900000001")
    story.employ(enterprise, resident_id(1))
    story.execute("UPDATE enterprise SET disabled_at = created_at")
    reserved, guard = story.reserve(), story.guard()
    assert (
        show_scan(story.dependencies, guard, story.scan(guard, reserved.token)).findings.roster
        == ()
    )
    story.execute("UPDATE enterprise SET disabled_at = NULL")
    story.execute("UPDATE employee SET removed_at = created_at")
    assert (
        show_scan(story.dependencies, guard, story.scan(guard, reserved.token)).findings.roster
        == ()
    )
    story.execute("UPDATE employee SET removed_at = NULL")
    page = show_scan(story.dependencies, guard, story.scan(guard, reserved.token))
    assert [match.enterprise_name for match in page.findings.roster] == ["停用企业"]


def test_the_passage_keeps_what_the_scan_showed(story):
    enterprise = story.enterprise("先前企业", "黄阁镇", "13900000001")
    story.employ(enterprise, resident_id(1))
    reserved, guard = story.reserve(), story.guard()
    scan_id = story.scan(guard, reserved.token)
    story.execute("UPDATE employee SET removed_at = created_at")
    story.test_result(resident_id(1), hours_ago=1, result=NucleicAcidResult.POSITIVE)
    story.decide(guard, scan_id)
    assert rows("SELECT enterprise_name FROM passage_enterprise") == [("先前企业",)]
    page = show_scan(story.dependencies, guard, scan_id)
    assert page.people[0].findings.nucleic_acid.kind is NucleicAcidClass.NO_RECORD


# ---- deciding ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("verdict", "reason", "state"),
    [(Verdict.ALLOWED, "", "passed"), (Verdict.DENIED, "健康码黄码", "denied")],
)
def test_a_decision_is_recorded_and_uses_the_code_up(story, verdict, reason, state):
    reserved, guard = story.reserve(), story.guard()
    scan_id = story.scan(guard, reserved.token)
    decision = story.decide(guard, scan_id, verdict, reason)
    assert (decision.verdict, decision.reason, decision.is_own_request) == (verdict, reason, True)
    assert story.state_of(reserved.public_id) == state
    again = show_scan(story.dependencies, guard, story.scan(guard, reserved.token))
    assert again.outcome is ScanOutcome.USED
    assert again.used_by is not None
    assert again.used_by.staff == "陈1号"


def test_a_repeated_request_gets_its_first_answer_again(story, clock):
    reserved, guard = story.reserve(), story.guard()
    scan_id = story.scan(guard, reserved.token)
    first = story.decide(guard, scan_id, request_id="r1")
    clock.advance(hours=1)
    for _ in range(3):
        assert story.decide(guard, scan_id, request_id="r1") == first
    # Even with another verdict: the request was answered, and is not made again.
    assert story.decide(guard, scan_id, Verdict.DENIED, "体温异常", request_id="r1") == first
    assert rows("SELECT count(*) FROM passage") == [(1,)]


def test_the_second_guard_learns_who_decided_where_and_when(story, clock):
    reserved = story.reserve()
    first, second = story.guard(), story.guard("黄阁卡口")
    first_scan, second_scan = story.scan(first, reserved.token), story.scan(second, reserved.token)
    made = story.decide(first, first_scan)
    clock.advance(seconds=30)
    told = story.decide(second, second_scan, Verdict.DENIED, "人证不符")
    assert told.is_own_request is False
    assert (told.verdict, told.staff, told.checkpoint) == (Verdict.ALLOWED, "陈1号", "万顷沙卡口")
    assert told.decided_at == made.decided_at
    assert find_decision(second, second_scan) is not None


def test_an_old_scan_must_be_shown_anew_before_deciding(story, clock):
    reserved, guard = story.reserve(), story.guard()
    scan_id = story.scan(guard, reserved.token)
    clock.advance(minutes=10)
    fresh_enough = story.scan(guard, reserved.token)
    clock.advance(seconds=1)
    with pytest.raises(StaleScan):
        story.decide(guard, scan_id)
    assert story.state_of(reserved.public_id) == "reserved"
    story.decide(guard, fresh_enough)


def test_a_scan_of_exactly_ten_minutes_may_be_decided_on(story, clock):
    reserved, guard = story.reserve(), story.guard()
    scan_id = story.scan(guard, reserved.token)
    clock.advance(minutes=10)
    assert story.decide(guard, scan_id).is_own_request


def test_a_reopened_scan_sees_what_is_new(story, clock):
    reserved, guard = story.reserve(), story.guard()
    scan_id = story.scan(guard, reserved.token)
    clock.advance(minutes=11)
    story.test_result(resident_id(1), hours_ago=0.1)
    fresh = reopen(story.dependencies, guard, scan_id, actor=ACTOR)
    page = show_scan(story.dependencies, guard, fresh)
    assert page.people[0].findings.nucleic_acid.kind is NucleicAcidClass.NEGATIVE_24H
    assert story.decide(guard, fresh).is_own_request


@pytest.mark.parametrize("seconds", [-1, 0, 1])
def test_a_code_ends_a_day_after_the_planned_arrival(story, clock, seconds):
    reserved = story.reserve()
    arrival = clock.now.replace(second=0) + timedelta(hours=2)
    clock.now = arrival + timedelta(hours=24, seconds=seconds)
    guard = story.guard()
    page = show_scan(story.dependencies, guard, story.scan(guard, reserved.token))
    assert page.outcome is (ScanOutcome.SHOWN if seconds < 0 else ScanOutcome.EXPIRED)


def test_a_scan_made_in_time_may_be_decided_on_after_the_end(story, clock):
    reserved = story.reserve()
    clock.now = clock.now.replace(second=0) + timedelta(hours=25, minutes=59, seconds=59)
    guard = story.guard()
    scan_id = story.scan(guard, reserved.token)
    clock.advance(seconds=30)
    assert reservation_expiry.expire_overdue_reservations(story.dependencies, limit=10) == 0
    assert story.decide(guard, scan_id).is_own_request


def test_the_sweep_expires_what_nobody_came_for(story, clock):
    reserved = story.reserve()
    clock.advance(hours=27)
    assert reservation_expiry.expire_overdue_reservations(story.dependencies, limit=10) == 1
    assert story.state_of(reserved.public_id) == "expired"
    guard = story.guard()
    page = show_scan(story.dependencies, guard, story.scan(guard, reserved.token))
    assert page.outcome is ScanOutcome.EXPIRED
    with pytest.raises(CodeEnded):
        story.decide(guard, page.public_id)


def test_a_cancelled_code_is_told_as_cancelled(story):
    reserved, guard = story.reserve(), story.guard()
    shown = story.scan(guard, reserved.token)
    reservations.cancel(story.dependencies, reserved.scope, reserved.public_id, actor=ACTOR)
    page = show_scan(story.dependencies, guard, story.scan(guard, reserved.token))
    assert page.outcome is ScanOutcome.CANCELLED
    with pytest.raises(CodeEnded):
        story.decide(guard, shown)
    assert rows("SELECT count(*) FROM passage") == [(0,)]


# ---- who may see what --------------------------------------------------------------------------


def test_another_guard_cannot_open_my_scan(story):
    reserved = story.reserve()
    mine, other = story.guard(), story.guard()
    scan_id = story.scan(mine, reserved.token)
    for look in (show_scan, lambda d, g, s: show_driver_detail(d, g, s, actor=ACTOR)):
        with pytest.raises(NotFound):
            look(story.dependencies, other, scan_id)
    with pytest.raises(NotFound):
        story.decide(other, scan_id)


def test_a_scan_closes_with_its_shift(story, clock):
    reserved, guard = story.reserve(), story.guard()
    scan_id = story.scan(guard, reserved.token)
    shifts.end_shift(story.dependencies, guard.member, actor=ACTOR)
    clock.advance(seconds=1)
    later = story.on_shift_again(guard)
    with pytest.raises(NotFound):
        show_scan(story.dependencies, later, scan_id)


def test_a_used_code_shows_no_details_of_the_driver(story):
    reserved = story.reserve()
    first, second = story.guard(), story.guard()
    story.decide(first, story.scan(first, reserved.token))
    scan_id = story.scan(second, reserved.token)
    with pytest.raises(NotFound):
        show_driver_detail(story.dependencies, second, scan_id, actor=ACTOR)
    with pytest.raises(NotFound):
        read_scan_image(story.dependencies, second, scan_id, "a" * 26)


def test_passages_of_the_day_are_those_of_my_checkpoint(story):
    here, there = story.guard(), story.guard("黄阁卡口")
    for guard, number in ((here, 1), (here, 2), (there, 3)):
        reserved = story.reserve(id_number=resident_id(number))
        story.decide(guard, story.scan(guard, reserved.token))
    day = passages_of_day(story.dependencies, here.member, limit=10)
    assert len(day.rows) == 2
    assert day.counts == {Verdict.ALLOWED: 2, Verdict.DENIED: 0}
    assert len(passages_of_day(story.dependencies, there.member, limit=10).rows) == 1


# ---- codes that are none -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "code", [PassToken("A" * 26), ShortCode("7K3M9QX2"), ForeignCode("粤康码：440115…")]
)
def test_an_unknown_code_is_recorded_by_its_hash_alone(story, code):
    guard = story.guard()
    with pytest.raises(UnknownCode):
        open_code(story.dependencies, guard, code, means=ScanMeans.SCANNER, actor=ACTOR)
    ((outcome, kept, pass_code),) = rows(
        "SELECT outcome, unknown_code_hash, pass_code_id FROM scan"
    )
    assert outcome == "unknown"
    assert pass_code is None
    assert len(bytes(kept)) == 16
    assert code.text.encode() not in bytes(kept)


def test_guessing_short_codes_is_stopped_and_scanning_is_not(story, clock):
    reserved, guard = story.reserve(), story.guard()
    most = story.dependencies.policy.gate.most_unknown_codes
    for _ in range(most):
        with pytest.raises(UnknownCode):
            open_code(
                story.dependencies,
                guard,
                ShortCode("22222222"),
                means=ScanMeans.SHORT_CODE,
                actor=ACTOR,
            )
    right = ShortCode(reserved.short_code)
    with pytest.raises(TooManyUnknownCodes):
        open_code(story.dependencies, guard, right, means=ScanMeans.SHORT_CODE, actor=ACTOR)
    story.scan(guard, reserved.token)
    clock.advance(minutes=11)
    open_code(story.dependencies, guard, right, means=ScanMeans.SHORT_CODE, actor=ACTOR)


def test_the_database_holds_no_token_and_no_short_code(story):
    reserved = story.reserve()
    for column in ("token_hash", "short_code_hash", "seed"):
        for (value,) in rows(f"SELECT {column} FROM pass_code"):
            assert reserved.token.encode() not in bytes(value)
            assert reserved.short_code.encode() not in bytes(value)


# ---- reasons -----------------------------------------------------------------------------------


def test_a_reason_is_chosen_or_written(story):
    first = next(iter(story.district.reason_ids.values()))
    assert parse_reason(str(first), "") == "健康码黄码"
    assert parse_reason("other", " 超载 ") == "超载"
    assert parse_reason("", "超载") == "超载"


@pytest.mark.parametrize(
    ("choice", "written", "field"),
    [
        ("", "", "reason"),
        ("999", "", "reason"),
        ("other", " ", "reason_text"),
        ("other", "长" * 51, "reason_text"),
    ],
)
def test_a_denial_without_a_reason_is_refused(story, choice, written, field):
    with pytest.raises(InvalidForm) as wrong:
        parse_reason(choice, written)
    assert set(wrong.value.errors) == {field}
