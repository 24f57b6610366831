"""Every list that can be exported: words for its columns, no whole number in a masked file."""

from __future__ import annotations

import io
import re
import zipfile

import pytest

from handlers.office.exports import PAGES
from tests.people import ACTOR, resident_id
from wxbackend.domain.errors import InvalidForm
from wxbackend.domain.listing import PageRequest
from wxbackend.domain.roles import Role
from wxbackend.domain.scope import DistrictScope, TownScope
from wxbackend.gateways.wording import WordingCatalogue
from wxbackend.services.export_files import open_own_export
from wxbackend.services.export_tables import ExportOrder
from wxbackend.services.exports import EXPORT_LISTS, make_export
from wxbackend.services.visitors import Member
from wxbackend.wiring import WORDING_FOLDER

WORDING = WordingCatalogue(WORDING_FOLDER)
PHONES = ("13800005678", "13900000001")


@pytest.fixture
def filled(story):
    """Something in every list, all of it of 黄阁镇."""
    own = story.enterprise("黄阁甲物流有限公司", "黄阁镇", "13900000001")
    story.employ(own, resident_id(1), "黄某某")
    guard = story.guard()
    reserved = story.reserve(id_number=resident_id(1), name="黄某某")
    story.decide(guard, story.scan(guard, reserved.token))
    story.reserve(id_number=resident_id(1), name="黄某某")
    return story


def make(story, kind: str, scope, *, is_clear: bool = False, **values: str) -> bytes:
    """The text of a whole file, all columns."""
    page, found = PAGES[kind], EXPORT_LISTS[kind]
    member = Member(
        role=Role.BUREAU if isinstance(scope, DistrictScope) else Role.TOWN,
        account_id=story.guard().member.account_id,
        lead_id=None,
        account_name="test",
        display_name="何某某",
        place="",
        scope=scope,
        must_change_password=False,
    )
    empty = dict.fromkeys((*page.fields.open, *page.fields.private), "")
    order = ExportOrder(
        kind=kind,
        values={**empty, **values},
        order=PageRequest(),
        columns=[column.name for column in found.columns],
        is_clear=is_clear,
        reason="核对",
        conditions=[],
        open_values={},
    )
    made = make_export(story.dependencies, member, order, actor=ACTOR)
    file = open_own_export(story.dependencies, member, made.public_id, actor=ACTOR)
    archive = zipfile.ZipFile(io.BytesIO(b"".join(file.pieces)))
    return b"".join(archive.read(name) for name in archive.namelist())


def test_lists_and_pages_name_the_same():
    assert EXPORT_LISTS.keys() == PAGES.keys()


@pytest.mark.parametrize("kind", EXPORT_LISTS)
def test_every_column_has_its_header(kind):
    for name in ("title", "unit"):
        assert f"export.{kind}.{name}" in WORDING
    for column in EXPORT_LISTS[kind].columns:
        assert f"export.{kind}.column.{column.name}" in WORDING


@pytest.mark.parametrize("kind", EXPORT_LISTS)
def test_a_masked_file_holds_nobodys_number(filled, kind):
    content = make(filled, kind, DistrictScope()).decode()
    assert "****" in content
    for number in (resident_id(1), *PHONES):
        assert number not in content


@pytest.mark.parametrize("kind", EXPORT_LISTS)
def test_a_clear_file_holds_them_as_text(filled, kind):
    content = make(filled, kind, DistrictScope(), is_clear=True).decode()
    assert any(number in content for number in (resident_id(1), *PHONES))
    assert not re.search(r"<v>[0-9]{11,}</v>", content)
    assert "<f>" not in content


@pytest.mark.parametrize("kind", EXPORT_LISTS)
def test_another_town_takes_nothing_of_it(filled, kind):
    other = TownScope(filled.district.town_ids["大岗镇"])
    with pytest.raises(InvalidForm) as refused:
        make(filled, kind, other)
    assert refused.value.errors["range"].code == "export.nothing"
