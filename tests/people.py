"""People, trucks and whole reservations for tests: invented, valid by checksum."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from wxbackend.domain.actors import system_actor
from wxbackend.domain.gb_checks import credit_check_character, resident_check_character
from wxbackend.domain.moments import to_local
from wxbackend.domain.roles import Role
from wxbackend.services.accounts import NewAccount, create_account
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.district_setup import add_checkpoints, add_denial_reasons, add_towns

ACTOR = system_actor("test")


def resident_id(number: int, born: str = "19880312") -> str:
    """A valid resident ID for each number up to 999."""
    first = f"440115{born}{number:03}"
    return first + resident_check_character(first)


def credit_code(number: int) -> str:
    first = f"91440115MA5{number:06}"
    return first + credit_check_character(first)


@dataclass(frozen=True)
class District:
    """What `make_district` put into the database."""

    town_ids: dict[str, int]
    checkpoint_ids: dict[str, int]
    reason_ids: dict[str, int]


def make_district(dependencies: Dependencies) -> District:
    from models.database import reading
    from models.places import list_checkpoints, list_denial_reasons, list_towns

    word = dependencies.gateways.wording.text
    add_towns(dependencies, word("default.towns").split(), actor=ACTOR)
    add_checkpoints(dependencies, word("default.demo_checkpoints").split(), actor=ACTOR)
    add_denial_reasons(dependencies, word("default.denial_reasons").split(), actor=ACTOR)
    with reading() as session:
        return District(
            {row.name: row.id for row in list_towns(session)},
            {row.name: row.id for row in list_checkpoints(session)},
            {row.wording: row.id for row in list_denial_reasons(session)},
        )


def make_guard_account(
    dependencies: Dependencies, name: str = "gate1", checkpoint: str = "万顷沙卡口"
) -> str:
    """A checkpoint account that is ready to use; its password."""
    new = NewAccount(name, Role.CHECKPOINT, "陈某某", checkpoint)
    return create_account(dependencies, new, must_change=False, actor=ACTOR)


def make_office_account(dependencies: Dependencies, role: Role, place: str = "") -> tuple[str, str]:
    """An account for the back office that is ready to use; its name and password."""
    name = f"{role.value}-{secrets.token_hex(3)}"
    new = NewAccount(name, role, "何某某", place)
    return name, create_account(dependencies, new, must_change=False, actor=ACTOR)


def form_of(district: District, now: datetime, **changes: str) -> dict[str, str]:
    """A whole, right reservation form."""
    form = {
        "name": "李某某",
        "id_type": "resident_id",
        "id_number": resident_id(1),
        "phone": "13800005678",
        "plate_number": "粤A8K652",
        "vehicle_type": "heavy",
        "trailer_plate": "",
        "enterprise_name": "",
        "origin": "深圳市宝安区",
        "via": "",
        "destination_town": str(district.town_ids["万顷沙镇"]),
        "destination_address": "红港路 3 号仓",
        "checkpoint": str(district.checkpoint_ids["万顷沙卡口"]),
        "arrival_at": to_local(now + timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M"),
        "cargo": "建筑钢材",
        "health_code": "green",
        "high_risk_travel": "no",
        "symptoms": "no",
    }
    return {**form, **changes}
