"""How numbers are shown to those who need not see them whole; an unknown form shows nothing."""

from __future__ import annotations

import re


def mask_id_number(number: str) -> str:
    """`4401**********1234`; shorter documents keep one character in front and two behind."""
    if not re.fullmatch(r"[0-9A-Z]{8,20}", number):
        return "*" * len(number)
    head, tail = (4, 4) if len(number) >= 15 else (1, 2)
    return number[:head] + "*" * (len(number) - head - tail) + number[-tail:]


def mask_phone(number: str) -> str:
    """`138****5678`."""
    if not re.fullmatch(r"[0-9]{11}", number):
        return "*" * len(number)
    return f"{number[:3]}****{number[-4:]}"


def mask_member_id(member_id: str) -> str:
    """`zh****n` of a 粤政易 account; one that is a phone number looks like one."""
    if re.fullmatch(r"1[0-9]{10}", member_id):
        return mask_phone(member_id)
    if not re.fullmatch(r"[0-9A-Za-z_.@-]{5,64}", member_id):
        return "*" * len(member_id)
    return f"{member_id[:2]}****{member_id[-1]}"
