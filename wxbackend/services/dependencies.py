"""What use cases need from outside: the numbers an office set, the gateways, the clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from wxbackend.domain.policy import Policy
from wxbackend.gateways.interfaces import Gateways

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Dependencies:
    """Built once by the composition root; handlers and jobs pass it on."""

    policy: Policy
    gateways: Gateways
    clock: Clock
    public_base_url: str
