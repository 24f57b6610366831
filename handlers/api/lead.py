"""The lead's enterprises, and which of them a call is about."""

from __future__ import annotations

from typing import Annotated

from flask import Blueprint
from pydantic import Field

from handlers.api.guards import enterprise_leads
from handlers.api.operations import operation
from handlers.api.shapes import Answer, Asked, PublicId
from handlers.context import dependencies, member_of
from handlers.guards import guarded
from wxbackend.domain.listing import PageRequest
from wxbackend.domain.reservation import Verdict
from wxbackend.domain.roles import Role
from wxbackend.services.lead_views import ChosenEnterprise, choose_enterprise, lead_day

blueprint = guarded(Blueprint("api_lead", __name__, url_prefix="/api/v1/lead"), enterprise_leads)

PAGE_SIZE = 25


class AboutEnterprise(Asked):
    """`enterprise` is needed by a lead of several; the first one without it."""

    enterprise: PublicId | None = None


class PageOfEnterprise(AboutEnterprise):
    page: Annotated[int, Field(ge=1, le=400)] = 1


class Enterprise(Answer):
    enterprise_id: PublicId = Field(validation_alias="public_id")
    name: str
    town: str


class Enterprises(Answer):
    enterprises: list[Enterprise]


class LeadDay(Answer):
    """`counts` are today's passages by verdict."""

    employee_count: int
    not_passed_count: int
    reservation_count: int
    counts: dict[Verdict, int]


@blueprint.get("/enterprises")
@operation("The lead's enterprises", gives=Enterprises)
def enterprises() -> dict[str, object]:
    return {"enterprises": choose_enterprise(member_of(Role.ENTERPRISE).scope).every}


@blueprint.get("/day")
@operation("Today in figures", query=AboutEnterprise, gives=LeadDay, refuses=(404,))
def day(query: AboutEnterprise) -> object:
    return lead_day(dependencies(), chosen(query).scope)


def chosen(query: AboutEnterprise) -> ChosenEnterprise:
    """Raises: NotFound."""
    return choose_enterprise(member_of(Role.ENTERPRISE).scope, query.enterprise or "")


def page_of(query: PageOfEnterprise) -> PageRequest:
    return PageRequest(number=query.page, size=PAGE_SIZE)
