"""The office that uploads files in tests: who may, the files they have, and the tables after."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook
from sqlalchemy import func, select

from models.accounts import find_account
from models.database import reading
from models.enterprises import EnterpriseLead
from tests.imports.desk import HEADERS
from tests.people import ACTOR, credit_code, resident_id
from tests.stories import Story
from wxbackend.domain.import_columns import ImportKind
from wxbackend.domain.roles import Role
from wxbackend.domain.scope import DistrictScope, EnterpriseScope, Scope
from wxbackend.services import upload_views, uploads
from wxbackend.services.accounts import NewAccount, create_account
from wxbackend.services.upload_views import UploadView
from wxbackend.services.uploads import NewUpload
from wxbackend.services.visitors import Member

TESTS, EMPLOYEES = ImportKind.NUCLEIC_ACID_TESTS, ImportKind.EMPLOYEES
ENTERPRISES = ImportKind.ENTERPRISES


def workbook(rows: Sequence[Sequence[Any]]) -> bytes:
    book, made = Workbook(write_only=True), io.BytesIO()
    sheet = book.create_sheet()
    for row in rows:
        sheet.append(list(row))
    book.save(made)
    return made.getvalue()


def rows_of(content: bytes) -> list[tuple[Any, ...]]:
    """The values of a downloaded workbook."""
    book = load_workbook(io.BytesIO(content))
    return [tuple(row) for row in book.active.iter_rows(values_only=True)]


def file_of(kind: ImportKind, rows: Sequence[Sequence[Any]], *, width: int | None = None) -> bytes:
    return workbook([HEADERS[kind][:width], *rows])


def results_file(*results: str) -> bytes:
    """A test a row, each of another person."""
    rows = [[resident_id(n), "2022-04-20 08:05", one] for n, one in enumerate(results, 1)]
    return file_of(TESTS, rows, width=3)


class Office:
    def __init__(self, story: Story, folder: Path) -> None:
        self.story = story
        self.dependencies = story.dependencies
        self.folder = folder
        self._accounts = 0

    def bureau(self) -> Member:
        return self._member(Role.BUREAU, DistrictScope())

    def town(self) -> Member:
        return self._member(Role.TOWN, DistrictScope(), place="黄阁镇")

    def lead(self, *enterprise_ids: int) -> Member:
        with reading() as session:
            lead_id = session.scalar(
                select(EnterpriseLead.lead_id).where(
                    EnterpriseLead.enterprise_id == enterprise_ids[0]
                )
            )
        scope = EnterpriseScope(frozenset(enterprise_ids))
        return Member(Role.ENTERPRISE, None, lead_id, "", "负责人", "", scope, False)

    def _member(self, role: Role, scope: Scope, place: str = "") -> Member:
        self._accounts += 1
        name = f"{role.value}{self._accounts}"
        create_account(
            self.dependencies,
            NewAccount(name, role, "何某某", place),
            must_change=False,
            actor=ACTOR,
        )
        with reading() as session:
            account = find_account(session, name)
            assert account is not None
            return Member(role, account.id, None, name, "何某某", place, scope, False)

    def upload(
        self, member: Member, kind: ImportKind, content: bytes, name: str = "a.xlsx", **more: str
    ) -> UploadView:
        new = NewUpload(kind, name, content, **more)
        public_id = uploads.receive(self.dependencies, member, new, actor=ACTOR)
        return self.show(member, public_id)

    def show(self, member: Member, public_id: str) -> UploadView:
        return upload_views.show_upload(self.dependencies, member, public_id)

    def confirm(self, member: Member, view: UploadView) -> UploadView:
        uploads.confirm(self.dependencies, member, view.public_id, actor=ACTOR)
        return self.show(member, view.public_id)

    def leave(self, member: Member, view: UploadView) -> UploadView:
        uploads.leave(self.dependencies, member, view.public_id, actor=ACTOR)
        return self.show(member, view.public_id)

    def wrong_rows(self, member: Member, view: UploadView) -> bytes:
        found = uploads.wrong_rows(self.dependencies, member, view.public_id, actor=ACTOR)
        return found.content

    def count(self, table: type[Any]) -> int:
        with reading() as session:
            return session.scalar(select(func.count()).select_from(table)) or 0

    def all(self, table: type[Any]) -> list[Any]:
        with reading() as session:
            rows = list(session.scalars(select(table).order_by(table.id)))
            session.expunge_all()
            return rows

    def stored_files(self) -> list[Path]:
        return [path for path in (self.folder / "files").rglob("*") if path.is_file()]


def employee_row(number: int, enterprise: int = 1) -> list[Any]:
    phone = f"138{number:08}"
    return [credit_code(enterprise), "李某某", resident_id(number), phone, None, "粤A12345", "司机"]
