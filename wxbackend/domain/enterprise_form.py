"""Forms of an enterprise and of its leads: raw texts in, checked values out; and the list's filter.

The checks are the import's. Source: product.md section 7.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from wxbackend.domain.credit_codes import parse_credit_code
from wxbackend.domain.form_checks import FormChecks, id_among, parse_name, text_up_to
from wxbackend.domain.normalisation import clean_code
from wxbackend.domain.phones import parse_mobile

ENTERPRISE_FIELDS = ("name", "credit_code", "town", "address", "kind", "remark")
LEAD_FIELDS = ("lead_name", "lead_phone")
LONGEST_REASON = 100
_STATES = {"active": True, "disabled": False}
_YES_OR_NO = {"yes": True, "no": False}


@dataclass(frozen=True, slots=True)
class EnterpriseForm:
    name: str
    credit_code: str
    town_id: int
    address: str
    kind: str
    remark: str


@dataclass(frozen=True, slots=True)
class LeadForm:
    name: str
    phone: str


@dataclass(frozen=True, slots=True)
class EnterpriseFilter:
    """What the list is asked for; everything empty asks for all.

    `text` is a part of the name or of the credit code; `lead_name` a beginning; `lead_phone` a
    whole number or its last four.
    """

    text: str = ""
    town_id: int | None = None
    is_active: bool | None = None
    kind: str = ""
    has_passages: bool | None = None
    lead_name: str = ""
    lead_phone: str = ""


def filter_of(values: Mapping[str, str]) -> EnterpriseFilter:
    """What the list's filter fields ask for; a value that is none of the choices asks nothing."""
    town = values["town"]
    return EnterpriseFilter(
        text=values["name"],
        town_id=int(town) if town.isascii() and town.isdecimal() and len(town) < 10 else None,
        is_active=_STATES.get(values["state"]),
        kind=values["business"],
        has_passages=_YES_OR_NO.get(values["passages"]),
        lead_name=values["lead"],
        lead_phone=clean_code(values["phone"]),
    )


def parse_enterprise(raw: Mapping[str, str], *, town_ids: frozenset[int]) -> EnterpriseForm:
    """Raises: InvalidForm with an error for every wrong field."""
    check = FormChecks(raw)
    form = _enterprise(check, town_ids)
    check.finish()
    return form


def parse_new_enterprise(
    raw: Mapping[str, str], *, town_ids: frozenset[int]
) -> tuple[EnterpriseForm, LeadForm]:
    """An enterprise and its first lead. Raises: InvalidForm."""
    check = FormChecks(raw)
    form, lead = _enterprise(check, town_ids), _lead(check)
    check.finish()
    return form, lead


def parse_lead(raw: Mapping[str, str]) -> LeadForm:
    """Raises: InvalidForm."""
    check = FormChecks(raw)
    lead = _lead(check)
    check.finish()
    return lead


def parse_lead_change(raw: Mapping[str, str]) -> tuple[str, str | None]:
    """The lead's name, and a new phone number where one was typed. Raises: InvalidForm."""
    check = FormChecks(raw)
    name = check.field("lead_name", parse_name)
    phone = check.optional("lead_phone", parse_mobile)
    check.finish()
    return name, phone


def parse_reason(raw: Mapping[str, str]) -> str:
    """Why an enterprise is disabled or enabled. Raises: InvalidForm."""
    check = FormChecks(raw)
    reason = check.field("reason", text_up_to(LONGEST_REASON))
    check.finish()
    return reason


def parse_town(raw: Mapping[str, str], *, town_ids: frozenset[int]) -> int:
    """Raises: InvalidForm."""
    check = FormChecks(raw)
    town_id = check.field("town", id_among(town_ids))
    check.finish()
    return town_id


def _enterprise(check: FormChecks, town_ids: frozenset[int]) -> EnterpriseForm:
    return EnterpriseForm(
        name=check.field("name", text_up_to(100)),
        credit_code=check.field("credit_code", parse_credit_code),
        town_id=check.field("town", id_among(town_ids)),
        address=check.optional("address", text_up_to(200)) or "",
        kind=check.optional("kind", text_up_to(40)) or "",
        remark=check.optional("remark", text_up_to(200)) or "",
    )


def _lead(check: FormChecks) -> LeadForm:
    return LeadForm(
        name=check.field("lead_name", parse_name), phone=check.field("lead_phone", parse_mobile)
    )
