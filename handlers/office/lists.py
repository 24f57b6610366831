"""What a list page was asked for: filters, sorting and paging, in the address or behind an id."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from handlers.context import dependencies
from handlers.office.columns import HIDE
from handlers.office.shell import here
from wxbackend.domain.listing import COUNTED_ROWS, PAGE_SIZES, PageRequest
from wxbackend.services.saved_filters import load_filter, save_filter
from wxbackend.services.visitors import Member

_LONGEST_VALUE = 100
_FILTER = "f"
_WITHOUT = "without"  # private fields that were taken out of the filter behind the id


@dataclass(frozen=True, slots=True)
class FilterFields:
    """A page's filters: `open` ones stand in the address; `private` ones name people, and never do.

    `sorts` are the columns that may be sorted by.
    """

    page: str
    open: tuple[str, ...]
    private: tuple[str, ...] = ()
    sorts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """`values` has every filter field, empty where nothing was asked for."""

    values: Mapping[str, str]
    page: PageRequest


def read_asked(fields: FilterFields, member: Member) -> Asked:
    """What this address asks for; nonsense in an address asks for nothing."""
    values = {name: _clean(request.args.get(name, "")) for name in fields.open}
    values |= dict.fromkeys(fields.private, "")
    filter_id = request.args.get(_FILTER, "")[:40]
    if filter_id:
        kept = load_filter(dependencies(), member, fields.page, filter_id)
        left_out = _left_out()
        values |= {name: kept.get(name, "") for name in fields.private if name not in left_out}
    return Asked(values, _page_request(fields))


def to_list(
    fields: FilterFields, member: Member, endpoint: str, **path: str
) -> ResponseReturnValue:
    """Answer a posted filter form: the list's address, with people's names and numbers left out.

    `path` fills the placeholders of the endpoint's own path.
    """
    form = {name: _clean(request.form.get(name, "")) for name in (*fields.open, *fields.private)}
    address = {name: form[name] for name in fields.open if form[name]}
    private = {name: form[name] for name in fields.private if form[name]}
    if private:
        address[_FILTER] = save_filter(dependencies(), member, fields.page, private)
    for name in ("sort", "size", HIDE):
        if kept := _clean(request.form.get(name, "")):
            address[name] = kept
    return redirect(url_for(endpoint, **path, **address), 303)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Condition:
    """A filter that is in use, in words: 所属镇街, 黄阁镇. `names` are its fields."""

    title: str
    words: str
    names: tuple[str, ...]


def chips(fields: FilterFields, conditions: Sequence[Condition]) -> list[tuple[str, str, str]]:
    """For the macro `applied`: each condition with the address of the list without it."""
    return [
        (condition.title, condition.words, _address_without(fields, condition, conditions))
        for condition in conditions
    ]


def _address_without(
    fields: FilterFields, condition: Condition, conditions: Sequence[Condition]
) -> str:
    changes: dict[str, object] = {name: "" for name in condition.names if name in fields.open}
    private = {name for name in condition.names if name in fields.private}
    if private:
        others = {name for other in conditions if other != condition for name in other.names}
        is_last = not others & set(fields.private)
        changes[_FILTER] = "" if is_last else request.args.get(_FILTER, "")
        changes[_WITHOUT] = "" if is_last else ",".join(sorted(_left_out() | private))
    return here(**changes)


def _left_out() -> set[str]:
    return set(request.args.get(_WITHOUT, "").split(",")) - {""}


def list_arguments(fields: FilterFields) -> dict[str, str]:
    """What this address says of the list: drawers and dialogs carry it, to lead back to it."""
    names = (*fields.open, _FILTER, _WITHOUT, "sort", "size", HIDE, "page")
    return {name: request.args[name] for name in names if request.args.get(name)}


def lead_on(address: str) -> ResponseReturnValue:
    """After a form: on to another page, also for a form in a drawer over a list."""
    answer = redirect(address, 303)
    if request.headers.get("HX-Request"):
        answer.status_code, answer.headers["HX-Redirect"] = 200, address
    return answer


def _page_request(fields: FilterFields) -> PageRequest:
    size = request.args.get("size", PAGE_SIZES[0], type=int)
    size = size if size in PAGE_SIZES else PAGE_SIZES[0]
    sort = request.args.get("sort", "")
    is_descending = sort.startswith("-")
    sort = sort.removeprefix("-")
    most = COUNTED_ROWS // size
    return PageRequest(
        number=min(max(1, request.args.get("page", 1, type=int)), most),
        size=size,
        sort=sort if sort in fields.sorts else "",
        is_descending=is_descending,
    )


def _clean(value: str) -> str:
    return "".join(char for char in value if char.isprintable()).strip()[:_LONGEST_VALUE]
