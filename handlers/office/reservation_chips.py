"""The conditions of the reservation list in words, each with the address without it."""

from __future__ import annotations

from collections.abc import Mapping

from flask import request

from handlers.context import dependencies
from handlers.office.shell import here
from handlers.presentation import label, word
from wxbackend.domain.reservation import ReservationState
from wxbackend.domain.reservation_filter import OTHER_REASON
from wxbackend.services.office_frame import PlaceChoices

Chip = tuple[str, str, str]
_PRIVATE = ("plate", "name", "number")


def chips_of(values: Mapping[str, str], choices: PlaceChoices, *, enterprise: str) -> list[Chip]:
    """(title, words, address); none while only the days of a fresh list are set."""
    chips = [*_days(values), *_chosen(values, choices)]
    if values["company"]:
        chips.append((_title("company"), values["company"], here(company="")))
    if values["enterprise"]:
        words = enterprise or word("reservations.one_enterprise")
        chips.append((_title("enterprise"), words, _without_enterprise()))
    asked = [f"{_title(name)} {values[name]}" for name in _PRIVATE if values[name]]
    if asked:
        # They stand together behind one id, so they go together.
        chips.append((_title("person"), word("reservations.and").join(asked), here(f="")))
    return chips


def _days(values: Mapping[str, str]) -> list[Chip]:
    first, last = values["first"], values["last"]
    if not (first or last) or not (request.args.get("first") or request.args.get("last")):
        return []
    title = label("time_basis", values["basis"])
    words = word("reservations.days", first=first or "…", last=last or "…")
    one = first if first == last else words
    return [(title, one, here(first="", last="", basis=values["basis"]))]


def _chosen(values: Mapping[str, str], choices: PlaceChoices) -> list[Chip]:
    towns = {str(key): name for key, name in choices.towns}
    checkpoints = {str(key): name for key, name in choices.checkpoints}
    words = {
        "state": label("reservation_state", values["state"])
        if values["state"] in set(ReservationState)
        else "",
        "town": towns.get(values["town"], ""),
        "checkpoint": checkpoints.get(values["checkpoint"], ""),
        "matched": _one_of("matched", values),
        "reason": word("reservations.other_reason")
        if values["reason"] == OTHER_REASON
        else values["reason"],
        "corrected": _one_of("corrected", values),
    }
    return [(_title(name), text, here(**{name: ""})) for name, text in words.items() if text]


def _one_of(name: str, values: Mapping[str, str]) -> str:
    return matching_word(name, values[name]) if values[name] in {"yes", "no"} else ""


def matching_word(name: str, value: str) -> str:
    """南沙企业, 非南沙企业, 有更正, 无更正: the words of a yes-or-no choice."""
    return word(f"reservations.{name}_{value}", short=dependencies().policy.district.short_name)


def _title(name: str) -> str:
    return word(f"reservations.title.{name}")


def _without_enterprise() -> str:
    """The same list of everybody; all days stay all days."""
    has_days = request.args.get("first") or request.args.get("last")
    return here(enterprise="", basis=request.args.get("basis") or ("" if has_days else "arrival"))
