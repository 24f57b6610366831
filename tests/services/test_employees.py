"""Rosters: one person once per enterprise, inside the scope, nothing lost and everything told."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from models.audit import AuditEntry, AuditPersonalPart
from models.database import reading
from models.employees import Employee
from models.enterprises import Enterprise
from tests.people import ACTOR, resident_id
from wxbackend.domain.employee_form import EmployeeSearch
from wxbackend.domain.errors import Forbidden, InvalidForm, NotFound
from wxbackend.domain.listing import PageRequest
from wxbackend.domain.scope import DistrictScope, EnterpriseScope, TownScope
from wxbackend.services.employee_views import (
    EmployeeNumber,
    find_employees,
    reveal_employee_number,
    show_employee,
)
from wxbackend.services.employees import (
    add_employee,
    bring_back_employee,
    edit_employee,
    remove_employee,
)

FORM = {
    "name": " 李 某某",
    "id_type": "resident_id",
    "id_number": resident_id(1).lower(),
    "phone": "138 0000 5678",
    "plate_number": "粤a·8k652",
    "position": "司机",
}
PAGE = PageRequest(size=25)


@pytest.fixture
def own(story) -> int:
    return story.enterprise("广州顺达物流有限公司", "黄阁镇", "13900000001")


@pytest.fixture
def other(story) -> int:
    return story.enterprise("广东海湾运输有限公司", "东涌镇", "13900000002")


@pytest.fixture
def scope(own) -> EnterpriseScope:
    return EnterpriseScope(frozenset({own}))


def address_of(enterprise_id: int) -> str:
    with reading() as session:
        row = session.get(Enterprise, enterprise_id)
        assert row is not None
        return row.public_id


def add(story, scope, enterprise_id, **changes):
    return add_employee(
        story.dependencies, scope, address_of(enterprise_id), {**FORM, **changes}, actor=ACTOR
    )


def edit(story, scope, public_id, *, version="", **changes):
    version = version or show(story, scope, public_id).version
    edit_employee(
        story.dependencies, scope, public_id, {**FORM, **changes}, version=version, actor=ACTOR
    )


def show(story, scope, public_id):
    return show_employee(story.dependencies, scope, public_id, actor=ACTOR)


def names(scope, **search) -> list[str]:
    return [row.name for row in find_employees(scope, EmployeeSearch(**search), PAGE).rows]


def entries(action: str) -> list[tuple[dict[str, object], dict[str, object]]]:
    """(facts, personal part) of every audit entry of this action."""
    with reading() as session:
        query = (
            select(AuditEntry, AuditPersonalPart)
            .outerjoin(AuditPersonalPart, AuditPersonalPart.entry_id == AuditEntry.id)
            .where(AuditEntry.action == action)
            .order_by(AuditEntry.id)
        )
        return [
            (entry.details, part.content if part else {}) for entry, part in session.execute(query)
        ]


def test_what_is_typed_is_normalised_and_shown_masked(story, scope, own):
    added = add(story, scope, own)
    seen = show(story, scope, added.public_id)
    assert (seen.name, seen.plate_number, seen.position) == ("李某某", "粤A8K652", "司机")
    assert seen.id_number_masked == f"{resident_id(1)[:4]}**********{resident_id(1)[-4:]}"
    assert seen.phone_masked == "138****5678"
    assert len(entries("view_employee")) == 1


def test_every_wrong_field_is_named_at_once(story, scope, own):
    with pytest.raises(InvalidForm) as wrong:
        add(
            story,
            scope,
            own,
            name="",
            id_number="123",
            phone="1",
            plate_number="x",
            position="长" * 21,
        )
    assert set(wrong.value.errors) == {"name", "id_number", "phone", "plate_number", "position"}


def test_a_person_stands_on_a_roster_once(story, scope, own):
    add(story, scope, own)
    with pytest.raises(InvalidForm) as wrong:
        add(story, scope, own, name="李某")
    assert wrong.value.errors["id_number"].code == "employee.taken"


def test_two_enterprises_may_employ_one_person(story, own, other):
    add(story, DistrictScope(), own)
    add(story, DistrictScope(), other)
    assert names(DistrictScope()) == ["李某某", "李某某"]


def test_adding_somebody_who_was_removed_brings_them_back(story, scope, own):
    first = add(story, scope, own)
    remove_employee(story.dependencies, scope, first.public_id, actor=ACTOR)
    again = add(story, scope, own, phone="13900001111")
    assert again.public_id == first.public_id
    assert again.is_back
    assert names(scope) == ["李某某"]
    assert names(scope, number="1111") == ["李某某"]


def test_removing_keeps_the_row_and_twice_is_once(story, scope, own):
    public_id = add(story, scope, own).public_id
    for _ in range(2):
        remove_employee(story.dependencies, scope, public_id, actor=ACTOR)
    assert names(scope) == []
    assert names(scope, is_removed=True) == ["李某某"]
    assert len(entries("remove_employee")) == 1
    bring_back_employee(story.dependencies, scope, public_id, actor=ACTOR)
    assert names(scope) == ["李某某"]


def test_a_number_left_empty_stays(story, scope, own):
    public_id = add(story, scope, own).public_id
    edit(story, scope, public_id, id_number="", phone="", position="押运员")
    assert show(story, scope, public_id).position == "押运员"
    assert reveal(story, scope, public_id, EmployeeNumber.ID_NUMBER) == resident_id(1)
    assert reveal(story, scope, public_id, EmployeeNumber.PHONE) == "13800005678"


def reveal(story, scope, public_id, number):
    return reveal_employee_number(story.dependencies, scope, public_id, number, actor=ACTOR)


def test_a_look_at_a_clear_number_is_audited(story, scope, own):
    public_id = add(story, scope, own).public_id
    reveal(story, scope, public_id, EmployeeNumber.PHONE)
    ((facts, personal),) = entries("reveal_number")
    assert facts == {"field": "phone"}
    assert personal == {}


def test_an_edit_tells_before_and_after_apart_from_the_facts(story, scope, own):
    public_id = add(story, scope, own).public_id
    edit(story, scope, public_id, phone="13900001111", id_number="")
    ((facts, personal),) = entries("edit_employee")
    assert facts == {"enterprise_id": own, "fields": ["phone"]}
    assert personal == {"before": {"phone": "13800005678"}, "after": {"phone": "13900001111"}}
    assert names(scope, number="1111") == ["李某某"]
    assert names(scope, number="5678") == []


def test_the_second_of_two_editors_is_told(story, scope, own):
    public_id = add(story, scope, own).public_id
    version = show(story, scope, public_id).version
    edit(story, scope, public_id, version=version, position="一")
    with pytest.raises(InvalidForm) as wrong:
        edit(story, scope, public_id, version=version, position="二")
    assert set(wrong.value.errors) == {"version"}
    assert show(story, scope, public_id).position == "一"


def test_an_edit_cannot_take_another_persons_number(story, scope, own):
    add(story, scope, own)
    second = add(story, scope, own, id_number=resident_id(2)).public_id
    with pytest.raises(InvalidForm) as wrong:
        edit(story, scope, second, id_number=resident_id(1))
    assert wrong.value.errors["id_number"].code == "employee.taken"


@pytest.mark.parametrize(
    "search",
    [
        {"name": "李"},
        {"plate": "8k6"},
        {"plate": "粤A·8K652"},
        {"number": resident_id(1)},
        {"number": resident_id(1)[-4:]},
        {"number": "5678"},
        {"text": "李某"},
        {"text": "8K65"},
        {"text": "5678"},
    ],
)
def test_a_search_finds_by_name_plate_and_number(story, scope, own, search):
    add(story, scope, own)
    add(
        story,
        scope,
        own,
        name="王某",
        id_number=resident_id(20),
        phone="13711110000",
        plate_number="",
    )
    assert names(scope, **search) == ["李某某"]


@pytest.mark.parametrize(
    "search", [{"name": "某"}, {"name": "%"}, {"plate": "_"}, {"number": "567"}]
)
def test_a_search_finds_nothing_else(story, scope, own, search):
    add(story, scope, own)
    assert names(scope, **search) == []


def test_nothing_of_another_enterprise_can_be_reached(story, scope, own, other):
    theirs = add(story, DistrictScope(), other).public_id
    assert find_employees(scope, EmployeeSearch(), PAGE).total == 0
    assert names(scope, enterprise_id=other) == []
    calls = [
        lambda: show(story, scope, theirs),
        lambda: reveal(story, scope, theirs, EmployeeNumber.PHONE),
        lambda: remove_employee(story.dependencies, scope, theirs, actor=ACTOR),
        lambda: bring_back_employee(story.dependencies, scope, theirs, actor=ACTOR),
        lambda: edit(story, scope, theirs, version="1"),
        lambda: add(story, scope, other),
    ]
    for call in calls:
        with pytest.raises(NotFound):
            call()


def test_a_town_looks_and_does_not_touch(story, own):
    public_id = add(story, DistrictScope(), own).public_id
    town = TownScope(story.district.town_ids["黄阁镇"])
    assert names(town) == ["李某某"]
    with pytest.raises(Forbidden):
        remove_employee(story.dependencies, town, public_id, actor=ACTOR)
    with pytest.raises(Forbidden):
        add(story, town, own)


def test_a_disabled_enterprise_takes_nobody(story, own):
    story.execute(f"UPDATE enterprise SET disabled_at = updated_at WHERE id = {own}")
    with pytest.raises(InvalidForm):
        add(story, DistrictScope(), own)
    with reading() as session:
        assert session.query(Employee).count() == 0
