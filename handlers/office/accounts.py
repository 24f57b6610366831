"""账号: who signs in with a password, and what an admin does about them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from handlers.context import actor, dependencies
from handlers.guards import guarded
from handlers.office.lists import FilterFields, read_asked, to_list
from handlers.office.shell import member_with, office_members
from handlers.presentation import word
from wxbackend.domain.actors import Actor
from wxbackend.domain.errors import InvalidForm, InvalidValue, NotFound
from wxbackend.domain.roles import ACCOUNT_ROLES, Right, Role
from wxbackend.services import account_changes, account_views, accounts
from wxbackend.services.account_changes import AccountChange
from wxbackend.services.accounts import NewAccount
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.office_frame import place_choices
from wxbackend.services.visitors import Member

blueprint = guarded(
    Blueprint("office_accounts", __name__, url_prefix="/office/accounts"),
    office_members(Right.MANAGE_SYSTEM),
)

FILTERS = FilterFields(
    "accounts",
    open=("role", "state", "place"),
    private=("name", "display_name"),
    sorts=("name", "display_name", "role", "created"),
)
STATES = ("active", "disabled", "first_password", "bound")
# In the order of the forms' list; an account of a driver does not exist.
ROLES = tuple(role for role in Role if role in ACCOUNT_ROLES)
_PLACE_FIELDS = {Role.CHECKPOINT: "checkpoint", Role.TOWN: "town", Role.ENTERPRISE: "phone"}
_FIELDS = ("name", "display_name", "role", "checkpoint", "town", "phone")


def _switch_on(deps: Dependencies, public_id: str, *, actor: Actor) -> None:
    account_changes.switch_account(deps, public_id, is_active=True, actor=actor)


def _switch_off(deps: Dependencies, public_id: str, *, actor: Actor) -> None:
    account_changes.switch_account(deps, public_id, is_active=False, actor=actor)


@dataclass(frozen=True, slots=True)
class Step:
    """Something done to an account after a question; its words stand under `account_step`."""

    run: Callable[..., object]
    is_grave: bool = False


STEPS = {
    "disable": Step(_switch_off, is_grave=True),
    "enable": Step(_switch_on),
    "unbind": Step(account_changes.unbind_account, is_grave=True),
    "kick": Step(account_changes.kick_account, is_grave=True),
}


@blueprint.get("")
def index() -> ResponseReturnValue:
    member = _member()
    asked = read_asked(FILTERS, member)
    return render_template(
        "office/accounts/index.html",
        page=account_views.list_accounts(member, asked.values, asked.page),
        values=asked.values,
        places=place_choices(),
        roles=ROLES,
        states=STATES,
    )


@blueprint.post("/search")
def search() -> ResponseReturnValue:
    return to_list(FILTERS, _member(), "office_accounts.index")


@blueprint.get("/new")
def new() -> ResponseReturnValue:
    return _form("", dict.fromkeys(_FIELDS, ""))


@blueprint.post("/new")
def create() -> ResponseReturnValue:
    """The answer itself shows the first password: it is stored nowhere and not shown again."""
    values = _typed()
    try:
        name = values["name"].strip()
        wanted = NewAccount(name, _role(values), values["display_name"], _place(values))
        password = accounts.create_account(dependencies(), wanted, actor=actor(_member()))
    except InvalidForm as wrong:
        return _form("", values, wrong.errors), 422
    return _password_page(name.lower(), password, is_new=True), 201


@blueprint.get("/<public_id>")
def show(public_id: str) -> ResponseReturnValue:
    return render_template(
        "office/accounts/show.html",
        detail=account_views.show_account(dependencies(), _member(), public_id),
    )


@blueprint.get("/<public_id>/edit")
def edit(public_id: str) -> ResponseReturnValue:
    return _form(public_id, account_views.account_form(public_id))


@blueprint.post("/<public_id>/edit")
def change(public_id: str) -> ResponseReturnValue:
    values = _typed()
    try:
        wanted = AccountChange(values["display_name"], _role(values), _place(values))
        account_changes.change_account(dependencies(), public_id, wanted, actor=actor(_member()))
    except InvalidForm as wrong:
        kept = {**account_views.account_form(public_id), **values}
        return _form(public_id, kept, wrong.errors), 422
    flash(word("accounts.changed"), "ok")
    return redirect(url_for("office_accounts.show", public_id=public_id), 303)


@blueprint.get("/<public_id>/reset")
def ask_reset(public_id: str) -> ResponseReturnValue:
    return _question(public_id, "reset", Step(account_changes.reset_account, is_grave=True))


@blueprint.post("/<public_id>/reset")
def reset(public_id: str) -> ResponseReturnValue:
    password = account_changes.reset_account(dependencies(), public_id, actor=actor(_member()))
    detail = account_views.show_account(dependencies(), _member(), public_id)
    return _password_page(detail.account.name, password, is_new=False)


@blueprint.get("/<public_id>/<step>")
def ask(public_id: str, step: str) -> ResponseReturnValue:
    return _question(public_id, step, _step(step))


@blueprint.post("/<public_id>/<step>")
def take(public_id: str, step: str) -> ResponseReturnValue:
    _step(step).run(dependencies(), public_id, actor=actor(_member()))
    detail = account_views.show_account(dependencies(), _member(), public_id)
    flash(word(f"account_step.{step}.done", name=detail.account.name), "ok")
    return redirect(url_for("office_accounts.show", public_id=public_id), 303)


def _member() -> Member:
    return member_with(Right.MANAGE_SYSTEM)


def _step(name: str) -> Step:
    if name not in STEPS:
        raise NotFound
    return STEPS[name]


def _typed() -> dict[str, str]:
    return {name: request.form.get(name, "")[:100] for name in _FIELDS}


def _role(values: Mapping[str, str]) -> Role:
    """Raises: InvalidForm."""
    if values["role"] not in ACCOUNT_ROLES:
        raise InvalidForm({"role": InvalidValue("choice.missing")})
    return Role(values["role"])


def _place(values: Mapping[str, str]) -> str:
    return values.get(_PLACE_FIELDS.get(_role(values), ""), "")


def _form(
    public_id: str,
    values: Mapping[str, str],
    errors: Mapping[str, InvalidValue] | None = None,
) -> str:
    choices = place_choices()
    return render_template(
        "office/accounts/form.html",
        public_id=public_id,
        values=values,
        errors=errors or {},
        roles=ROLES,
        checkpoints=[name for _, name in choices.checkpoints],
        towns=[name for _, name in choices.towns],
    )


def _question(public_id: str, name: str, step: Step) -> str:
    detail = account_views.show_account(dependencies(), _member(), public_id)
    key, account = f"account_step.{name}", detail.account.name
    words = {
        "title": word(f"{key}.title"),
        "question": word(f"{key}.question", name=account),
        "effect": word(f"{key}.effect"),
        "button": word(f"{key}.button"),
    }
    return render_template("office/accounts/step.html", detail=detail, words=words, step=step)


def _password_page(name: str, password: str, *, is_new: bool) -> str:
    days = dependencies().policy.sign_in.first_password_valid_for.days
    return render_template(
        "office/accounts/password.html", name=name, password=password, is_new=is_new, days=days
    )
