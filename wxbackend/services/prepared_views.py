"""代预约 as its list and page show it, and the link that opens it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from models.prepared_reservations import PreparedReservation, PreparedState
from wxbackend.domain.masking import mask_phone
from wxbackend.domain.moments import parse_local_minute
from wxbackend.domain.pass_codes import PassToken, token_from_bytes
from wxbackend.services.dependencies import Dependencies


class PreparedStanding(StrEnum):
    """A form's state as people see it."""

    WAITING = "waiting"
    FINISHED = "finished"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class PreparedView:
    """`fields` are the raw texts, empty once they are no longer kept; `link` only while it opens.

    `reservation_id` is the reservation that was made of the form.
    """

    public_id: str
    standing: PreparedStanding
    employee_id: str
    name: str
    phone_masked: str
    enterprise: str
    enterprise_id: str
    fields: Mapping[str, str]
    arrival_at: datetime | None
    created_at: datetime
    expires_at: datetime
    link: str | None
    reservation_id: str | None


def standing_of(row: PreparedReservation, now: datetime) -> PreparedStanding:
    if row.state is PreparedState.WAITING and row.expires_at <= now:
        return PreparedStanding.EXPIRED
    return PreparedStanding(row.state.value)


def view_of_prepared(dependencies: Dependencies, row: PreparedReservation) -> PreparedView:
    standing = standing_of(row, dependencies.clock())
    fields: Mapping[str, str] = row.form or {}
    arrival = fields.get("arrival_at", "")
    enterprise = row.employee.enterprise
    return PreparedView(
        public_id=row.public_id,
        standing=standing,
        employee_id=row.employee.public_id,
        name=row.employee.name,
        phone_masked=mask_phone(row.employee.phone),
        enterprise=enterprise.name,
        enterprise_id=enterprise.public_id,
        fields=fields,
        arrival_at=parse_local_minute(arrival) if arrival else None,
        created_at=row.created_at,
        expires_at=row.expires_at,
        link=_link(dependencies, row) if standing is PreparedStanding.WAITING else None,
        reservation_id=row.reservation.public_id if row.reservation else None,
    )


def _link(dependencies: Dependencies, row: PreparedReservation) -> str | None:
    token = token_of_prepared(dependencies, row.public_id)
    if hash_of_token(token) != row.token_hash:
        return None
    return f"{dependencies.public_base_url}/d/prepared/{token.text.lower()}"


def token_of_prepared(dependencies: Dependencies, public_id: str) -> PassToken:
    """Derived anew each time it is shown: the database holds only its hash."""
    keys = dependencies.gateways.keys
    seed = public_id.encode()
    return token_from_bytes(keys.derive(seed, purpose="prepared_token", key_id=keys.current_key_id))


def hash_of_token(token: PassToken) -> bytes:
    return hashlib.sha256(token.text.encode()).digest()
