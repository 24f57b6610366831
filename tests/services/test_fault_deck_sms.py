"""Every way in which an SMS provider fails, and what becomes of the text: never lost, never two."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest

from tests.configuration import EXAMPLE, make_settings
from tests.outbox_world import OutboxWorld, arrived, sms
from tests.servers import free_port
from wxbackend.app import create_app
from wxbackend.config.settings import load_settings
from wxbackend.domain.notifications import NotificationKind, NotificationState, retry_pauses

_S = NotificationState
TIMEOUTS = "".join(f'sms.{name}.timeout = "1s"\n' for name in ("mas", "mas2", "tencent", "aliyun"))
CODE, ALERT = NotificationKind.SIGN_IN_CODE, NotificationKind.PASSAGE_ALLOWED_OTHER
HELD = 1.5  # seconds, longer than the timeout


@dataclass(frozen=True)
class Provider:
    target: str
    kind: NotificationKind
    path: str


PROVIDERS = {
    "mas": Provider("sms.mas", ALERT, "/norsubmit"),
    "mas2": Provider("sms.mas2", ALERT, "/norsubmit"),
    "tencent": Provider("sms.tencent", CODE, "/"),
    "aliyun": Provider("sms.aliyun", CODE, "/aliyun-sms/"),
}
# fault, its value, how often it strikes (None: for ever) → state in the end, texts in the inbox
EVERYWHERE = [
    ("refuse", None, 1, _S.UNKNOWN, 0),
    ("timeout", HELD, 1, _S.UNKNOWN, 0),
    ("timeout_after_effect", HELD, 1, _S.UNKNOWN, 1),
    ("garbage", None, 1, _S.UNKNOWN, 0),
    ("slow", 0.2, 1, _S.SENT, 1),
]
MAS = [
    ("http_500", None, 1, _S.SENT, 1),
    ("http_500", None, None, _S.FAILED, 0),
    ("errcode", "IllegalMac", 2, _S.SENT, 1),
    ("errcode", "IllegalSignId", 2, _S.SENT, 1),
    ("errcode", "InvalidUsrOrPwd", 2, _S.SENT, 1),
    ("errcode", "NoSignId", 2, _S.SENT, 1),
    ("errcode", "InvalidMessage", None, _S.FAILED, 0),
    ("errcode", "TooManyMobiles", None, _S.FAILED, 0),
    ("errcode", "NeverHeardOf", None, _S.FAILED, 0),
]
TENCENT = [
    # The package does not say which 5xx it was: a proxy's may come after the effect.
    ("http_500", None, 1, _S.UNKNOWN, 0),
    ("errcode", "LimitExceeded.PhoneNumberThirtySecondLimit", 1, _S.SENT, 1),
    ("errcode", "LimitExceeded.PhoneNumberDailyLimit", None, _S.FAILED, 0),
    ("errcode", "RequestLimitExceeded", 1, _S.SENT, 1),
    ("errcode", "InternalError.Timeout", 1, _S.SENT, 1),
    ("errcode", "InternalError.OtherError", None, _S.FAILED, 0),
    ("errcode", "AuthFailure.SignatureFailure", 1, _S.SENT, 1),
    ("errcode", "UnauthorizedOperation.SmsSdkAppIdVerifyFail", 1, _S.SENT, 1),
    ("errcode", "FailedOperation.ContainSensitiveWord", None, _S.FAILED, 0),
    ("errcode", "InvalidParameterValue.IncorrectPhoneNumber", None, _S.FAILED, 0),
]
ALIYUN = [
    ("http_500", None, 1, _S.SENT, 1),
    ("errcode", "isv.BUSINESS_LIMIT_CONTROL", 1, _S.SENT, 1),
    ("errcode", "isv.DAY_LIMIT_CONTROL", None, _S.FAILED, 0),
    ("errcode", "isp.SYSTEM_ERROR", 1, _S.SENT, 1),
    ("errcode", "isv.SMS_TEMPLATE_ILLEGAL", 1, _S.SENT, 1),
    ("errcode", "isv.AMOUNT_NOT_ENOUGH", None, _S.EXPIRED, 0),
    ("errcode", "SignatureDoesNotMatch", 1, _S.SENT, 1),
    ("errcode", "isv.MOBILE_NUMBER_ILLEGAL", None, _S.FAILED, 0),
    ("errcode", "isv.BLACK_KEY_CONTROL_LIMIT", None, _S.FAILED, 0),
]
OWN = {"mas": MAS, "mas2": MAS, "tencent": TENCENT, "aliyun": ALIYUN}
DECK = [
    pytest.param(name, *row, id="-".join(str(part) for part in (name, *row[:3])))
    for name in PROVIDERS
    for row in [*EVERYWHERE, *OWN[name]]
]


@pytest.fixture
def start(database_url, shared_store_url, key_file, tmp_path, sandbox, clock):
    """An app with these providers only."""
    from models.database import db

    contexts = []

    def with_providers(*names: str, unreachable: str = "") -> OutboxWorld:
        make_settings(
            tmp_path,
            sandbox=sandbox,
            database_url=database_url,
            shared_store_url=shared_store_url,
            key_file=key_file,
            sms_providers=names,
            more=TIMEOUTS,
        )
        more = tmp_path / "more.toml"
        nowhere = f"http://127.0.0.1:{free_port()}"
        more.write_text(f'sms.{unreachable}.base_url = "{nowhere}"' if unreachable else "")
        settings = load_settings([EXAMPLE, tmp_path / "test.toml", more])
        app = create_app(settings, clock=clock)
        contexts.append(app.app_context())
        contexts[-1].push()
        return OutboxWorld(app.extensions["wxbackend"], sandbox, clock)

    yield with_providers
    for context in contexts:
        db.session.remove()
        db.engine.dispose()
        context.pop()


@pytest.mark.parametrize(("name", "kind", "value", "count", "state", "texts"), DECK)
def test_one_provider_fails_so(start, sandbox, name, kind, value, count, state, texts):
    world, provider = start(name), PROVIDERS[name]
    sandbox.fault(provider.target, kind, value=value, count=count)
    letter = sms(1, provider.kind)
    world.put([letter], valid_for=timedelta(minutes=5 if provider.kind is CODE else 24 * 60))
    (row,) = world.work_until_settled()
    assert (row.state, arrived(sandbox, "sms")[letter.address]) == (state, texts)
    if state is _S.UNKNOWN:
        assert world.calls(provider.target, provider.path) == 1


@pytest.mark.parametrize("name", ["mas", "tencent"])
def test_where_nobody_listens_nothing_was_sent(start, sandbox, name):
    world, provider = start(name, unreachable=name), PROVIDERS[name]
    world.put([sms(1, provider.kind)])
    (row,) = world.work_until_settled()
    usual = world.dependencies.policy.notifications.retry_pauses
    tries = 1 + len(retry_pauses(provider.kind, usual=usual))
    assert (row.state, row.attempts, row.last_answer) == (_S.FAILED, tries, "unreachable")


def test_a_code_leaves_by_the_next_where_nobody_listens(start, sandbox):
    world = start("tencent", "mas", unreachable="tencent")
    world.put([sms(1, CODE)], valid_for=timedelta(minutes=5))
    world.work()
    assert [message["provider"] for message in sandbox.messages(channel="sms")] == ["sms.mas"]
