"""Lists on the phone: one search field, and pages that follow one another."""

from __future__ import annotations

from dataclasses import replace

from handlers.office.lists import Asked, FilterFields, read_asked
from wxbackend.domain.errors import NotFound
from wxbackend.domain.listing import PageRequest
from wxbackend.services.employee_views import EmployeeNumber
from wxbackend.services.visitors import Member

PAGE_SIZE = 25
SEARCH = "q"  # names and numbers: it never stands in an address


def fields_of(page: str, *others: str) -> FilterFields:
    """A list's filters; `others` may stand in the address."""
    return FilterFields(page, open=others, private=(SEARCH,))


def read_list(fields: FilterFields, member: Member) -> Asked:
    """What this GET asks for; the phone's pages have one size and one order."""
    asked = read_asked(fields, member)
    return replace(asked, page=PageRequest(number=asked.page.number, size=PAGE_SIZE))


def chosen_number(text: str) -> EmployeeNumber:
    """Which number 【显示】 asks for. Raises: NotFound."""
    try:
        return EmployeeNumber(text)
    except ValueError:
        raise NotFound from None
