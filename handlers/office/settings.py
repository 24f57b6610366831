"""参数设置: the numbers that an office may set on a page."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from handlers.context import actor, dependencies
from handlers.guards import guarded
from handlers.office.shell import member_with, office_members
from handlers.presentation import label, word
from wxbackend.domain.errors import InvalidForm, InvalidValue
from wxbackend.domain.roles import Right
from wxbackend.services import office_settings

blueprint = guarded(
    Blueprint("office_settings", __name__, url_prefix="/office/settings"),
    office_members(Right.MANAGE_SYSTEM),
)


@blueprint.get("")
def index() -> ResponseReturnValue:
    return _page()


@blueprint.post("")
def change() -> ResponseReturnValue:
    member, typed = member_with(Right.MANAGE_SYSTEM), request.form.to_dict()
    try:
        changed = office_settings.change_numbers(
            dependencies(), typed, account_id=member.account_id, actor=actor(member)
        )
    except InvalidForm as wrong:
        return _page(typed, wrong.errors), 422
    flash(word("settings.saved", count=changed) if changed else word("settings.unchanged"), "ok")
    return redirect(url_for("office_settings.index"), 303)


@blueprint.post("/<key>/default")
def restore(key: str) -> ResponseReturnValue:
    member = member_with(Right.MANAGE_SYSTEM)
    office_settings.restore_number(dependencies(), key, actor=actor(member))
    flash(word("settings.restored", name=label("office_number", key)), "ok")
    return redirect(url_for("office_settings.index"), 303)


def _page(
    typed: Mapping[str, str] | None = None, errors: Mapping[str, InvalidValue] | None = None
) -> str:
    return render_template(
        "office/settings/index.html",
        numbers=office_settings.show_numbers(dependencies()),
        typed=typed or {},
        errors=errors or {},
    )
