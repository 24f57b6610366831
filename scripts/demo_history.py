"""Two weeks of the demo district: reservations, scans, passages and what was told of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from models.accounts import WechatUser
from models.bulk import add_rows, add_rows_with_ids
from models.database import Session, transaction
from models.pass_codes import PassCode
from models.reservations import Passenger, Reservation, count_reservations
from scripts.demo_gate import add_corrections, add_passages
from scripts.demo_ground import Ground, find_ground
from scripts.demo_letters import passage_letters, reservation_letters
from scripts.demo_plan import BEFORE_THE_GATE, VALID_AFTER_ARRIVAL, Journey, Planner, identity_of
from scripts.demo_traces import add_traces
from scripts.sample_district import District
from wxbackend.domain.reservation import ReservationState
from wxbackend.domain.scope import DistrictScope
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.passes import code_texts


def add_history(dependencies: Dependencies, district: District, *, seed: int = 2022) -> None:
    """Everything in one transaction; a district that has reservations keeps what it has."""
    with transaction() as session:
        if count_reservations(session, DistrictScope()):
            return
        ground = find_ground(session, dependencies, district)
        planner = Planner(
            district,
            now=ground.now,
            towns=list(ground.town_ids),
            checkpoints=list(ground.checkpoint_ids),
            reasons=ground.reasons,
            seed=seed,
        )
        journeys = planner.journeys()
        made = list(
            zip(journeys, _add_reservations(session, ground, planner, journeys), strict=True)
        )
        add_rows(session, Passenger, _passengers(made))
        code_ids = _add_codes(session, ground, planner, made)
        told = add_passages(session, ground, planner.random, made, code_ids)
        reservation_letters(session, ground, planner.random, made)
        passage_letters(session, ground, planner.random, told)
        add_corrections(session, ground, told)
        add_traces(session, ground, planner.random, told)


def _add_reservations(
    session: Session, ground: Ground, planner: Planner, journeys: Sequence[Journey]
) -> list[int]:
    truckers = {one.trucker.id_number: one for one in reversed(journeys)}
    app_id = ground.dependencies.gateways.wechat.app_id
    users = [
        {"app_id": app_id, "openid": f"oPast{n:023}", "created_at": first.created_at}
        for n, first in enumerate(truckers.values())
    ]
    ids = add_rows_with_ids(session, WechatUser, users)
    users_of = dict(zip(truckers, ids, strict=True))
    rows = [
        {
            "wechat_user_id": users_of[one.trucker.id_number],
            "submission_key": f"{planner.random.getrandbits(128):032x}",
            **_reservation(ground, one),
        }
        for one in journeys
    ]
    return add_rows_with_ids(session, Reservation, rows)


def _reservation(ground: Ground, journey: Journey) -> dict[str, Any]:
    who = journey.trucker
    return {
        "state": journey.state,
        "identity": identity_of(journey),
        "created_at": journey.created_at,
        "state_changed_at": journey.state_changed_at,
        "expires_at": journey.arrival_at + VALID_AFTER_ARRIVAL,
        "name": who.name,
        "id_type": who.id_type,
        "id_number": who.id_number,
        "id_number_hash": who.id_number,
        "id_number_tail_hash": who.id_number,
        "phone": who.phone,
        "phone_hash": who.phone,
        "phone_tail_hash": who.phone,
        "plate_number": who.plate_number,
        "vehicle_type": who.vehicle_type,
        "enterprise_name": who.enterprise_name,
        "origin": journey.origin,
        "via": journey.via,
        "destination_town_id": ground.town_ids[journey.town],
        "checkpoint_id": ground.checkpoint_ids[journey.checkpoint],
        "arrival_at": journey.arrival_at,
        "cargo": journey.cargo,
        "health_code": journey.health_code,
        "high_risk_travel": journey.high_risk_travel,
        "symptoms": journey.symptoms,
    }


def _passengers(
    made: Sequence[tuple[Journey, int]],
) -> list[dict[str, Any]]:
    return [
        {
            "reservation_id": reservation_id,
            "position": position,
            "name": who.name,
            "id_type": who.id_type,
            "id_number": who.id_number,
            "id_number_hash": who.id_number,
            "phone": who.phone,
            "phone_hash": who.phone,
        }
        for journey, reservation_id in made
        for position, who in enumerate(journey.passengers, 1)
    ]


def _add_codes(
    session: Session,
    ground: Ground,
    planner: Planner,
    made: Sequence[tuple[Journey, int]],
) -> dict[int, int]:
    """Ids of the pass codes by their reservations'."""
    keys = ground.dependencies.gateways.keys
    key_id = keys.current_key_id
    rows: list[dict[str, Any]] = []
    for journey, reservation_id in made:
        if journey.state in BEFORE_THE_GATE:
            continue
        seed = planner.random.randbytes(16)
        token, short_code = code_texts(keys, seed, key_id=key_id)
        rows.append(
            {
                "reservation_id": reservation_id,
                "key_id": key_id,
                "seed": seed,
                "token_hash": token,
                "short_code_hash": short_code,
                "is_live": journey.state is ReservationState.RESERVED,
                "created_at": journey.created_at,
                "expires_at": journey.arrival_at + VALID_AFTER_ARRIVAL,
            }
        )
    ids = add_rows_with_ids(session, PassCode, rows)
    return {row["reservation_id"]: code_id for row, code_id in zip(rows, ids, strict=True)}
