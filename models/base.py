"""The declared database: the base of all tables, and the column types they share."""

from __future__ import annotations

import base64
import json
import secrets
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import (
    CursorResult,
    DateTime,
    Delete,
    Dialect,
    Enum,
    LargeBinary,
    MetaData,
    Update,
)
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

from wxbackend.domain.keys import KeyRing


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


def new_public_id() -> str:
    """128 random bits in 26 small letters and digits: an id that may stand in an address."""
    return base64.b32encode(secrets.token_bytes(16)).decode("ascii").rstrip("=").lower()


def changed_rows(session: Session, statement: Delete | Update) -> int:
    """Run an UPDATE or DELETE; how many rows its condition met is the answer to a race."""
    result = cast("CursorResult[Any]", session.execute(statement))
    return result.rowcount


class UtcDateTime(TypeDecorator[datetime]):
    """A moment: aware going in, UTC in the database, aware coming out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def enum_column(kind: type[StrEnum]) -> Enum:
    """An enum stored by value, with a CHECK constraint."""
    return Enum(
        kind,
        native_enum=False,
        create_constraint=True,
        length=40,
        values_callable=lambda members: [member.value for member in members],
        name=kind.__name__.lower(),
    )


def use_key_ring(dialect: Dialect, key_ring: KeyRing) -> None:
    """Give one engine's encrypted columns their keys (each engine has a dialect of its own)."""
    dialect.wxbackend_key_ring = key_ring  # type: ignore[attr-defined]


def _key_ring(dialect: Dialect) -> KeyRing:
    return cast(KeyRing, dialect.wxbackend_key_ring)  # type: ignore[attr-defined]


class EncryptedText(TypeDecorator[str]):
    """Text that only the application can read; `purpose` ties a ciphertext to its column."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, purpose: str) -> None:
        super().__init__()
        self.purpose = purpose

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        if value is None:
            return None
        return _key_ring(dialect).encrypt(value.encode(), purpose=self.purpose)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        return _key_ring(dialect).decrypt(value, purpose=self.purpose).decode()


class EncryptedJson(TypeDecorator[Any]):
    """A JSON value that only the application can read."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, purpose: str) -> None:
        super().__init__()
        self.purpose = purpose

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:
        if value is None:
            return None
        text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return _key_ring(dialect).encrypt(text.encode(), purpose=self.purpose)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        return json.loads(_key_ring(dialect).decrypt(value, purpose=self.purpose))


class KeyedHash(TypeDecorator[Any]):
    """The search column beside an encrypted one: bound as clear text, stored as its keyed hash.

    A column to column comparison compares hashes; a comparison with text hashes the text first.
    `last` keeps only the last characters, for a search by the end of a number.
    """

    impl = LargeBinary
    cache_ok = True

    def __init__(self, purpose: str, last: int | None = None) -> None:
        super().__init__()
        self.purpose = purpose
        self.last = last

    def process_bind_param(self, value: str | bytes | None, dialect: Dialect) -> bytes | None:
        if value is None or isinstance(value, bytes):
            return value
        text = value if self.last is None else value[-self.last :]
        return _key_ring(dialect).keyed_hash(text, purpose=self.purpose)


# The purposes of hashes that are compared across tables.
ID_NUMBER = "id_number"
PHONE = "phone"
