"""SMS by several providers: by template, by health, and back again."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from models.database import reading, transaction
from models.notifications import Notification
from models.sms_providers import CallCounts, ProviderChange, add_call, read_shares
from tests.configuration import make_settings
from tests.stories import Story
from wxbackend.app import create_app
from wxbackend.domain.notifications import Channel, NotificationKind
from wxbackend.domain.sms_failover import Share, ShareReason
from wxbackend.services.outbox import Letter, enqueue
from wxbackend.services.sms_health import recover_providers
from wxbackend.services.sms_shares import put_share


@pytest.fixture
def settings(database_url, shared_store_url, key_file, tmp_path, sandbox):
    return make_settings(
        tmp_path,
        sandbox=sandbox,
        database_url=database_url,
        shared_store_url=shared_store_url,
        key_file=key_file,
        sms_providers=("tencent", "mas", "mas2"),
    )


@pytest.fixture
def app(settings, clock):
    app = create_app(settings, clock=clock)
    with app.app_context():
        yield app
        from models.database import db

        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def story(dependencies, sandbox) -> Story:
    return Story(dependencies, sandbox)


def write(
    story: Story, count: int, *, kind=NotificationKind.PASSAGE_ALLOWED_ROSTER, text="", **facts
):
    now = story.dependencies.clock()
    with transaction() as session:
        first = session.query(Notification).count()
        for number in range(first, first + count):
            letter = Letter(
                event=f"test:{number}",
                recipient="lead:1",
                channel=Channel.SMS,
                kind=kind,
                address="13900000001",
                content={"text": text or f"通知{number}", "facts": facts},
                not_after=now + timedelta(hours=1),
            )
            enqueue(session, letter, now=now)


def by_provider(sandbox) -> dict[str, int]:
    return dict(Counter(str(m["provider"]) for m in sandbox.messages(channel="sms")))


def states() -> dict[str, int]:
    with reading() as session:
        return dict(Counter(row.state.value for row in session.query(Notification)))


def shares_now() -> dict[str, int]:
    with reading() as session:
        found = {name: share.percent for name, share in read_shares(session).items()}
    return {"mas": 100, "mas2": 100, "tencent": 100} | found


def reasons() -> list[tuple[str, str]]:
    with reading() as session:
        rows = session.query(ProviderChange).order_by(ProviderChange.id).all()
        return [(row.provider, row.reason) for row in rows]


def test_codes_go_by_tencent_and_alerts_by_mas(story, sandbox):
    write(story, 1, kind=NotificationKind.SIGN_IN_CODE, code="012345", minutes="5")
    write(story, 1)
    story.send_all()
    assert by_provider(sandbox) == {"sms.tencent": 1, "sms.mas": 1}
    texts = {str(message["text"]) for message in sandbox.messages(channel="sms")}
    assert "验证码012345,5分钟内有效,请勿告诉他人。" in texts


def test_a_text_that_was_certainly_not_sent_goes_by_the_next_at_once(story, sandbox):
    sandbox.fault("sms.mas", "http_500", count=1)
    write(story, 1)
    story.send_all()
    assert by_provider(sandbox) == {"sms.mas2": 1}
    assert shares_now()["mas"] == 100
    with reading() as session:
        assert session.query(Notification).one().provider == "mas2"


@pytest.mark.parametrize(
    ("code", "next_one"),
    [
        ("AuthFailure.SignatureExpire", "sms.mas"),
        ("LimitExceeded.PhoneNumberDailyLimit", "sms.mas"),
    ],
)
def test_a_code_that_tencent_refuses_goes_by_mas(story, sandbox, code, next_one):
    sandbox.fault("sms.tencent", "errcode", value=code, count=1)
    write(story, 1, kind=NotificationKind.SIGN_IN_CODE, code="012345", minutes="5")
    story.send_all()
    assert by_provider(sandbox) == {next_one: 1}


def test_a_text_whose_fate_is_unknown_is_never_sent_a_second_time(story, sandbox):
    sandbox.fault("sms.mas", "timeout_after_effect", value=11, count=1)
    write(story, 1)
    story.send_all()
    assert by_provider(sandbox) == {"sms.mas": 1}
    with reading() as session:
        assert session.query(Notification).one().state.value == "unknown"


def test_the_first_dies_amid_many_and_is_used_again_when_it_is_well(story, sandbox, clock):
    write(story, 20)
    story.send_all()
    assert by_provider(sandbox) == {"sms.mas": 20}
    sandbox.fault("sms.mas", "refuse", count=10_000)
    write(story, 60)
    story.send_all()
    # What the dying provider took without an answer stays honestly unknown; all else goes on.
    assert by_provider(sandbox) == {"sms.mas": 20, "sms.mas2": 55}
    assert states() == {"sent": 75, "unknown": 5}
    assert shares_now()["mas"] == 0
    assert reasons() == [("mas", "failing")]
    sandbox.delete("/sandbox/faults")
    for expected in (10, 50, 100):
        clock.advance(seconds=61)
        recover_providers(story.dependencies)
        assert shares_now()["mas"] == expected
        clock.advance(seconds=1)
        write(story, 3)
        story.send_all()
    assert reasons()[1:] == [("mas", "trial"), ("mas", "recovering"), ("mas", "recovered")]
    sandbox.delete("/sandbox/messages")
    write(story, 5)
    story.send_all()
    assert by_provider(sandbox) == {"sms.mas": 5}


def test_without_texts_a_trial_proves_nothing(story, sandbox, clock):
    let_die(story, sandbox)
    for _ in range(4):
        clock.advance(seconds=61)
        recover_providers(story.dependencies)
    assert shares_now()["mas"] == 10


def let_die(story, sandbox, kind: str = "http_500", **fault) -> None:
    sandbox.fault("sms.mas", kind, count=10_000, **fault)
    write(story, 6)
    story.send_all()
    assert shares_now()["mas"] == 0


def test_the_first_text_on_trial_decides(story, sandbox, clock):
    let_die(story, sandbox)
    clock.advance(seconds=61)
    recover_providers(story.dependencies)
    assert shares_now()["mas"] == 10
    write(story, 1)
    story.send_all()
    assert shares_now()["mas"] == 0
    # The text itself went on to the other provider, and so do all that follow.
    write(story, 20)
    story.send_all()
    assert by_provider(sandbox) == {"sms.mas2": 27}
    assert reasons()[1:] == [("mas", "trial"), ("mas", "still_failing")]
    clock.advance(seconds=61)
    recover_providers(story.dependencies)
    assert shares_now()["mas"] == 0, "the next trial comes later"
    clock.advance(seconds=61)
    recover_providers(story.dependencies)
    assert shares_now()["mas"] == 10


def test_one_answer_that_our_settings_are_wrong_is_enough(story, sandbox, clock):
    sandbox.fault("sms.mas", "errcode", value="InvalidUsrOrPwd", count=1)
    write(story, 3)
    story.send_all()
    assert by_provider(sandbox) == {"sms.mas2": 3}
    assert reasons() == [("mas", "configuration")]
    clock.advance(minutes=29)
    recover_providers(story.dependencies)
    assert shares_now()["mas"] == 0
    clock.advance(minutes=2)
    recover_providers(story.dependencies)
    assert shares_now()["mas"] == 10


def be_slow(story, *names: str) -> None:
    now = story.dependencies.clock()
    with transaction() as session:
        for name in names:
            for _ in range(10):
                add_call(session, provider=name, at=now, is_good=True, seconds=6.0)


def test_a_slow_provider_is_left_while_another_is_quick(story):
    be_slow(story, "mas")
    assert recover_providers(story.dependencies) == 1
    assert reasons() == [("mas", "slow")]


@pytest.mark.parametrize("slow", [("mas", "mas2"), ("tencent", "mas", "mas2")])
def test_where_all_that_carry_alerts_are_slow_none_is_left(story, slow):
    be_slow(story, *slow)
    changes = recover_providers(story.dependencies)
    assert (changes, reasons()) == (0, [])


def test_a_provider_that_was_left_stands_in_for_nobody(story, sandbox):
    let_die(story, sandbox)
    be_slow(story, "mas2")
    recover_providers(story.dependencies)
    assert shares_now()["mas2"] == 100


def test_two_processes_change_a_share_once(story):
    share, after = Share(), Share(0, ShareReason.FAILING)
    counts = CallCounts(10, 5, 0.1)
    changed = [
        put_share(story.dependencies, "mas", before=share, after=after, counts=counts)
        for _ in range(2)
    ]
    assert changed == [True, False]
    assert reasons() == [("mas", "failing")]


def test_a_share_says_why_in_the_log(story, sandbox, caplog):
    let_die(story, sandbox)
    (record,) = [one for one in caplog.records if one.msg == "sms provider's share changed"]
    found = vars(record)
    assert (found["provider"], found["before"], found["after"]) == ("mas", 100, 0)
    assert (found["reason"], found["bad"], found["calls"]) == ("failing", 5, 5)


def test_a_text_that_fits_nobody_fails_at_once(story, sandbox):
    write(story, 1, text="字" * 501)
    story.send_all()
    assert states() == {"failed": 1}
    with reading() as session:
        assert session.query(Notification).one().last_answer == "too_long"
    assert by_provider(sandbox) == {}
