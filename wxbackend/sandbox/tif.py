"""The signature that the provincial gateway (TIF) asks for on every call."""

from __future__ import annotations

import hashlib
import hmac
from collections import OrderedDict
from threading import Lock

from flask import Response, jsonify, request

from wxbackend.sandbox.clock import Clock

CLOCK_SKEW_SECONDS = 300
HEADERS = ("x-tif-paasid", "x-tif-timestamp", "x-tif-nonce", "x-tif-signature")


class TifError(Exception):
    """Why the gateway turns a call away."""


class NonceBook:
    """Nonces seen within the time in which a timestamp is accepted, before and after now."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._seen: OrderedDict[tuple[str, str], float] = OrderedDict()
        self._lock = Lock()

    def check(self, paas_id: str, nonce: str) -> None:
        """Take a nonce that is new.

        Raises:
            TifError: it was used before.
        """
        now = self._clock.now()
        with self._lock:
            while self._seen and next(iter(self._seen.values())) < now - 2 * CLOCK_SKEW_SECONDS:
                self._seen.popitem(last=False)
            if (paas_id, nonce) in self._seen:
                raise TifError("nonce used before")
            self._seen[paas_id, nonce] = now


def tif_signature(paas_token: str, *, timestamp: str, nonce: str) -> str:
    """Hex SHA-256 of timestamp, token, nonce, timestamp. Source: protocols.md 2."""
    return hashlib.sha256(f"{timestamp}{paas_token}{nonce}{timestamp}".encode()).hexdigest()


def is_signed() -> bool:
    return any(header in request.headers for header in HEADERS)


def check_headers(paas_id: str, paas_token: str, *, now: float, nonces: NonceBook) -> None:
    """Let a call with right headers pass; the signature's hex may be in either case.

    Raises:
        TifError: a header is missing or wrong, the clock is off, or the nonce was used.
    """
    given = [request.headers.get(header, "") for header in HEADERS]
    if not all(given):
        raise TifError("x-tif headers missing")
    caller, timestamp, nonce, signature = given
    if caller != paas_id:
        raise TifError("x-tif-paasid unknown")
    if not timestamp.isdecimal() or abs(now - int(timestamp)) > CLOCK_SKEW_SECONDS:
        raise TifError("x-tif-timestamp out of range")
    expected = tif_signature(paas_token, timestamp=timestamp, nonce=nonce)
    if not hmac.compare_digest(expected.encode(), signature.lower().encode()):
        raise TifError("x-tif-signature wrong")
    nonces.check(caller, nonce)


def turned_away(error: TifError) -> Response:
    response = jsonify(code=401, message=f"TIF gateway: {error}")
    response.status_code = 401
    return response
