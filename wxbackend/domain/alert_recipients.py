"""Alert recipients: whose lists there are, and the form of one recipient."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from wxbackend.domain.errors import InvalidValue
from wxbackend.domain.form_checks import FormChecks, text_up_to
from wxbackend.domain.normalisation import clean_text, without_invisibles
from wxbackend.domain.phones import parse_mobile

RECIPIENT_FIELDS = ("name", "member_id", "phone", "drop_phone")
# Letters, digits and _-.@, beginning with a letter or digit: `@all` and `a|b` name many.
# Source: WeCom, fields of a member (userid: 1 to 64 bytes).
_MEMBER_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z_.@-]{0,63}")
_TOWN_KEY = re.compile(r"town-([1-9][0-9]{0,8})")


class Audience(StrEnum):
    TOWN = "town"
    BUREAU = "bureau"
    TASK_FORCE = "task_force"


@dataclass(frozen=True, slots=True)
class AlertList:
    """One list of recipients; `key` stands in addresses: town-3, bureau, task_force."""

    audience: Audience
    town_id: int | None = None

    @property
    def key(self) -> str:
        return self.audience.value if self.town_id is None else f"town-{self.town_id}"


def read_list_key(key: str) -> AlertList | None:
    """The list of an address; None for nonsense."""
    if found := _TOWN_KEY.fullmatch(key):
        return AlertList(Audience.TOWN, int(found[1]))
    if key in {Audience.BUREAU.value, Audience.TASK_FORCE.value}:
        return AlertList(Audience(key))
    return None


@dataclass(frozen=True, slots=True)
class RecipientForm:
    name: str
    member_id: str
    phone: str | None


@dataclass(frozen=True, slots=True)
class RecipientChange:
    """`member_id` and `phone` are None where they stay as they are: pages need not show them."""

    name: str
    member_id: str | None
    phone: str | None
    drops_phone: bool


def parse_recipient(raw: Mapping[str, str]) -> RecipientForm:
    """Raises: InvalidForm."""
    check = FormChecks(raw)
    form = RecipientForm(
        name=check.field("name", _parse_name),
        member_id=check.field("member_id", parse_member_id),
        phone=check.optional("phone", parse_mobile),
    )
    check.finish()
    return form


def parse_recipient_change(raw: Mapping[str, str]) -> RecipientChange:
    """Raises: InvalidForm."""
    check = FormChecks(raw)
    change = RecipientChange(
        name=check.field("name", _parse_name),
        member_id=check.optional("member_id", parse_member_id),
        phone=check.optional("phone", parse_mobile),
        drops_phone=bool(raw.get("drop_phone")),
    )
    check.finish()
    return change


def parse_member_id(text: str) -> str:
    """A 粤政易 account as it is written there: its case is kept. Raises: InvalidValue."""
    member_id = clean_text(_half_width(text)).replace(" ", "")
    if not member_id:
        raise InvalidValue("member_id.missing")
    if not _MEMBER_ID.fullmatch(member_id):
        raise InvalidValue("member_id.format")
    return member_id


def _parse_name(text: str) -> str:
    if not clean_text(text):
        raise InvalidValue("name.missing")
    return text_up_to(50)(text)


def _half_width(text: str) -> str:
    wide = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
    return without_invisibles(text).translate(wide)
