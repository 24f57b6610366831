"""A notification's one call to its provider."""

from __future__ import annotations

from dataclasses import replace

from models.outbox_claims import Claimed
from wxbackend.domain.notifications import MINI_PROGRAM, Answer, Channel, SendOutcome
from wxbackend.gateways.interfaces.messages import Card, MemberMessenger, ShortMessage, StoredFile
from wxbackend.gateways.interfaces.mini_program import MiniProgram, SubscribedMessage
from wxbackend.gateways.interfaces.wechat import TemplateMessage
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.sms_routing import Routed, send_sms


def call_provider(dependencies: Dependencies, letter: Claimed) -> Routed:
    """What came of the call, and who answered."""
    gateways = dependencies.gateways
    if letter.channel is Channel.SMS:
        facts = letter.content.get("facts", {})
        text = letter.content["text"]
        short = ShortMessage(letter.address, letter.kind, text, facts, letter.public_id)
        return send_sms(dependencies, short)
    if letter.channel is Channel.YUEZHENGYI:
        return Routed(_call_members(gateways.members, letter), letter.channel.value)
    if "program_page" in letter.content:
        return Routed(_call_program(gateways.mini_program, letter), MINI_PROGRAM)
    message = TemplateMessage(
        openid=letter.address,
        kind=letter.kind,
        facts=letter.content["facts"],
        url=letter.content["url"],
        reference=letter.public_id,
    )
    return Routed(gateways.wechat.send_template(message), letter.channel.value)


def _call_program(program: MiniProgram, letter: Claimed) -> SendOutcome:
    """For somebody who came through the mini-program, by the mini-program.

    Its set-up and its quota are its own: they must not hold the account's messages.
    """
    message = SubscribedMessage(
        openid=letter.address,
        kind=letter.kind,
        facts=letter.content["facts"],
        page=letter.content["program_page"],
    )
    outcome = program.send_subscribed(message)
    if outcome.answer in {Answer.CONFIGURATION, Answer.THROTTLED}:
        return replace(outcome, answer=Answer.TRANSIENT)
    return outcome


def _call_members(members: MemberMessenger, letter: Claimed) -> SendOutcome:
    content = letter.content
    if "url" in content:
        card = Card(content["title"], content["text"], content["url"], content["button"])
        return members.send_card(member_id=letter.address, card=card, reference=letter.id)
    if "stored_as" in content:
        file = StoredFile(content["stored_as"], content["file_name"])
        return members.send_file(member_id=letter.address, file=file, reference=letter.id)
    return members.send_text(member_id=letter.address, text=content["text"], reference=letter.id)
