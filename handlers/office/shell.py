"""What the back office's pages share: who may open them, the menu, and drawers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from flask import Flask, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from handlers.context import dependencies, keep_session, visitor
from handlers.guards import Check
from handlers.office.columns import hidden_columns, with_column_turned
from handlers.refusals import refuse
from wxbackend.domain.roles import Right, may
from wxbackend.services.job_views import jobs_stand_still
from wxbackend.services.office_frame import Frame, office_frame
from wxbackend.services.visitors import Member, open_anonymous_session, set_return_path

_SAFE_METHODS = {"GET", "HEAD"}


@dataclass(frozen=True, slots=True)
class MenuItem:
    """`endpoint` is the page, `key` its wording under `office.menu`.

    Nobody's work begins at a page that `is_aside`.
    """

    key: str
    endpoint: str
    icon: str
    right: Right
    is_aside: bool = False

    @property
    def blueprint(self) -> str:
        return self.endpoint.rpartition(".")[0]


# Groups as they stand in the menu; one that holds nothing for the visitor is left out.
MENU: tuple[tuple[str, tuple[MenuItem, ...]], ...] = (
    ("", (MenuItem("home", "office_home.home", "speedometer2", Right.VIEW_HOME),)),
    (
        "trucks",
        (
            MenuItem("enterprises", "office_enterprises.index", "building", Right.VIEW_ENTERPRISES),
            MenuItem("drivers", "office_drivers.index", "person-vcard", Right.VIEW_DRIVERS),
            MenuItem("reservations", "office_reservations.index", "truck", Right.VIEW_RESERVATIONS),
        ),
    ),
    (
        "messages",
        (
            MenuItem(
                "notifications", "office_notifications.index", "send", Right.VIEW_NOTIFICATIONS
            ),
            MenuItem(
                "digests", "office_digests.index", "file-earmark-text", Right.VIEW_NOTIFICATIONS
            ),
            MenuItem(
                "sms_providers",
                "office_sms_providers.index",
                "broadcast-pin",
                Right.VIEW_SMS_PROVIDERS,
                is_aside=True,
            ),
        ),
    ),
    (
        "data",
        (
            MenuItem("imports", "office_imports.index", "database-up", Right.MANAGE_EMPLOYEES),
            MenuItem("exports", "office_exports.index", "box-arrow-down", Right.EXPORT),
        ),
    ),
    (
        "audit",
        (
            MenuItem("audit", "office_audit.index", "journal-text", Right.READ_AUDIT),
            MenuItem("all_exports", "office_audit.exports", "box-arrow-down", Right.READ_AUDIT),
            MenuItem("sign_ins", "office_sign_ins.index", "key", Right.READ_AUDIT),
        ),
    ),
    (
        "system",
        (
            MenuItem("accounts", "office_accounts.index", "people", Right.MANAGE_SYSTEM),
            MenuItem("places", "office_places.index", "geo-alt", Right.MANAGE_SYSTEM),
            MenuItem("settings", "office_settings.index", "sliders", Right.MANAGE_SYSTEM),
            MenuItem(
                "wechat_connections",
                "office_wechat_connections.index",
                "wechat",
                Right.MANAGE_SYSTEM,
            ),
            MenuItem("jobs", "office_jobs.index", "clock-history", Right.VIEW_JOBS),
            MenuItem("sign_ins", "office_sign_ins.index", "key", Right.MANAGE_SYSTEM),
        ),
    ),
)


def office_members(right: Right) -> Check:
    """A guard: somebody signed in who has this right."""

    def check() -> ResponseReturnValue | None:
        member = find_member(right)
        if member is None:
            return refuse("forbidden", 403) if visitor().members else _to_sign_in()
        if member.must_change_password:
            return redirect(url_for("account.password_form"))
        return None

    check.__name__ = f"office_members_{right.value}"
    return check


def find_member(right: Right) -> Member | None:
    return next((one for one in visitor().members if may(one.role, right)), None)


def member_with(right: Right) -> Member:
    """The visitor as the member who has this right; the guard of the blueprint has made sure.

    Raises: LookupError.
    """
    member = find_member(right)
    if member is None:
        raise LookupError(right)
    return member


def _to_sign_in() -> ResponseReturnValue:
    """To the sign-in page of the PC, and afterwards back to where this request was going."""
    if request.headers.get("HX-Request"):
        answer = redirect(url_for("office_sign_in.password_form"))
        answer.status_code, answer.headers["HX-Redirect"] = 200, answer.location or "/"
        return answer
    path = request.full_path.rstrip("?") if request.method in _SAFE_METHODS else None
    if visitor().session_id is None:
        deps = dependencies()
        keep_session(
            open_anonymous_session(
                return_path=path or "", now=deps.clock(), policy=deps.policy.sign_in
            )
        )
    else:
        set_return_path(visitor(), path)
    return redirect(url_for("office_sign_in.password_form"))


def first_page() -> str:
    """Where the visitor's work in the back office begins: the menu's first page of their own."""
    own = (item for _, items in menu() for item in items if not item.is_aside)
    first = next(own, None)
    return url_for(first.endpoint if first else "ports.home")


def menu() -> list[tuple[str, list[MenuItem]]]:
    groups = [
        (group, [item for item in items if find_member(item.right) is not None])
        for group, items in MENU
    ]
    return [(group, items) for group, items in groups if items]


def is_part() -> bool:
    """Whether only a part of a page is asked for: a drawer over the list that is open."""
    return request.headers.get("HX-Target") == "over"


def frame() -> Frame:
    """What surrounds the page, asked for once a request."""
    if "office_frame" not in g:
        g.office_frame = office_frame(dependencies())
    return cast(Frame, g.office_frame)


def register_office(app: Flask) -> None:
    """The names that the back office's templates use."""
    names: dict[str, Callable[..., object]] = {
        "office_menu": menu,
        "office_frame": frame,
        "office_member": lambda: next(iter(visitor().members), None),
        "has_right": lambda name: find_member(Right(name)) is not None,
        "is_part": is_part,
        "jobs_stand_still": lambda: jobs_stand_still(dependencies()),
        "digest_times": lambda: dependencies().policy.digests.times,
        "here": here,
        "hidden_columns": hidden_columns,
        "with_column_turned": with_column_turned,
    }
    app.jinja_env.globals.update(names)


def here(**changes: object) -> str:
    """The address of this page with other arguments; another filter begins at page one again."""
    arguments: dict[str, object] = {**request.args.to_dict(flat=True), **changes}
    for passing in {"page", "columns"} - changes.keys():
        arguments.pop(passing, None)
    kept = {name: value for name, value in arguments.items() if value not in (None, "")}
    return url_for(request.endpoint or "ports.home", **{**(request.view_args or {}), **kept})
