"""微警 down, slow, lying, answering twice or for somebody else: never a pass code, never a loss."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from models.database import reading
from tests.people import ACTOR, form_of, resident_id
from tests.stories import answer_page, return_key_of
from wxbackend.domain.errors import Conflict, NotFound
from wxbackend.services import identity_results, reservations
from wxbackend.services.identity import IdentityUnavailable, begin_check
from wxbackend.services.identity_results import ask_for_results, come_back
from wxbackend.services.reservation_views import show_own


def count(table: str) -> int:
    with reading() as session:
        return int(session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


def test_a_passed_check_gives_exactly_one_pass(story):
    driver = story.driver()
    public_id = story.submit(driver)
    assert story.state_of(public_id) == "pending_identity"
    story.identify(driver, public_id)
    assert story.state_of(public_id) == "reserved"
    assert count("pass_code") == 1
    assert show_own(story.dependencies, driver, public_id).shown_pass is not None


@pytest.mark.parametrize("outcome", ["fail", "mismatch"])
def test_a_failed_or_foreign_identity_gives_none(story, outcome):
    driver = story.driver()
    public_id = story.submit(driver)
    story.identify(driver, public_id, outcome)
    assert story.state_of(public_id) == "identity_failed"
    assert count("pass_code") == 0
    assert show_own(story.dependencies, driver, public_id).shown_pass is None


def test_a_cancelled_check_leaves_the_reservation_waiting(story):
    driver = story.driver()
    public_id = story.submit(driver)
    story.identify(driver, public_id, "cancel")
    assert story.state_of(public_id) == "pending_identity"
    story.identify(driver, public_id, "pass")
    assert story.state_of(public_id) == "reserved"


@pytest.mark.parametrize("mode", ["masked", "without_object"])
def test_a_masked_or_missing_answer_can_still_pass(story, sandbox, mode):
    sandbox.put("/sandbox/weijing-mode", {"mode": mode})
    driver = story.driver()
    public_id = story.submit(driver)
    story.identify(driver, public_id)
    assert story.state_of(public_id) == "reserved"


def test_a_masked_answer_about_somebody_else_fails(story, sandbox):
    sandbox.put("/sandbox/weijing-mode", {"mode": "masked"})
    driver = story.driver()
    public_id = story.submit(driver)
    story.identify(driver, public_id, "mismatch")
    assert story.state_of(public_id) == "identity_failed"


@pytest.mark.parametrize(
    "fault", [("refuse", None), ("http_500", None), ("garbage", None), ("errcode", 9999)]
)
def test_a_provider_that_is_down_keeps_the_reservation(story, sandbox, fault):
    driver = story.driver()
    public_id = story.submit(driver)
    sandbox.fault("weijing", fault[0], value=fault[1], count=1)
    with pytest.raises(IdentityUnavailable):
        begin_check(story.dependencies, driver, public_id, actor=ACTOR)
    assert story.state_of(public_id) == "pending_identity"
    story.identify(driver, public_id)
    assert story.state_of(public_id) == "reserved"


def test_a_slow_provider_is_waited_for(story, sandbox):
    driver = story.driver()
    public_id = story.submit(driver)
    sandbox.fault("weijing", "slow", value=1, count=1)
    story.identify(driver, public_id)
    assert story.state_of(public_id) == "reserved"


@pytest.mark.parametrize("fault", ["refuse", "http_500", "garbage"])
def test_a_result_that_cannot_be_had_is_asked_for_again(story, sandbox, clock, fault):
    driver = story.driver()
    public_id = story.submit(driver)
    page = begin_check(story.dependencies, driver, public_id, actor=ACTOR)
    key = return_key_of(answer_page(page, "pass"))
    sandbox.fault("weijing", fault, count=1)
    come_back(story.dependencies, key)
    assert story.state_of(public_id) == "pending_identity"
    clock.advance(seconds=20)
    assert ask_for_results(story.dependencies, limit=10) == 1
    assert story.state_of(public_id) == "reserved"


def test_the_server_asks_when_the_driver_never_comes_back(story, clock):
    driver = story.driver()
    public_id = story.submit(driver)
    page = begin_check(story.dependencies, driver, public_id, actor=ACTOR)
    answer_page(page, "pass")
    assert ask_for_results(story.dependencies, limit=10) == 0  # not yet its turn
    clock.advance(seconds=20)
    assert ask_for_results(story.dependencies, limit=10) == 1
    assert story.state_of(public_id) == "reserved"
    clock.advance(seconds=20)
    assert ask_for_results(story.dependencies, limit=10) == 0


def test_asking_ends_with_the_cert_token(story, clock):
    driver = story.driver()
    public_id = story.submit(driver)
    begin_check(story.dependencies, driver, public_id, actor=ACTOR)
    clock.advance(seconds=430)
    ask_for_results(story.dependencies, limit=10)
    clock.advance(seconds=30)
    ask_for_results(story.dependencies, limit=10)
    clock.advance(seconds=30)
    assert ask_for_results(story.dependencies, limit=10) == 0
    assert story.state_of(public_id) == "pending_identity"
    story.identify(driver, public_id)
    assert story.state_of(public_id) == "reserved"


def test_coming_back_twice_changes_nothing_more(story):
    driver = story.driver()
    public_id = story.submit(driver)
    page = begin_check(story.dependencies, driver, public_id, actor=ACTOR)
    key = return_key_of(answer_page(page, "pass"))
    first = come_back(story.dependencies, key)
    assert come_back(story.dependencies, key) == first == public_id
    assert count("pass_code") == 1
    assert count("notification") == 1


def test_a_forged_return_proves_nothing(story):
    driver = story.driver()
    public_id = story.submit(driver)
    page = begin_check(story.dependencies, driver, public_id, actor=ACTOR)
    with pytest.raises(NotFound):
        come_back(story.dependencies, "a" * 26)
    # The right key without a passed check: the browser says so, 微警 does not.
    key = return_key_of(answer_page(page, "cancel"))
    come_back(story.dependencies, key)
    assert story.state_of(public_id) == "pending_identity"


def test_one_drivers_answer_does_not_pass_anothers_reservation(story):
    first, second = story.driver(), story.driver()
    first_id = story.submit(first)
    second_id = story.submit(second, id_number=resident_id(2), name="张某某")
    first_page = begin_check(story.dependencies, first, first_id, actor=ACTOR)
    begin_check(story.dependencies, second, second_id, actor=ACTOR)
    answer_page(first_page, "pass")
    # The second driver's return is settled by the second driver's own check alone.
    with reading() as session:
        keys = session.execute(text("SELECT id FROM identity_check ORDER BY id")).scalars().all()
    identity_results.settle(story.dependencies, keys[1])
    assert story.state_of(second_id) == "pending_identity"
    identity_results.settle(story.dependencies, keys[0])
    assert story.state_of(first_id) == "reserved"
    assert story.state_of(second_id) == "pending_identity"


def test_a_second_tap_goes_to_the_same_identity_page(story):
    driver = story.driver()
    public_id = story.submit(driver)
    first = begin_check(story.dependencies, driver, public_id, actor=ACTOR)
    assert begin_check(story.dependencies, driver, public_id, actor=ACTOR) == first
    assert count("identity_check") == 1


def test_somebody_elses_reservation_cannot_be_checked(story):
    public_id = story.submit(story.driver())
    with pytest.raises(NotFound):
        begin_check(story.dependencies, story.driver(), public_id, actor=ACTOR)


def test_a_check_of_old_words_does_not_pass_new_ones(story, clock):
    """The driver starts the check, goes back, and changes the number before it passes."""
    driver = story.driver()
    public_id = story.submit(driver)
    page = begin_check(story.dependencies, driver, public_id, actor=ACTOR)
    changed = form_of(story.district, clock.now, id_number=resident_id(3), name="王某某")
    reservations.correct(story.dependencies, driver, public_id, changed, actor=ACTOR)
    come_back(story.dependencies, return_key_of(answer_page(page, "pass")))
    assert story.state_of(public_id) == "pending_identity"
    assert count("pass_code") == 0


def test_a_cancelled_reservation_stays_cancelled_when_the_check_passes(story):
    driver = story.driver()
    public_id = story.submit(driver)
    page = begin_check(story.dependencies, driver, public_id, actor=ACTOR)
    reservations.cancel(story.dependencies, driver, public_id, actor=ACTOR)
    come_back(story.dependencies, return_key_of(answer_page(page, "pass")))
    assert story.state_of(public_id) == "cancelled"
    assert count("pass_code") == 0


def test_a_decided_reservation_needs_no_check(story):
    driver = story.driver()
    public_id = story.reserve(driver).public_id
    with pytest.raises(Conflict):
        begin_check(story.dependencies, driver, public_id, actor=ACTOR)


def test_other_documents_go_to_the_gate_unchecked(story, sandbox):
    driver = story.driver()
    public_id = story.submit(driver, id_type="passport", id_number="E12345678")
    assert story.state_of(public_id) == "reserved"
    assert sandbox.get("/sandbox/calls", target="weijing") in ([], {"calls": []})
