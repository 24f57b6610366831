"""Whoever holds the token: who that is, a new password, signing out."""

from __future__ import annotations

from typing import Annotated

from flask import Blueprint
from pydantic import Field

from handlers.api.guards import token_holders
from handlers.api.operations import operation
from handlers.api.shapes import Answer, Asked
from handlers.context import actor, bearer_token, dependencies, visitor
from handlers.guards import guarded
from wxbackend.domain.errors import NotFound
from wxbackend.domain.roles import Role
from wxbackend.services import api_tokens
from wxbackend.services.passwords import change_password

blueprint = guarded(Blueprint("api_me", __name__, url_prefix="/api/v1/me"), token_holders)

Password = Annotated[str, Field(min_length=1, max_length=200)]


class RoleHeld(Answer):
    """One role; `place` is the checkpoint, the town or the enterprises, if the role has any."""

    role: Role
    account_name: str
    display_name: str
    place: str
    must_change_password: bool


class Me(Answer):
    """`is_driver`: the token stands for a WeChat user, who may reserve."""

    is_driver: bool
    members: list[RoleHeld]


class NewPassword(Asked):
    old: Password
    new: Password


@blueprint.get("")
@operation("Who the token stands for", gives=Me)
def show() -> dict[str, object]:
    found = visitor()
    return {"is_driver": found.wechat_user_id is not None, "members": found.members}


@blueprint.delete("/token")
@operation("Sign out")
def sign_out() -> None:
    """The token ends at once; signing out twice meets a token that is no longer known."""
    members = visitor().members
    who = actor(members[0] if members else None)
    api_tokens.end_token(dependencies(), bearer_token() or "", actor=who)


@blueprint.post("/password")
@operation("Change the account's password", takes=NewPassword, is_once=True, refuses=(404,))
def password(body: NewPassword) -> None:
    """Every token and session of the account ends; sign in again."""
    member = next((one for one in visitor().members if one.account_id is not None), None)
    if member is None:
        raise NotFound
    change_password(
        dependencies(),
        account_id=member.account_id or 0,
        old=body.old,
        new=body.new,
        again=body.new,
        actor=actor(member),
    )
