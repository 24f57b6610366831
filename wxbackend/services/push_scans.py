"""A code scanned from the account's menu: the verdict page's link, and no word about a person."""

from __future__ import annotations

from urllib.parse import urlsplit

from wxbackend.domain.gate import ScanMeans, ScanOutcome
from wxbackend.domain.pass_codes import read_scanned
from wxbackend.domain.pushes import Push
from wxbackend.domain.roles import Role
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.gate_views import show_scan
from wxbackend.services.push_replies import HOMES, Reader
from wxbackend.services.scans import Guard, TooManyUnknownCodes, UnknownCode, open_code
from wxbackend.services.shifts import current_shift


def reply_to_scan(dependencies: Dependencies, push: Push, reader: Reader) -> str:
    """Opens the code for staff on shift; to others it says nothing of what was scanned."""
    word = dependencies.gateways.wording.text
    gate = dependencies.public_base_url + HOMES[Role.CHECKPOINT]
    member = reader.visitor.member(Role.CHECKPOINT)
    if member is None:
        return word("wechat.scan.neutral", home=gate)
    shift = current_shift(dependencies, member)
    if shift is None or member.must_change_password:
        return word("wechat.scan.off_shift", home=gate)
    try:
        return _open(dependencies, push, Guard(member, shift), reader)
    except UnknownCode:
        return word("wechat.scan.unknown")
    except TooManyUnknownCodes as refusal:
        return word("wechat.scan.too_many", **refusal.facts)


def _open(dependencies: Dependencies, push: Push, guard: Guard, reader: Reader) -> str:
    own_host = urlsplit(dependencies.public_base_url).netloc
    code = read_scanned(push.part("ScanCodeInfo.ScanResult"), own_host=own_host)
    public_id = open_code(
        dependencies, guard, code, means=ScanMeans.SCANNER, actor=reader.actor(guard.member)
    )
    scan = show_scan(dependencies, guard, public_id)
    is_shown = scan.outcome is ScanOutcome.SHOWN
    key = scan.assessment.level.value if is_shown else "ended"
    page = f"{dependencies.public_base_url}{HOMES[Role.CHECKPOINT]}/scans/{public_id}"
    return dependencies.gateways.wording.text(f"wechat.scan.{key}", page=page)
