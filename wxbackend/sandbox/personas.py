"""The people who can hold the phone."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock
from typing import Any

OPENID = re.compile(r"[A-Za-z0-9_-]{6,64}")
TEXT_FIELDS = ("nickname", "name", "id_number", "phone", "note", "yuezhengyi_userid")
LONGEST_TEXT = 100


class PersonaError(ValueError):
    """What is wrong with a person's particulars, for the one who sent them."""


@dataclass(frozen=True)
class Persona:
    openid: str
    nickname: str = ""
    name: str = ""
    id_number: str = ""
    phone: str = ""
    subscribed: bool = True
    note: str = ""
    yuezhengyi_userid: str = ""

    def changed(self, fields: dict[str, Any]) -> Persona:
        """The person with the given fields; the others stay.

        Raises:
            PersonaError: a field is unknown, not a text, too long, or `subscribed` is no boolean.
        """
        unknown = set(fields) - {*TEXT_FIELDS, "subscribed", "openid"}
        if unknown:
            raise PersonaError(f"unknown field {sorted(unknown)[0]}")
        for name in TEXT_FIELDS:
            value = fields.get(name, "")
            if not isinstance(value, str) or len(value) > LONGEST_TEXT:
                raise PersonaError(f"{name} must be a text of at most {LONGEST_TEXT} characters")
        if not isinstance(fields.get("subscribed", True), bool):
            raise PersonaError("subscribed must be true or false")
        return replace(self, **{k: v for k, v in fields.items() if k != "openid"})


class PersonaBook:
    """Everybody, in the order in which they came."""

    def __init__(self, personas: list[Persona]) -> None:
        self._personas = {persona.openid: persona for persona in personas}
        self._lock = Lock()

    def find(self, openid: str | None) -> Persona | None:
        return self._personas.get(openid or "")

    def everyone(self) -> list[Persona]:
        with self._lock:
            return list(self._personas.values())

    def put(self, openid: str, fields: dict[str, Any]) -> Persona:
        """Add a person, or change the given fields of one.

        Raises:
            PersonaError: see `Persona.changed`; or the openid is not one.
        """
        if not OPENID.fullmatch(openid):
            raise PersonaError("openid must be 6 to 64 letters, digits, - or _")
        with self._lock:
            before = self._personas.get(openid, Persona(openid))
            persona = before.changed(fields)
            if not persona.name:
                raise PersonaError("name is missing")
            persona = replace(persona, nickname=persona.nickname or persona.name)
            self._personas[openid] = persona
        return persona

    def remove(self, openid: str) -> bool:
        with self._lock:
            return self._personas.pop(openid, None) is not None


def read_personas(file: Path) -> PersonaBook:
    """The people in a JSON list.

    Raises:
        PersonaError: the file is not such a list.
    """
    try:
        rows = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise PersonaError(f"{file} is not JSON: {error}") from error
    book = PersonaBook([])
    if not isinstance(rows, list):
        raise PersonaError(f"{file} is not a JSON list")
    for row in rows:
        if not isinstance(row, dict):
            raise PersonaError(f"{file} holds something that is not a person")
        book.put(str(row.get("openid", "")), row)
    return book
