"""The end of reservations that nobody came for."""

from __future__ import annotations

from models.database import transaction
from models.identity_checks import supersede_checks
from models.pass_codes import retire_pass_code
from models.reservations import expire_reservations
from wxbackend.domain.actors import system_actor
from wxbackend.services.audit import record
from wxbackend.services.dependencies import Dependencies


def expire_overdue_reservations(dependencies: Dependencies, *, limit: int) -> int:
    """End what nobody came for. A scan made just before the end may still be decided on."""
    now = dependencies.clock()
    with transaction() as session:
        expired = expire_reservations(
            session,
            ended_before=now - dependencies.policy.gate.scan_fresh_for,
            now=now,
            limit=limit,
        )
        for reservation_id in expired:
            retire_pass_code(session, reservation_id)
            supersede_checks(session, reservation_id, now=now)
            about = ("reservation", reservation_id)
            record(session, system_actor("expiry"), "expire_reservation", about=about, now=now)
    return len(expired)
