"""What the receipts of all SMS providers have in common, however carelessly they are written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from wxbackend.domain.moments import DISTRICT_TIME

_MOBILE = re.compile(r"(?:\+?86)?(1[3-9]\d{9})")
_MOMENTS = ("%Y-%m-%d %H:%M:%S", "%Y%m%d%H%M%S")
_LONGEST_CODE = 60


def text_of(item: Mapping[str, Any], *names: str) -> str:
    """The first of these fields that says something, without what no database can hold."""
    for name in names:
        value = item.get(name)
        if isinstance(value, str | int) and not isinstance(value, bool) and value != "":
            return "".join(filter(str.isprintable, str(value))).strip()
    return ""


def code_of(item: Mapping[str, Any], *names: str) -> str:
    """A provider's word, without what could be a person's number."""
    words = re.sub(r"[^\w:.^-]+", " ", text_of(item, *names))
    return re.sub(r"\d{7,}", "*", words)[:_LONGEST_CODE].strip()


def phone_of(item: Mapping[str, Any], name: str) -> str | None:
    match = _MOBILE.fullmatch(text_of(item, name))
    return match[1] if match else None


def moment_of(item: Mapping[str, Any], name: str) -> datetime | None:
    """A local time in one of the providers' two ways of writing."""
    for form in _MOMENTS:
        try:
            local = datetime.strptime(text_of(item, name), form).replace(tzinfo=DISTRICT_TIME)
            return local.astimezone(UTC)
        except (ValueError, OverflowError):
            continue
    return None
