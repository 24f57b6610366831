"""The identity check as the use cases see it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class StartedCheck:
    """The person continues at `page_url`; the provider forgets the token at `expires_at`."""

    cert_token: str
    page_url: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class IdentityResult:
    """`is_done` False: ask again later. The number and name may come back masked, or not at all."""

    is_done: bool
    has_passed: bool
    code: str
    name: str | None = None
    id_number: str | None = None


class IdentityProvider(Protocol):
    """微警认证, or another provider of the same service. Called by the identity use cases."""

    @property
    def name(self) -> str: ...

    def start(
        self,
        *,
        full_name: str,
        id_number: str,
        return_url: str,
        now: datetime,
        is_in_program: bool = False,
    ) -> StartedCheck:
        """`is_in_program`: the person is in a mini-program. Raises: GatewayError."""
        ...

    def fetch_result(self, cert_token: str) -> IdentityResult:
        """Only this proves an identity; the browser's return does not. Raises: GatewayError."""
        ...
