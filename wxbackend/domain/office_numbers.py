"""The numbers an office may change on a page: their units and bounds, and where they apply."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from wxbackend.domain.errors import InvalidValue
from wxbackend.domain.policy import Policy

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class OfficeNumber:
    """One number: whole, from `least` to `most`; `unit` names its word."""

    key: str
    unit: str
    least: int
    most: int
    read: Callable[[Policy], int]
    write: Callable[[Policy, int], Policy]

    def parse(self, text: str) -> int:
        """Raises: InvalidValue."""
        if not (text.isascii() and text.isdigit() and len(text) <= 4):
            raise InvalidValue("setting.number")
        value = int(text)
        if not self.allows(value):
            raise InvalidValue("setting.bounds", least=self.least, most=self.most)
        return value

    def allows(self, value: object) -> bool:
        return type(value) is int and self.least <= value <= self.most


OFFICE_NUMBERS = (
    OfficeNumber(
        "bookable_ahead",
        "days",
        1,
        30,
        lambda policy: policy.reservation.bookable_ahead // _DAY,
        lambda policy, value: replace(
            policy, reservation=replace(policy.reservation, bookable_ahead=value * _DAY)
        ),
    ),
    OfficeNumber(
        "valid_after_arrival",
        "hours",
        1,
        72,
        lambda policy: policy.reservation.valid_after_arrival // _HOUR,
        lambda policy, value: replace(
            policy, reservation=replace(policy.reservation, valid_after_arrival=value * _HOUR)
        ),
    ),
    OfficeNumber(
        "most_passengers",
        "people",
        0,
        5,  # as many as the database holds
        lambda policy: policy.reservation.most_passengers,
        lambda policy, value: replace(
            policy, reservation=replace(policy.reservation, most_passengers=value)
        ),
    ),
    OfficeNumber(
        "shift",
        "hours",
        1,
        24,
        lambda policy: policy.gate.shift // _HOUR,
        lambda policy, value: replace(policy, gate=replace(policy.gate, shift=value * _HOUR)),
    ),
    OfficeNumber(
        "register_fresh_for",
        "hours",
        1,
        168,
        lambda policy: policy.gate.register_fresh_for // _HOUR,
        lambda policy, value: replace(
            policy, gate=replace(policy.gate, register_fresh_for=value * _HOUR)
        ),
    ),
)


def with_office_numbers(policy: Policy, values: Mapping[str, object]) -> Policy:
    """The policy with the office's numbers over it; an unknown or wild one changes nothing."""
    for number in OFFICE_NUMBERS:
        value = values.get(number.key)
        if number.allows(value):
            policy = number.write(policy, value)  # type: ignore[arg-type]
    return policy
