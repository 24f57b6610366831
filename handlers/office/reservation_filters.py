"""The reservation list's filters: their fields, and what is asked for in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from flask import request

from handlers.context import dependencies
from handlers.office.lists import Condition, FilterFields, chips
from handlers.office.shell import here, member_with
from handlers.presentation import label, word
from wxbackend.domain.reservation import ReservationState
from wxbackend.domain.reservation_filter import OTHER_REASON
from wxbackend.domain.roles import Right
from wxbackend.services.office_frame import PlaceChoices, place_choices
from wxbackend.services.reservation_lists import enterprise_name

# A plate leads to a person as a name does, so it stays out of addresses too.
FIELDS = FilterFields(
    page="reservations",
    open=(
        *("basis", "first", "last", "state", "town", "checkpoint"),
        *("matched", "company", "enterprise", "reason", "corrected"),
    ),
    private=("plate", "name", "number"),
    sorts=("plate", "arrival", "decided"),
)
_DAYS = ("first", "last")
_TEXTS = ("company", "plate", "name", "number")


def conditions(values: Mapping[str, str], choices: PlaceChoices | None = None) -> list[Condition]:
    """The filter in words; a value that asks for nothing is none."""
    has_places = values["town"] or values["checkpoint"]
    places = choices or (place_choices() if has_places else PlaceChoices((), (), ()))
    words = {
        "state": label("reservation_state", _state(values["state"])),
        "town": _name(places.towns, values["town"]),
        "checkpoint": _name(places.checkpoints, values["checkpoint"]),
        "matched": _yes_or_no("matched", values),
        "enterprise": _enterprise(values["enterprise"]),
        "reason": _reason(values["reason"]),
        "corrected": _yes_or_no("corrected", values),
        **{name: values[name] for name in _TEXTS},
    }
    titled = [
        Condition(word(f"reservations.title.{name}"), text, (name,))
        for name, text in words.items()
        if text
    ]
    return [*_days(values), *titled]


def shown_chips(values: Mapping[str, str], choices: PlaceChoices) -> list[tuple[str, str, str]]:
    """What was asked for, each with the address without it; today, which nobody asked for, is none.

    Without its days or its enterprise the list goes on over all days, not back to today.
    """
    asked = conditions(values, choices)
    if not any(request.args.get(name) for name in _DAYS):
        asked = [one for one in asked if one.names != _DAYS]
    all_days = partial(here, basis=values["basis"])
    has_days = any(request.args.get(name) for name in _DAYS)
    own = {
        _DAYS: all_days(first="", last=""),
        ("enterprise",): here(enterprise="") if has_days else all_days(enterprise=""),
    }
    return [
        (title, words, own.get(one.names, address))
        for one, (title, words, address) in zip(asked, chips(FIELDS, asked), strict=True)
    ]


def _days(values: Mapping[str, str]) -> list[Condition]:
    first, last = values["first"], values["last"]
    if not first and not last:
        return []
    title = label("time_basis", values["basis"] or "arrival")
    words = word("reservations.days", first=first or "…", last=last or "…")
    return [Condition(title, first if first == last else words, _DAYS)]


def _state(text: str) -> str:
    return text if text in set(ReservationState) else ""


def _name(choices: Sequence[tuple[int, str]], key: str) -> str:
    return {str(row_id): name for row_id, name in choices}.get(key, "")


def _yes_or_no(name: str, values: Mapping[str, str]) -> str:
    if values[name] not in {"yes", "no"}:
        return ""
    short = dependencies().policy.district.short_name
    return word(f"reservations.{name}_{values[name]}", short=short)


def _reason(text: str) -> str:
    return word("reservations.other_reason") if text == OTHER_REASON else text


def _enterprise(public_id: str) -> str:
    """Its name; one outside the scope stays unnamed."""
    if not public_id:
        return ""
    scope = member_with(Right.VIEW_RESERVATIONS).scope
    return enterprise_name(scope, public_id) or word("reservations.one_enterprise")
