"""The outbox, its platforms, crashes and people in any order: nothing is lost, nothing lies."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import delete

from models.base import Base
from models.database import transaction
from tests.outbox_world import (
    ARRIVED,
    UNDER_WAY,
    OutboxWorld,
    Row,
    rows,
    sms,
    to_member,
    wechat,
)
from tests.people import ACTOR
from tests.platform_twins import (
    OPEN,
    Fate,
    Killed,
    KillingClock,
    Platforms,
    with_twins,
)
from wxbackend.domain.errors import Conflict
from wxbackend.domain.notifications import (
    Channel,
    NotificationKind,
    NotificationState,
)
from wxbackend.domain.scope import DistrictScope
from wxbackend.services import notifications
from wxbackend.services.channel_holds import try_channel_again
from wxbackend.services.deliveries import apply_early_receipts, settle_delivery
from wxbackend.services.floods import merge_floods
from wxbackend.services.outbox import heal, send_due
from wxbackend.services.sms_health import recover_providers

_S = NotificationState
EVERYWHERE = DistrictScope()
START = datetime(2022, 4, 22, 1, 0, tzinfo=UTC)
VALIDITIES = [timedelta(minutes=2), timedelta(hours=1), timedelta(hours=24)]
STEPS = [timedelta(seconds=1), timedelta(seconds=61), timedelta(minutes=6), timedelta(hours=5)]
FLOOD = 21
# More for a night: WXBACKEND_TEST_EXAMPLES=2000.
EXAMPLES = int(os.environ.get("WXBACKEND_TEST_EXAMPLES", "25"))
HOLDERS = st.sampled_from(["a", "b"])
FATES = st.lists(st.sampled_from(Fate), max_size=4)


class OutboxMachine(RuleBasedStateMachine):
    def __init__(self, dependencies) -> None:
        super().__init__()
        self.clock = KillingClock(START)
        self.platforms = Platforms(self.clock, self.others_go_on)
        self.dependencies = with_twins(dependencies, self.platforms)
        self.world = OutboxWorld(self.dependencies, None, self.clock)
        self.tries = 1 + len(dependencies.policy.notifications.retry_pauses)
        self.lease = dependencies.policy.notifications.lease
        self.put = 0
        self.sent_again: Counter[str] = Counter()
        self.confirmed: set[str] = set()
        self.told_failed: set[str] = set()
        self.before: dict[int, NotificationState] = {}

    @initialize()
    def begin_with_nothing(self):
        with transaction() as session:
            for table in reversed(Base.metadata.sorted_tables):
                session.execute(delete(table))

    # ---- what the product does ----

    @rule(valid_for=st.sampled_from(VALIDITIES))
    def something_is_told(self, valid_for):
        """By each channel."""
        letters = [sms(self.put + 1), to_member(self.put + 2), wechat(self.put + 3, "oOpenid")]
        self.put += len(letters)
        self.world.put(letters, valid_for=valid_for)

    @precondition(lambda self: self.put < 2 * FLOOD)
    @rule(valid_for=st.sampled_from(VALIDITIES))
    def many_passages_at_once(self, valid_for):
        kind = NotificationKind.PASSAGE_DENIED_OTHER
        flood = [
            replace(to_member(number), kind=kind, address="busy", recipient="busy")
            for number in range(self.put + 1, self.put + 1 + FLOOD)
        ]
        self.put += FLOOD
        self.world.put(flood, valid_for=valid_for)

    @rule(holder=HOLDERS, limit=st.integers(1, 30), fates=FATES)
    def a_sender_works(self, holder, limit, fates):
        self.platforms.fates.extend(fates)
        self.unless_killed(lambda: send_due(self.dependencies, holder=holder, limit=limit))

    @rule(readings=st.integers(0, 8), holder=HOLDERS)
    def a_sender_is_killed(self, readings, holder):
        self.clock.readings_left = readings
        self.unless_killed(lambda: send_due(self.dependencies, holder=holder, limit=20))

    @rule(job=st.sampled_from([heal, merge_floods, recover_providers]), readings=st.integers(0, 2))
    def a_job_is_killed(self, job, readings):
        self.clock.readings_left = readings
        self.unless_killed(lambda: job(self.dependencies))

    @rule()
    def the_sweep_runs(self):
        heal(self.dependencies)
        for row in rows():
            is_alone = row.merged_into_id is None  # else it ends with the other notice
            is_over = row.state is _S.QUEUED and row.not_after <= self.clock.now
            assert not (is_over and is_alone), row.event
            assert not (row.state is _S.SENDING and row.leased_until <= self.clock.now), row.event

    @rule(job=st.sampled_from([merge_floods, recover_providers, apply_early_receipts]))
    def another_job_runs(self, job):
        job(self.dependencies)

    @rule(channel=st.sampled_from(Channel))
    def a_person_tries_the_channel_again(self, channel):
        try_channel_again(self.dependencies, channel, actor=ACTOR)

    # ---- what happens to it ----

    @rule(step=st.sampled_from(STEPS))
    def time_passes(self, step):
        self.clock.now += step

    @precondition(lambda self: self.stands_in(_S.SENT, _S.UNKNOWN))
    @rule(pick=st.integers(0, 99), delivered=st.booleans())
    def a_receipt_comes(self, pick, delivered):
        found = [row for row in rows() if row.provider_reference and row.channel.value == "sms"]
        if found:
            row = found[pick % len(found)]
            moved = settle_delivery(
                self.dependencies,
                provider=row.provider,
                reference=row.provider_reference,
                address=None,
                delivered=delivered,
                code="DELIVRD" if delivered else "UNDELIV",
                at=self.clock.now,
            )
            if moved:
                self.accept_moves()
            if moved and not delivered:
                self.told_failed.add(row.event)
            if moved and delivered:
                self.confirmed.add(row.event)

    # ---- what people do ----

    @precondition(lambda self: self.stands_in(*notifications.SENT_AGAIN_FROM - {_S.QUEUED}))
    @rule(pick=st.integers(0, 99))
    def a_person_sends_again(self, pick):
        row = self.one_of(pick, notifications.SENT_AGAIN_FROM)
        if row is not None:
            try:
                notifications.send_one_again(
                    self.dependencies, EVERYWHERE, row.public_id, seen=row.state, actor=ACTOR
                )
            except Conflict:
                return
            self.sent_again[row.words] += 1
            self.accept_moves()

    @precondition(lambda self: self.stands_in(_S.UNKNOWN))
    @rule(pick=st.integers(0, 99))
    def a_person_confirms(self, pick):
        row = self.one_of(pick, {_S.UNKNOWN})
        if row is not None:
            try:
                notifications.confirm_delivered(
                    self.dependencies, EVERYWHERE, row.public_id, actor=ACTOR
                )
            except Conflict:
                return
            self.confirmed.add(row.event)
            self.accept_moves()

    @precondition(lambda self: self.stands_in(_S.UNKNOWN, _S.FAILED))
    @rule(pick=st.integers(0, 99))
    def a_person_leaves_it_alone(self, pick):
        row = self.one_of(pick, {_S.UNKNOWN, _S.FAILED})
        if row is not None:
            notifications.dismiss(self.dependencies, EVERYWHERE, [row.public_id], actor=ACTOR)

    # ---- what must hold ----

    @invariant()
    def everything_adds_up(self):
        found = rows()
        assert sum(row.event.startswith("test:") for row in found) == self.put, "one is lost"
        self.check_truth(found)
        self.check_calls(found)
        for row in found:
            before = self.before.get(row.id)
            if before is not None and before not in UNDER_WAY:
                assert row.state is before, f"{row.event}: {before.value} → {row.state.value}"
            assert row.attempts <= self.tries, f"{row.event} was tried {row.attempts} times"
        self.accept_moves()

    def check_truth(self, found):
        """What a row says happened, and nothing came twice unless a person said so."""
        came, by_id = self.arrivals(), {row.id: row for row in found}
        for row in found:
            told = by_id[row.merged_into_id] if row.merged_into_id else row
            has_come = came[told.words] > 0 or came[row.words] > 0
            if row.state in ARRIVED and not {row.event, told.event} & self.confirmed:
                assert has_come, f"{row.event} is {row.state.value} and never came"
            if row.state in {_S.FAILED, _S.EXPIRED} and row.event not in self.told_failed:
                assert not has_come, f"{row.event} is {row.state.value} and came"
            most = 1 + self.sent_again[row.words]
            assert came[row.words] <= most, f"{row.event} came {came[row.words]} times"

    def check_calls(self, found):
        """No call too late, and none after an open end where a repeated one is delivered."""
        by_words, opened = {row.words: row for row in found}, Counter[str]()
        for call in self.platforms.calls:
            row = by_words[call.words]
            assert call.at < row.not_after, f"{row.event} was sent after its end"
            if row.channel is not Channel.YUEZHENGYI:
                again = self.sent_again[call.words]
                assert opened[call.words] <= again, f"{row.event} was sent after an open end"
            opened[call.words] += call.fate in OPEN

    def teardown(self):
        """With everything well again, everything ends."""
        self.clock.readings_left = None
        self.platforms.fates.clear()
        for _ in range(30):
            self.clock.now += timedelta(hours=1)
            self.world.work()
            if not any(row.state in UNDER_WAY for row in rows()):
                break
        left = [(row.event, row.state.value) for row in rows() if row.state in UNDER_WAY]
        assert not left
        self.everything_adds_up()

    # ---- looking ----

    def arrivals(self) -> Counter[str]:
        return Counter(call.words for call in self.platforms.inbox)

    def one_of(self, pick, states) -> Row | None:
        found = [row for row in rows() if row.state in states]
        return found[pick % len(found)] if found else None

    def stands_in(self, *states: NotificationState) -> bool:
        return not set(states).isdisjoint(self.before.values())

    def accept_moves(self) -> None:
        self.before = {row.id: row.state for row in rows()}

    def unless_killed(self, work) -> None:
        try:
            work()
        except Killed:
            pass
        finally:
            self.clock.readings_left = None

    def others_go_on(self) -> None:
        """While a call stalls, its lease runs out and other processes find the row."""
        self.clock.now += self.lease + timedelta(seconds=1)
        heal(self.dependencies)
        send_due(self.dependencies, holder="other", limit=3)


@pytest.mark.slow
@pytest.mark.timeout(900)  # a failure is made smaller first
def test_any_order_of_faults_crashes_and_decisions(dependencies):
    run_state_machine_as_test(
        lambda: OutboxMachine(dependencies),  # type: ignore[arg-type]  # any factory will do
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=30,
            deadline=None,
            # Explaining traces every line, which takes minutes.
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        ),
    )
