"""The district's own copies of the two health registers, and how far each reaches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import String, UniqueConstraint, select, tuple_
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import ID_NUMBER, Base, EncryptedText, KeyedHash, UtcDateTime, enum_column
from models.scope import visible
from wxbackend.domain.nucleic_acid import NucleicAcidResult
from wxbackend.domain.scope import Scope


class NucleicAcidTestRow(Base):
    """One test. A person has one result a moment; a later import may correct it."""

    __tablename__ = "nucleic_acid_test"
    __table_args__ = (UniqueConstraint("id_number_hash", "tested_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    id_number: Mapped[str] = mapped_column(EncryptedText("nucleic_acid_test.id_number"))
    id_number_hash: Mapped[str | bytes] = mapped_column(KeyedHash(ID_NUMBER))
    tested_at: Mapped[datetime] = mapped_column(UtcDateTime)
    result: Mapped[NucleicAcidResult] = mapped_column(enum_column(NucleicAcidResult))
    name: Mapped[str] = mapped_column(String(50), default="")
    sampled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    agency: Mapped[str] = mapped_column(String(100), default="")


class VaccinationRow(Base):
    __tablename__ = "vaccination"
    __table_args__ = (UniqueConstraint("id_number_hash", "dose_number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    id_number: Mapped[str] = mapped_column(EncryptedText("vaccination.id_number"))
    id_number_hash: Mapped[str | bytes] = mapped_column(KeyedHash(ID_NUMBER))
    dose_number: Mapped[int]
    vaccinated_on: Mapped[date]
    name: Mapped[str] = mapped_column(String(50), default="")
    manufacturer: Mapped[str] = mapped_column(String(100), default="")


class Register(StrEnum):
    NUCLEIC_ACID = "nucleic_acid"
    VACCINATION = "vaccination"


class RegisterStatus(Base):
    """How current a register is: the newest moment its data speak of, and the last import."""

    __tablename__ = "register_status"

    register: Mapped[Register] = mapped_column(enum_column(Register), primary_key=True)
    data_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    imported_at: Mapped[datetime] = mapped_column(UtcDateTime)


def list_tests_of_people(
    session: Session, scope: Scope, id_numbers: Iterable[str]
) -> dict[str, list[NucleicAcidTestRow]]:
    """The tests of these people, newest first."""
    numbers = list(dict.fromkeys(id_numbers))
    query = (
        select(NucleicAcidTestRow)
        .where(NucleicAcidTestRow.id_number_hash.in_(numbers), visible(scope, NucleicAcidTestRow))
        .order_by(NucleicAcidTestRow.tested_at.desc())
    )
    found: dict[str, list[NucleicAcidTestRow]] = {number: [] for number in numbers}
    for row in session.scalars(query):
        found[row.id_number].append(row)
    return found


def list_vaccinations_of_people(
    session: Session, scope: Scope, id_numbers: Iterable[str]
) -> dict[str, list[VaccinationRow]]:
    numbers = list(dict.fromkeys(id_numbers))
    query = select(VaccinationRow).where(
        VaccinationRow.id_number_hash.in_(numbers), visible(scope, VaccinationRow)
    )
    found: dict[str, list[VaccinationRow]] = {number: [] for number in numbers}
    for row in session.scalars(query):
        found[row.id_number].append(row)
    return found


def find_register_status(session: Session, register: Register) -> RegisterStatus | None:
    return session.get(RegisterStatus, register)


def find_tests(
    session: Session, scope: Scope, keys: Iterable[tuple[str, datetime]]
) -> dict[tuple[str, datetime], NucleicAcidTestRow]:
    """Tests by (identity number, moment): what an import meets."""
    key = tuple_(NucleicAcidTestRow.id_number_hash, NucleicAcidTestRow.tested_at)
    query = select(NucleicAcidTestRow).where(
        key.in_(list(keys)), visible(scope, NucleicAcidTestRow)
    )
    return {(row.id_number, row.tested_at): row for row in session.scalars(query)}


def find_vaccinations(
    session: Session, scope: Scope, keys: Iterable[tuple[str, int]]
) -> dict[tuple[str, int], VaccinationRow]:
    """Vaccinations by (identity number, dose): what an import meets."""
    key = tuple_(VaccinationRow.id_number_hash, VaccinationRow.dose_number)
    query = select(VaccinationRow).where(key.in_(list(keys)), visible(scope, VaccinationRow))
    return {(row.id_number, row.dose_number): row for row in session.scalars(query)}


def with_search_column(row: Mapping[str, Any]) -> dict[str, Any]:
    """A new test or vaccination, with the search column beside the number; the table hashes it."""
    return {**row, "id_number_hash": row["id_number"]}


def note_register_import(
    session: Session, register: Register, *, data_until: datetime | None, imported_at: datetime
) -> None:
    """Remember an import; an older file never takes the register's moment back."""
    status = session.get(RegisterStatus, register, with_for_update=True)
    if status is None:
        status = RegisterStatus(register=register, data_until=None, imported_at=imported_at)
        session.add(status)
    moments = [moment for moment in (status.data_until, data_until) if moment is not None]
    status.data_until = max(moments, default=None)
    status.imported_at = imported_at
    session.flush()
