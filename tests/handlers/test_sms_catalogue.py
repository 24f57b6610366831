"""Every kind of text that goes by SMS carries the facts that its registered templates need."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from models.database import reading, transaction
from models.enterprises import Lead
from models.notifications import Notification
from tests.browser import Browser
from tests.handlers.test_prepared_reservations import prepare
from tests.people import resident_id
from wxbackend.domain.notifications import Channel, NotificationKind
from wxbackend.domain.reservation import Verdict
from wxbackend.domain.sms_templates import SMS_FACTS
from wxbackend.gateways.aliyun_sms import MOST_CHARACTERS_OF_A_FACT
from wxbackend.services.leads import LeadLetters

Letters = Mapping[NotificationKind, Mapping[str, object]]


@pytest.fixture
def letters(story, office, lead: Browser) -> Letters:
    """One letter of every kind, written as the product writes it; the lead has had a code."""
    dependencies = story.dependencies
    story.employ(1, resident_id(1), "李某某")
    prepare(lead, story)
    lead.post(f"{lead.path}/sms")
    guard = story.guard()
    for verdict, reason in ((Verdict.ALLOWED, ""), (Verdict.DENIED, "健康码黄码")):
        reserved = story.reserve()
        story.decide(guard, story.scan(guard, reserved.token), verdict, reason)
    bureau = office("bureau")
    path = f"/office/reservations/{reserved.public_id}/correction"
    bureau.get(path)
    bureau.post(path, {"verdict": "allowed", "explanation": "误点。", "request_id": "a" * 32})
    with transaction() as session:
        writer = LeadLetters(dependencies.gateways.wording, dependencies.policy)
        row = session.query(Lead).one()
        writer.tell_replaced(
            session, row, phone="13900000009", enterprises=["顺达物流"], now=dependencies.clock()
        )
    with reading() as session:
        rows = session.query(Notification).filter(Notification.channel == Channel.SMS)
        return {row.kind: row.content for row in rows}


def test_each_kind_carries_its_facts_and_says_them(letters: Letters, settings):
    assert set(letters) == set(SMS_FACTS)
    for kind, names in SMS_FACTS.items():
        facts, text = letters[kind]["facts"], str(letters[kind]["text"])
        assert isinstance(facts, dict)
        for name in names:
            assert isinstance(facts[name], str), f"{kind}: {name}"
            assert facts[name], f"{kind}: {name}"
            assert facts[name] in text, f"{kind}: {name}"
    for kind, by_provider in settings.sms.templates.items():
        for provider, template in by_provider.items():
            facts = letters[kind]["facts"]
            most = MOST_CHARACTERS_OF_A_FACT
            assert template.takes(facts, most_characters=most), f"{kind} {provider}"
