"""Accounts: creating, resetting, disabling. What changes them ends their sessions at once."""

from __future__ import annotations

import re
import secrets
import string
from dataclasses import dataclass
from datetime import datetime

from models.accounts import Account, find_account
from models.database import Session, transaction
from models.enterprises import find_active_lead
from models.places import find_checkpoint_by_name, find_town_by_name
from wxbackend.domain.actors import Actor
from wxbackend.domain.errors import InvalidForm, InvalidValue, NotFound
from wxbackend.domain.normalisation import clean_code, clean_text
from wxbackend.domain.roles import ACCOUNT_ROLES, Role
from wxbackend.services.audit import record
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.passwords import remember_password, set_password
from wxbackend.services.visitors import end_everything_of

_NAME = re.compile(r"[a-z][a-z0-9._-]{2,39}")
_PASSWORD_LENGTH = 14
# Without characters that look alike when somebody copies a password from paper.
_PASSWORD_CHARACTERS = "".join(set(string.ascii_letters + string.digits) - set("0O1lI5S8B2Zz"))


@dataclass(frozen=True, slots=True)
class NewAccount:
    """`place` is the checkpoint's or town's name, or the lead's phone, as the role needs."""

    name: str
    role: Role
    display_name: str
    place: str = ""


def random_password() -> str:
    """Letters of both cases and digits; about 79 bits."""
    while True:
        password = "".join(secrets.choice(_PASSWORD_CHARACTERS) for _ in range(_PASSWORD_LENGTH))
        kinds = (str.islower, str.isupper, str.isdigit)
        if all(any(kind(char) for char in password) for kind in kinds):
            return password


def create_account(
    dependencies: Dependencies, new: NewAccount, *, must_change: bool = True, actor: Actor
) -> str:
    """Make the account; its first password, which is shown once and kept nowhere.

    Raises: InvalidForm.
    """
    now, password = dependencies.clock(), random_password()
    password_hash = dependencies.gateways.passwords.hash(password)
    with transaction() as session:
        account = _account(session, new, password_hash, must_change=must_change, now=now)
        session.add(account)
        remember_password(session, account)
        record(
            session,
            actor,
            "create_account",
            about=("account", account.id),
            now=now,
            details={"name": account.name, "role": new.role.value},
        )
    return password


def reset_password(
    dependencies: Dependencies, name: str, *, must_change: bool = True, actor: Actor
) -> str:
    """A new random password; every session of the account ends. Raises: NotFound."""
    now, password = dependencies.clock(), random_password()
    password_hash = dependencies.gateways.passwords.hash(password)
    with transaction() as session:
        account = _get(session, name)
        set_password(session, account, password_hash, must_change=must_change, now=now)
        record(session, actor, "reset_password", about=("account", account.id), now=now)
    return password


def disable_account(dependencies: Dependencies, name: str, *, actor: Actor) -> None:
    """Raises: NotFound."""
    now = dependencies.clock()
    with transaction() as session:
        account = _get(session, name)
        account.disabled_at = account.disabled_at or now
        end_everything_of(session, now=now, account_id=account.id)
        record(session, actor, "disable_account", about=("account", account.id), now=now)


def _get(session: Session, name: str) -> Account:
    account = find_account(session, name.lower())
    if account is None:
        raise NotFound
    return account


def _account(
    session: Session, new: NewAccount, password_hash: str, *, must_change: bool, now: datetime
) -> Account:
    name = new.name.lower()
    if not _NAME.fullmatch(name):
        raise InvalidForm({"name": InvalidValue("account.name")})
    if find_account(session, name) is not None:
        raise InvalidForm({"name": InvalidValue("account.taken")})
    if new.role not in ACCOUNT_ROLES:
        raise InvalidForm({"role": InvalidValue("choice.unknown")})
    display_name = clean_text(new.display_name)[:50]
    if not display_name:
        raise InvalidForm({"display_name": InvalidValue("text.missing")})
    account = Account(
        name=name,
        display_name=display_name,
        role=new.role,
        password_hash=password_hash,
        must_change_password=must_change,
        password_set_at=now,
        created_at=now,
    )
    put_at_place(session, account, new.place)
    return account


def put_at_place(session: Session, account: Account, place: str) -> None:
    """Tie the account to the place that its role works at. Raises: InvalidForm."""
    if account.role is Role.CHECKPOINT:
        checkpoint = find_checkpoint_by_name(session, place)
        account.checkpoint_id = checkpoint.id if checkpoint else None
    elif account.role is Role.TOWN:
        town = find_town_by_name(session, place)
        account.town_id = town.id if town else None
    elif account.role is Role.ENTERPRISE:
        lead = find_active_lead(session, clean_code(place))
        account.lead_id = lead.id if lead else None
    else:
        return
    if (account.checkpoint_id, account.town_id, account.lead_id) == (None, None, None):
        raise InvalidForm({"place": InvalidValue("account.place")})
