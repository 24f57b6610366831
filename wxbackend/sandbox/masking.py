"""Names and numbers with their middle hidden."""

from __future__ import annotations


def mask_name(name: str) -> str:
    """The first character and, of three or more, the last."""
    if len(name) <= 1:
        return "*"
    return name[0] + "*" * (len(name) - 2) + (name[-1] if len(name) > 2 else "*")


def mask_id_number(number: str) -> str:
    """Four characters at each end; nothing of a number too short for that."""
    shown = 4
    if len(number) <= 2 * shown:
        return "*" * len(number)
    return number[:shown] + "*" * (len(number) - 2 * shown) + number[-shown:]
