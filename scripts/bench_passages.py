"""Many passages in one window, all different, written a part at a time."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from models.accounts import WechatUser, find_account
from models.base import new_public_id
from models.bulk import add_rows
from models.database import Session, transaction
from models.enterprises import Enterprise
from models.pass_codes import PassCode
from models.passages import Passage, PassageEnterprise, Scan
from models.places import list_checkpoints, list_towns
from models.reservations import Reservation
from models.shifts import Shift
from wxbackend.domain.actors import system_actor
from wxbackend.domain.digests import Window
from wxbackend.domain.gate import ScanMeans, ScanOutcome
from wxbackend.domain.gb_checks import credit_check_character
from wxbackend.domain.identity_documents import IdType
from wxbackend.domain.reservation import HealthCode, IdentityAssurance, ReservationState, Verdict
from wxbackend.domain.roles import Role
from wxbackend.services.accounts import NewAccount, create_account
from wxbackend.services.dependencies import Dependencies

_ACTOR = system_actor("bench")
_PART = 2_000
_DENIED_EVERY, _MATCHED_EVERY, _TWICE_MATCHED_EVERY = 10, 3, 30
_REASON = "体温异常"


def fill_window(dependencies: Dependencies, window: Window, count: int) -> None:
    """Spread so many passages evenly over the window, the first at its start.

    Every tenth is denied; every third driver is on a roster, every thirtieth on two.
    """
    ground = _Ground(dependencies, window)
    for first in range(0, count, _PART):
        with transaction() as session:
            ground.add(session, range(first, min(first + _PART, count)), of=count)


class _Ground:
    """What the passages have in common."""

    def __init__(self, dependencies: Dependencies, window: Window) -> None:
        self._window = window
        with transaction() as session:
            checkpoint, self._town_id = list_checkpoints(session)[0], list_towns(session)[0].id
            self._checkpoint_id, place = checkpoint.id, checkpoint.name
        name = f"bench{secrets.token_hex(3)}"
        new = NewAccount(name, Role.CHECKPOINT, "bench", place)
        create_account(dependencies, new, must_change=False, actor=_ACTOR)
        with transaction() as session:
            account = find_account(session, name)
            if account is None:
                raise LookupError(name)
            self._account_id = account.id
            self._begin(session, name)

    def _begin(self, session: Session, name: str) -> None:
        start = self._window.start
        driver = WechatUser(app_id="bench", openid=name, created_at=start)
        shift = Shift(
            account_id=self._account_id,
            checkpoint_id=self._checkpoint_id,
            started_at=start,
            ends_at=self._window.end,
            ended_at=self._window.end,
        )
        enterprises = [self._enterprise(number) for number in range(2)]
        session.add_all([driver, shift, *enterprises])
        session.flush()
        self._driver_id, self._shift_id = driver.id, shift.id
        self._enterprises = [(row.id, row.name) for row in enterprises]

    def _enterprise(self, number: int) -> Enterprise:
        code = f"91440115MA5{secrets.randbelow(10**6):06}"
        return Enterprise(
            name=f"南沙区第{number + 1}大件运输有限公司",
            credit_code=code + credit_check_character(code),
            town_id=self._town_id,
            created_at=self._window.start,
            updated_at=self._window.start,
        )

    def add(self, session: Session, numbers: Sequence[int], *, of: int) -> None:
        step = (self._window.end - self._window.start) / of
        moments = [self._window.start + number * step for number in numbers]
        reservations = _add(
            session,
            Reservation,
            [self._reservation(number, at) for number, at in zip(numbers, moments, strict=True)],
        )
        codes = _add(
            session,
            PassCode,
            [self._code(at, row) for at, row in zip(moments, reservations, strict=True)],
        )
        ids = list(zip(reservations, codes, strict=True))
        scans = _add(
            session,
            Scan,
            [self._scan(at, *pair) for at, pair in zip(moments, ids, strict=True)],
        )
        passages = _add(
            session,
            Passage,
            [
                self._passage(number, at, *pair, scan)
                for number, at, pair, scan in zip(numbers, moments, ids, scans, strict=True)
            ],
        )
        matches = zip(numbers, passages, strict=True)
        add_rows(
            session,
            PassageEnterprise,
            [match for number, passage in matches for match in self._matches(number, passage)],
        )

    def _reservation(self, number: int, at: Any) -> dict[str, Any]:
        id_number, phone = f"4401151988{number:08}", f"138{number:08}"
        state = ReservationState.DENIED if _is_denied(number) else ReservationState.PASSED
        return {
            "public_id": new_public_id(),
            "wechat_user_id": self._driver_id,
            "submission_key": secrets.token_hex(10),
            "state": state,
            "identity": IdentityAssurance.CHECKED,
            "created_at": at - timedelta(hours=1),
            "state_changed_at": at,
            "expires_at": at + timedelta(days=1),
            "name": f"李建国{chr(0x4E00 + number % 997)}",
            "id_type": IdType.RESIDENT_ID,
            "id_number": id_number,
            "id_number_hash": id_number,
            "id_number_tail_hash": id_number,
            "phone": phone,
            "phone_hash": phone,
            "phone_tail_hash": phone,
            "plate_number": f"粤A{number % 100_000:05}",
            "enterprise_name": f"外地第{number}运输公司" if number % 2 else "",
            "origin": "深圳市宝安区",
            "destination_town_id": self._town_id,
            "checkpoint_id": self._checkpoint_id,
            "arrival_at": at,
            "health_code": HealthCode.GREEN,
            "high_risk_travel": False,
            "symptoms": False,
        }

    def _code(self, at: Any, reservation_id: int) -> dict[str, Any]:
        return {
            "reservation_id": reservation_id,
            "key_id": "k1",
            "seed": secrets.token_bytes(16),
            "token_hash": secrets.token_hex(16),
            "short_code_hash": secrets.token_hex(8),
            "is_live": False,
            "created_at": at - timedelta(hours=1),
            "expires_at": at + timedelta(days=1),
        }

    def _scan(self, at: Any, reservation_id: int, pass_code_id: int) -> dict[str, Any]:
        return {
            "public_id": new_public_id(),
            "pass_code_id": pass_code_id,
            "reservation_id": reservation_id,
            "shift_id": self._shift_id,
            "account_id": self._account_id,
            "checkpoint_id": self._checkpoint_id,
            "scanned_at": at,
            "means": ScanMeans.LINK,
            "outcome": ScanOutcome.SHOWN,
        }

    def _passage(
        self, number: int, at: Any, reservation_id: int, pass_code_id: int, scan_id: int
    ) -> dict[str, Any]:
        is_denied = _is_denied(number)
        return {
            "public_id": new_public_id(),
            "reservation_id": reservation_id,
            "pass_code_id": pass_code_id,
            "scan_id": scan_id,
            "request_id": f"bench{reservation_id}",
            "verdict": Verdict.DENIED if is_denied else Verdict.ALLOWED,
            "reason": _REASON if is_denied else "",
            "decided_at": at,
            "account_id": self._account_id,
            "checkpoint_id": self._checkpoint_id,
        }

    def _matches(self, number: int, passage_id: int) -> Iterator[dict[str, Any]]:
        how_many = 0 if number % _MATCHED_EVERY else 1
        how_many = how_many if number % _TWICE_MATCHED_EVERY else 2
        for enterprise_id, name in self._enterprises[:how_many]:
            yield {
                "passage_id": passage_id,
                "enterprise_id": enterprise_id,
                "enterprise_name": name,
                "town_id": self._town_id,
            }


def _add(session: Session, table: type[Any], rows: Sequence[dict[str, Any]]) -> list[int]:
    """Add the rows; their ids, asked for afterwards: that is five times as quick."""
    newest = session.query(table.id).order_by(table.id.desc()).limit(1).scalar() or 0
    add_rows(session, table, rows)
    return [row.id for row in session.query(table.id).filter(table.id > newest).order_by(table.id)]


def _is_denied(number: int) -> bool:
    return number % _DENIED_EVERY == _DENIED_EVERY - 1
