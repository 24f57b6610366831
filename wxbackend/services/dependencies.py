"""What use cases need from outside: the numbers an office set, the gateways, the clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from wxbackend.domain.policy import Policy
from wxbackend.gateways.interfaces.gateways import Gateways
from wxbackend.services.live_policy import OfficeNumbers
from wxbackend.services.sms_shares import KnownShares

Clock = Callable[[], datetime]
# Does something in a moment, in another thread; it may also leave it undone.
RunSoon = Callable[[Callable[[], object]], None]


def leave_undone(_task: Callable[[], object]) -> None:
    """Where nothing runs besides: the jobs do it in their own time."""


@dataclass(frozen=True, slots=True)
class Dependencies:
    """Built once by the composition root; handlers and jobs pass it on.

    `configured` is what the files say; `policy` is what holds now, with the office's own numbers.
    """

    configured: Policy
    gateways: Gateways
    clock: Clock
    public_base_url: str
    office_numbers: OfficeNumbers = field(default_factory=OfficeNumbers)
    run_soon: RunSoon = leave_undone
    sms_shares: KnownShares = field(default_factory=KnownShares)

    @property
    def policy(self) -> Policy:
        return self.office_numbers.over(self.configured)
