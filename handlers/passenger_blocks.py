"""The buttons inside a reservation form, for browsers without scripts: a passenger more or less."""

from __future__ import annotations

from collections.abc import Mapping

from wxbackend.domain.reservation_form import passenger_field, passenger_numbers


def without_passenger(raw: Mapping[str, str], number: str) -> dict[str, str]:
    gone = f"passengers-{number}-"
    return {name: text for name, text in raw.items() if not name.startswith(gone)}


def with_passenger(raw: Mapping[str, str]) -> dict[str, str]:
    number = max(passenger_numbers(raw), default=-1) + 1
    return {**raw, passenger_field(number, "name"): ""}
