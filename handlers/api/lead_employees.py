"""【员工管理】: the roster, and adding, editing and removing who stands on it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint
from pydantic import Field

from handlers.api.guards import enterprise_leads
from handlers.api.lead import PageOfEnterprise, chosen, page_of
from handlers.api.operations import operation
from handlers.api.record_shapes import FoundPage, shown_found
from handlers.api.shapes import Answer, Asked, Moment, PublicId, Text
from handlers.context import actor, dependencies, member_of
from handlers.guards import guarded
from wxbackend.domain.actors import Actor
from wxbackend.domain.employee_form import EmployeeSearch
from wxbackend.domain.identity_documents import IdType
from wxbackend.domain.listing import Page
from wxbackend.domain.roles import Role
from wxbackend.domain.scope import Scope
from wxbackend.services import employee_views, employees
from wxbackend.services.employee_views import EmployeeNumber, EmployeeView
from wxbackend.services.reservation_lookup import find_reservations_of_employee

blueprint = guarded(
    Blueprint("api_lead_employees", __name__, url_prefix="/api/v1/lead/employees"),
    enterprise_leads,
)


class EmployeeForm(Asked):
    name: Text
    id_type: IdType = IdType.RESIDENT_ID
    id_number: Text
    phone: Text
    plate_number: Text = ""
    position: Text = ""


class NewEmployee(EmployeeForm):
    """`enterprise` is needed by a lead of several."""

    enterprise: PublicId | None = None


class ChangedEmployee(EmployeeForm):
    """A number left empty stays; `version` is the one that was seen."""

    id_number: Text = ""
    phone: Text = ""
    version: Text


class EmployeeSearchForm(PageOfEnterprise):
    """`text` is a name's beginning, a part of a plate, or a number (whole, or its last four)."""

    text: Text = ""
    is_removed: bool = False


class NumberAsked(Asked):
    field: EmployeeNumber


class ClearNumber(Answer):
    number: str


class Employee(Answer):
    employee_id: PublicId = Field(validation_alias="public_id")
    name: str
    id_type: IdType
    id_number_masked: str
    phone_masked: str
    plate_number: str
    position: str
    enterprise_id: PublicId = Field(validation_alias="enterprise_public_id")
    enterprise_name: str
    created_at: Moment
    updated_at: Moment
    removed_at: Moment | None
    version: str


class EmployeePage(Answer):
    """`total` stops counting at 10,000."""

    employees: list[Employee]
    total: int
    page_count: int


class EmployeeAdded(Answer):
    """`is_back`: the person had been removed from this roster before."""

    employee_id: PublicId = Field(validation_alias="public_id")
    is_back: bool


@blueprint.get("")
@operation("The roster", query=PageOfEnterprise, gives=EmployeePage, refuses=(404,))
def index(query: PageOfEnterprise) -> dict[str, Any]:
    found = employee_views.find_employees(chosen(query).scope, EmployeeSearch(), page_of(query))
    return _page(found)


@blueprint.post("/search")
@operation("Search the roster", takes=EmployeeSearchForm, gives=EmployeePage, refuses=(404,))
def search(body: EmployeeSearchForm) -> dict[str, Any]:
    """A POST that changes nothing: names and numbers stand in no address."""
    wanted = EmployeeSearch(text=body.text, is_removed=body.is_removed)
    return _page(employee_views.find_employees(chosen(body).scope, wanted, page_of(body)))


@blueprint.post("")
@operation(
    "Add an employee",
    takes=NewEmployee,
    gives=EmployeeAdded,
    status=201,
    is_once=True,
    refuses=(404,),
)
def add(body: NewEmployee) -> object:
    return employees.add_employee(
        dependencies(),
        _scope(),
        body.enterprise or chosen(PageOfEnterprise()).current.public_id,
        body.model_dump(mode="json", exclude={"enterprise"}),
        actor=_actor(),
    )


@blueprint.get("/<employee_id>")
@operation("One employee", gives=Employee)
def show(employee_id: str) -> EmployeeView:
    return employee_views.show_employee(dependencies(), _scope(), employee_id, actor=_actor())


@blueprint.put("/<employee_id>")
@operation("Edit an employee", takes=ChangedEmployee, is_once=True)
def edit(employee_id: str, body: ChangedEmployee) -> None:
    employees.edit_employee(
        dependencies(),
        _scope(),
        employee_id,
        body.model_dump(mode="json", exclude={"version"}),
        version=body.version,
        actor=_actor(),
    )


@blueprint.delete("/<employee_id>")
@operation("Remove an employee", is_once=True)
def remove(employee_id: str) -> None:
    """The history stays."""
    employees.remove_employee(dependencies(), _scope(), employee_id, actor=_actor())


@blueprint.post("/<employee_id>/return")
@operation("Bring a removed employee back", is_once=True)
def bring_back(employee_id: str) -> None:
    employees.bring_back_employee(dependencies(), _scope(), employee_id, actor=_actor())


@blueprint.post("/<employee_id>/number")
@operation("Show one number in clear", takes=NumberAsked, gives=ClearNumber)
def reveal(employee_id: str, body: NumberAsked) -> dict[str, str]:
    """The look is audited."""
    clear = employee_views.reveal_employee_number(
        dependencies(), _scope(), employee_id, body.field, actor=_actor()
    )
    return {"number": clear}


@blueprint.get("/<employee_id>/reservations")
@operation("The employee's reservations", query=PageOfEnterprise, gives=FoundPage)
def reservations(employee_id: str, query: PageOfEnterprise) -> dict[str, Any]:
    return shown_found(
        find_reservations_of_employee(dependencies(), _scope(), employee_id, page_of(query))
    )


def _scope() -> Scope:
    return member_of(Role.ENTERPRISE).scope


def _actor() -> Actor:
    return actor(member_of(Role.ENTERPRISE))


def _page(found: Page[EmployeeView]) -> dict[str, Any]:
    return {"employees": found.rows, "total": found.counted, "page_count": found.page_count}
