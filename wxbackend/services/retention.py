"""Erasure: personal data goes when its time is over. Source: product.md section 8."""

from __future__ import annotations

from models.database import transaction
from models.retention import (
    erase_audit_fragments,
    erase_reservations,
    find_overdue_reservations,
)
from wxbackend.domain.actors import system_actor
from wxbackend.services.audit import record
from wxbackend.services.dependencies import Dependencies

_ACTOR = system_actor("retention")
_AT_ONCE = 200


def erase_old_reservations(dependencies: Dependencies) -> int:
    """Erase people from reservations whose last change of state is too long ago; how many.

    A part at a time: other writers get their turn between two parts.
    """
    now = dependencies.clock()
    cutoff = now - dependencies.policy.reservation.kept_for
    erased = 0
    while True:
        with transaction() as session:
            ids = find_overdue_reservations(session, changed_before=cutoff, limit=_AT_ONCE)
            files = erase_reservations(session, ids, now=now) if ids else ()
            fragments = erase_audit_fragments(session, before=cutoff, limit=5 * _AT_ONCE)
            if ids:
                record(
                    session,
                    _ACTOR,
                    "erase_reservations",
                    about=("reservation", ids[0]),
                    now=now,
                    details={"count": len(ids)},
                )
        for name in files:
            dependencies.gateways.files.delete(name)
        erased += len(ids)
        if len(ids) < _AT_ONCE and fragments < 5 * _AT_ONCE:
            return erased
