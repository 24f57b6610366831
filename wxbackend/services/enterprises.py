"""The bureau's ledger: adding, editing, moving, disabling and enabling enterprises."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from models.audit import list_entries_about
from models.database import IntegrityError, Session, transaction
from models.enterprise_leads import lock_enterprises
from models.enterprises import (
    Enterprise,
    EnterpriseLead,
    Lead,
    find_enterprises_by_credit_code,
    find_leads_by_phone,
)
from models.places import list_towns
from wxbackend.domain.actors import Actor
from wxbackend.domain.enterprise_form import (
    ENTERPRISE_FIELDS,
    EnterpriseForm,
    LeadForm,
    parse_enterprise,
    parse_new_enterprise,
    parse_reason,
    parse_town,
)
from wxbackend.domain.errors import Conflict, Forbidden, InvalidForm, InvalidValue, NotFound
from wxbackend.domain.scope import DistrictScope, Scope
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.enterprise_history import HISTORY_ACTIONS, changed_values, write_down
from wxbackend.services.enterprise_views import form_values
from wxbackend.services.leads import end_leads_without_enterprise

Result = TypeVar("Result")


class ChangedMeanwhile(Conflict):
    """The form was opened before somebody else's change, which it would undo unseen.

    `changes` are (field, as the form knew it, as it is); `current` is what it is now.
    """

    code = "changed_meanwhile"

    def __init__(
        self,
        changes: Sequence[tuple[str, str, str]],
        current: Mapping[str, str],
        *,
        who: str,
        at: datetime | None,
    ) -> None:
        super().__init__()
        self.changes = tuple(changes)
        self.current = dict(current)
        self.who = who
        self.at = at


@dataclass(frozen=True, slots=True)
class Batch:
    """How many were changed, and how many were so already."""

    changed: int
    unchanged: int


def create_enterprise(
    dependencies: Dependencies, scope: Scope, raw: Mapping[str, str], *, actor: Actor
) -> str:
    """A new enterprise with its main lead; its public id. Raises: InvalidForm, Forbidden."""
    must_write(scope)

    def work() -> str:
        now = dependencies.clock()
        with transaction() as session:
            form, lead_form = parse_new_enterprise(raw, town_ids=_towns(session))
            _refuse_taken_code(session, scope, form.credit_code)
            lead = lead_for(session, lead_form, now=now)
            row = Enterprise(created_at=now, updated_at=now, **_columns(form))
            row.leads = [EnterpriseLead(lead=lead, is_main=True)]
            session.add(row)
            session.flush()
            write_down(
                session,
                actor,
                "create_enterprise",
                row,
                now=now,
                details={"lead_id": lead.id},
                personal={"name": lead.name, "phone": lead.phone},
            )
            return row.public_id

    return again_after_clash(work)


def edit_enterprise(
    dependencies: Dependencies,
    scope: Scope,
    public_id: str,
    raw: Mapping[str, str],
    *,
    before: Mapping[str, str],
    actor: Actor,
) -> bool:
    """Write the form; whether it changed anything. `before` are the values the form began with.

    Raises: InvalidForm, ChangedMeanwhile, NotFound, Forbidden.
    """
    must_write(scope)

    def work() -> bool:
        now = dependencies.clock()
        with transaction() as session:
            row = lock_enterprise(session, scope, public_id)
            _refuse_unseen_changes(session, row, before)
            towns = _towns(session) | {row.town_id}
            form = parse_enterprise(raw, town_ids=towns)
            _refuse_taken_code(session, scope, form.credit_code, except_id=row.id)
            return _change(session, row, form, actor=actor, now=now)

    return again_after_clash(work)


def move_enterprises(
    dependencies: Dependencies,
    scope: Scope,
    public_ids: Sequence[str],
    raw: Mapping[str, str],
    *,
    actor: Actor,
) -> Batch:
    """Put all of them under one town. Raises: InvalidForm, NotFound, Forbidden."""
    must_write(scope)
    now = dependencies.clock()
    with transaction() as session:
        town_id = parse_town(raw, town_ids=_towns(session))
        rows = _lock_all(session, scope, public_ids)
        moving = [row for row in rows if row.town_id != town_id]
        for row in moving:
            changed = changed_values(row, {"town_id": town_id})
            row.town_id, row.updated_at = town_id, now
            write_down(session, actor, "move_enterprise", row, changed=changed, now=now)
        return Batch(len(moving), len(rows) - len(moving))


def disable_enterprises(
    dependencies: Dependencies,
    scope: Scope,
    public_ids: Sequence[str],
    raw: Mapping[str, str],
    *,
    actor: Actor,
) -> Batch:
    """From now on they match nobody, and leads without another active one are signed out.

    Raises: InvalidForm without a reason, NotFound, Forbidden.
    """
    must_write(scope)
    now = dependencies.clock()
    reason = parse_reason(raw)
    with transaction() as session:
        rows = _lock_all(session, scope, public_ids)
        ending = [row for row in rows if row.disabled_at is None]
        for row in ending:
            row.disabled_at = row.updated_at = now
            details = {"reason": reason}
            write_down(session, actor, "disable_enterprise", row, details=details, now=now)
        session.flush()
        leads = [link.lead_id for row in ending for link in row.leads]
        end_leads_without_enterprise(session, leads, now=now)
        return Batch(len(ending), len(rows) - len(ending))


def enable_enterprise(
    dependencies: Dependencies,
    scope: Scope,
    public_id: str,
    raw: Mapping[str, str],
    *,
    actor: Actor,
) -> Batch:
    """Raises: InvalidForm without a reason, NotFound, Forbidden."""
    must_write(scope)
    now = dependencies.clock()
    reason = parse_reason(raw)
    with transaction() as session:
        row = lock_enterprise(session, scope, public_id)
        if row.disabled_at is None:
            return Batch(0, 1)
        row.disabled_at, row.updated_at = None, now
        details = {"reason": reason}
        write_down(session, actor, "enable_enterprise", row, details=details, now=now)
        return Batch(1, 0)


def must_write(scope: Scope) -> None:
    """Only who sees the whole district keeps its ledger. Raises: Forbidden."""
    if not isinstance(scope, DistrictScope):
        raise Forbidden


def lock_enterprise(session: Session, scope: Scope, public_id: str) -> Enterprise:
    """Raises: NotFound."""
    return _lock_all(session, scope, [public_id])[0]


def lead_for(session: Session, form: LeadForm, *, now: datetime) -> Lead:
    """The lead whom this number names, or a new one.

    Raises: InvalidForm where the number belongs to somebody of another name.
    """
    lead = find_leads_by_phone(session, [form.phone]).get(form.phone)
    if lead is None:
        lead = Lead(
            name=form.name,
            phone=form.phone,
            phone_hash=form.phone,
            phone_tail_hash=form.phone,
            created_at=now,
        )
        session.add(lead)
        session.flush()
    elif lead.name != form.name:
        raise InvalidForm({"lead_name": InvalidValue("lead.other_name", name=lead.name)})
    return lead


def again_after_clash(work: Callable[[], Result]) -> Result:
    """Somebody wrote the same number in between: the second try meets it, and says so."""
    try:
        return work()
    except IntegrityError:
        return work()


def _towns(session: Session) -> frozenset[int]:
    return frozenset(town.id for town in list_towns(session))


def _lock_all(session: Session, scope: Scope, public_ids: Sequence[str]) -> list[Enterprise]:
    found = lock_enterprises(session, scope, public_ids)
    if not public_ids or set(found) != set(public_ids):
        raise NotFound
    return list(found.values())


def _columns(form: EnterpriseForm) -> dict[str, str | int]:
    return {
        "name": form.name,
        "credit_code": form.credit_code,
        "town_id": form.town_id,
        "address": form.address,
        "kind": form.kind,
        "remark": form.remark,
    }


def _change(
    session: Session, row: Enterprise, form: EnterpriseForm, *, actor: Actor, now: datetime
) -> bool:
    values = _columns(form)
    changed = changed_values(row, values)
    if not changed:
        return False
    for name, value in values.items():
        setattr(row, name, value)
    row.updated_at = now
    session.flush()
    write_down(session, actor, "edit_enterprise", row, changed=changed, now=now)
    return True


def _refuse_taken_code(
    session: Session, scope: Scope, code: str, *, except_id: int | None = None
) -> None:
    other = find_enterprises_by_credit_code(session, scope, [code]).get(code)
    if other is not None and other.id != except_id:
        error = InvalidValue("enterprise.credit_code_taken", name=other.name)
        raise InvalidForm({"credit_code": error})


def _refuse_unseen_changes(session: Session, row: Enterprise, before: Mapping[str, str]) -> None:
    current = form_values(row)
    changes = [
        (name, before.get(name, ""), current[name])
        for name in ENTERPRISE_FIELDS
        if before.get(name) != current[name]
    ]
    if not changes:
        return
    about = ("enterprise", row.id)
    last = list_entries_about(session, about, actions=HISTORY_ACTIONS, limit=1)
    who, at = (last[0][0].actor_label, last[0][0].at) if last else ("", None)
    raise ChangedMeanwhile(changes, current, who=who, at=at)
