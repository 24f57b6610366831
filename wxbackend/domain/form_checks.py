"""What forms share: a parser per field, and an error for every wrong one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from wxbackend.domain.errors import InvalidForm, InvalidValue
from wxbackend.domain.identity_documents import IdentityDocument, parse_document, parse_id_type
from wxbackend.domain.moments import local_day
from wxbackend.domain.normalisation import clean_name, clean_text

Value = TypeVar("Value")
Choice = TypeVar("Choice", bound=StrEnum)


class FormChecks:
    """Runs a parser per field and collects what they refuse.

    After a refusal the field's value is None in spite of its type; `finish` raises before anybody
    can see it.
    """

    def __init__(self, raw: Mapping[str, str]) -> None:
        self.raw = raw
        self.errors: dict[str, InvalidValue] = {}

    def field(self, name: str, parse: Callable[[str], Value]) -> Value:
        try:
            return parse(self.raw.get(name, ""))
        except InvalidValue as error:
            self.errors[name] = error
            return None  # type: ignore[return-value]

    def optional(self, name: str, parse: Callable[[str], Value]) -> Value | None:
        return self.field(name, parse) if self.raw.get(name, "").strip() else None

    def document(self, type_field: str, number_field: str, *, on: datetime) -> IdentityDocument:
        id_type = self.field(type_field, lambda text: parse_id_type(text or "resident_id"))
        if id_type is None:
            return None  # type: ignore[unreachable]
        return self.field(
            number_field, lambda text: parse_document(id_type, text, on=local_day(on))
        )

    def finish(self) -> None:
        if self.errors:
            raise InvalidForm(self.errors)


def text_up_to(longest: int) -> Callable[[str], str]:
    def parse(text: str) -> str:
        clean = clean_text(text)
        if not clean:
            raise InvalidValue("text.missing")
        if len(clean) > longest:
            raise InvalidValue("text.too_long", longest=longest)
        return clean

    return parse


def choice_of(kind: type[Choice]) -> Callable[[str], Choice]:
    def parse(text: str) -> Choice:
        if not text:
            raise InvalidValue("choice.missing")
        try:
            return kind(text)
        except ValueError:
            raise InvalidValue("choice.unknown") from None

    return parse


def yes_or_no(text: str) -> bool:
    if not text:
        raise InvalidValue("choice.missing")
    if text not in {"yes", "no"}:
        raise InvalidValue("choice.unknown")
    return text == "yes"


def id_among(ids: frozenset[int]) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not text:
            raise InvalidValue("choice.missing")
        known = {str(number): number for number in ids}
        if text not in known:
            raise InvalidValue("choice.unknown")
        return known[text]

    return parse


def parse_name(text: str) -> str:
    """A person's name. Raises: InvalidValue."""
    name = clean_name(text)
    if not name:
        raise InvalidValue("name.missing")
    if not 2 <= len(name) <= 50 or any(char.isdigit() for char in name):
        raise InvalidValue("name.format")
    return name
