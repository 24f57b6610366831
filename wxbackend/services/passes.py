"""Pass codes: issuing one, and deriving it again to show it to its owner."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from models.database import Session
from models.pass_codes import PassCode, is_short_code_taken
from models.reservations import Reservation
from wxbackend.domain.keys import KeyRing
from wxbackend.domain.pass_codes import (
    PassToken,
    ShortCode,
    short_code_from_bytes,
    token_from_bytes,
)

_MOST_TURNS = 20


@dataclass(frozen=True, slots=True)
class ShownPass:
    """A pass code as its owner sees it; `link` is what the QR code carries, in capitals."""

    link: str
    short_code: str
    expires_at: datetime


def issue_pass(
    session: Session, keys: KeyRing, reservation: Reservation, *, now: datetime
) -> PassCode:
    """A code for the reservation; the database gets its hashes, the key ring can derive it."""
    seed, key_id = secrets.token_bytes(16), keys.current_key_id
    turn, short_code = _free_short_code(session, keys, seed, key_id)
    code = PassCode(
        reservation_id=reservation.id,
        key_id=key_id,
        seed=seed,
        short_code_turn=turn,
        token_hash=_token(keys, seed, key_id).text,
        short_code_hash=short_code.text,
        is_live=True,
        created_at=now,
        expires_at=reservation.expires_at,
    )
    session.add(code)
    session.flush()
    return code


def code_texts(keys: KeyRing, seed: bytes, *, key_id: str, turn: int = 0) -> tuple[str, str]:
    """The token and the short code that a seed stands for."""
    return _token(keys, seed, key_id).text, _short_code(keys, seed, key_id, turn).text


def show_pass(keys: KeyRing, code: PassCode, *, public_base_url: str) -> ShownPass:
    token = _token(keys, code.seed, code.key_id)
    short_code = _short_code(keys, code.seed, code.key_id, code.short_code_turn)
    return ShownPass(
        link=f"{public_base_url}/P/{token.text}".upper(),
        short_code=short_code.text,
        expires_at=code.expires_at,
    )


def _token(keys: KeyRing, seed: bytes, key_id: str) -> PassToken:
    return token_from_bytes(keys.derive(seed, purpose="pass_token", key_id=key_id))


def _short_code(keys: KeyRing, seed: bytes, key_id: str, turn: int) -> ShortCode:
    secret = keys.derive(seed + bytes([turn]), purpose="short_code", key_id=key_id)
    return short_code_from_bytes(secret)


def _free_short_code(
    session: Session, keys: KeyRing, seed: bytes, key_id: str
) -> tuple[int, ShortCode]:
    """The first code of the seed's series that no live pass has.

    With a million live codes a collision is one in 280,000; the unique index catches the race.
    """
    for turn in range(_MOST_TURNS):
        code = _short_code(keys, seed, key_id, turn)
        if not is_short_code_taken(session, code):
            return turn, code
    raise RuntimeError("no free short code: the live codes fill their space")
