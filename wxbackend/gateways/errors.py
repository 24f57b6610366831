"""What can go wrong outside: four kinds, so that a caller decides by kind and never by vendor."""

from __future__ import annotations

from datetime import timedelta


class GatewayError(Exception):
    """An outside system did not do what was asked; `code` is its own word, without secrets.

    `wait` is how long it is of no use to ask again, where that is known.
    """

    def __init__(self, system: str, code: str, *, wait: timedelta | None = None) -> None:
        super().__init__(f"{system}: {code}")
        self.system = system
        self.code = code
        self.wait = wait


class TemporaryGatewayError(GatewayError):
    """Nothing happened there; the same call may succeed later."""


class PermanentGatewayError(GatewayError):
    """It was refused, and will be refused again."""


class ConfigurationGatewayError(PermanentGatewayError):
    """Our credentials, addresses or clock are not accepted; somebody must look."""


class UnknownOutcomeError(GatewayError):
    """The call went out and no answer came back: it may have had its effect."""
