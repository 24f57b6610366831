"""短信通道 in the back office: who sees it, what it says, and what an admin decides."""

from __future__ import annotations

import pytest

from models.audit import AuditEntry
from models.database import reading, transaction
from models.sms_providers import add_call
from tests.browser import Browser
from tests.configuration import make_settings
from wxbackend.domain.notifications import Answer, NotificationKind
from wxbackend.domain.sms_failover import SmsCall
from wxbackend.gateways.interfaces.messages import ShortMessage
from wxbackend.services.sms_health import leave_failing, recover_providers
from wxbackend.services.sms_routing import send_sms

PAGE = "/office/sms-providers"
ALERT = ShortMessage("13900000001", NotificationKind.LEAD_REPLACED, "测试短信", {})


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
def admin(office) -> Browser:
    return office("admin")


def audited() -> list[tuple[str, str]]:
    with reading() as session:
        query = session.query(AuditEntry).filter(AuditEntry.object_kind == "sms_provider")
        return [(row.action, row.object_id) for row in query.order_by(AuditEntry.id)]


def let_fail(dependencies, answer: Answer = Answer.TRANSIENT) -> None:
    now = dependencies.clock()
    with transaction() as session:
        for _ in range(5):
            add_call(session, provider="mas", at=now, is_good=False, seconds=1.5)
    leave_failing(dependencies, [SmsCall("mas", answer, 1.5)])


def test_each_provider_with_its_calls_and_why_it_was_left(office, dependencies):
    let_fail(dependencies)
    bureau = office("bureau")
    bureau.get(PAGE)
    row = bureau.text.partition("2. 移动云MAS")[2].partition("3. 移动云MAS（备用）")[0]
    for words in ("暂停使用", "0%", "至少 5 次失败", "后再试", "1.50 秒", "100.0%"):
        assert words in row, row
    assert "100% → 0%" in bureau.text.partition("最近调整")[2]
    assert "停用</button>" not in bureau.page


def test_the_admin_stops_a_provider_and_restores_it(admin, dependencies, sandbox, clock):
    admin.get(PAGE)
    admin.post(f"{PAGE}/mas/stop")
    assert "已停用移动云MAS" in admin.text
    assert send_sms(dependencies, ALERT).provider == "mas2"
    clock.advance(minutes=20)
    assert recover_providers(dependencies) == 0, "only a person brings it back"
    admin.post(f"{PAGE}/mas/restore")
    assert "已恢复移动云MAS" in admin.text
    assert send_sms(dependencies, ALERT).provider == "mas"
    assert audited() == [("stop_sms_provider", "mas"), ("restore_sms_provider", "mas")]
    admin.get(PAGE)
    assert "人工恢复" in admin.text
    assert "人工停用" in admin.text


def test_a_second_tap_changes_and_audits_nothing(admin):
    admin.get(PAGE)
    for _ in range(2):
        admin.post(f"{PAGE}/mas/stop")
    admin.get(PAGE)
    assert audited() == [("stop_sms_provider", "mas")]


def test_with_every_provider_stopped_the_text_waits(admin, dependencies, sandbox):
    admin.get(PAGE)
    for name in ("mas", "mas2"):
        admin.post(f"{PAGE}/{name}/stop")
    answered = send_sms(dependencies, ALERT)
    assert (answered.outcome.answer, answered.outcome.code) == (
        Answer.CONFIGURATION,
        "all_stopped",
    )
    assert sandbox.messages(channel="sms") == []


def test_a_provider_left_by_itself_is_restored_by_hand(admin, dependencies):
    let_fail(dependencies, Answer.CONFIGURATION)
    admin.get(PAGE)
    assert "服务商拒绝我方参数" in admin.text
    admin.post(f"{PAGE}/mas/restore")
    admin.get(PAGE)
    assert audited() == [("restore_sms_provider", "mas")]
    assert "暂停使用" not in admin.text.partition("最近调整")[0]


def test_a_provider_that_is_not_in_use_is_not_found(admin):
    admin.get(PAGE)
    for name in ("aliyun", "nobody"):
        admin.post(f"{PAGE}/{name}/stop")
        assert admin.status == 404
