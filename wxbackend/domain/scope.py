"""Data scope: whose rows a question may touch. Every query of people's rows takes one of these."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DistrictScope:
    """The whole district: bureau users, and the system's own work (jobs, imports, the gate)."""


@dataclass(frozen=True, slots=True)
class TownScope:
    """Enterprises of one town and their drivers; non-roster drivers bound for the town."""

    town_id: int


@dataclass(frozen=True, slots=True)
class EnterpriseScope:
    """A lead's own enterprises."""

    enterprise_ids: frozenset[int]


@dataclass(frozen=True, slots=True)
class CheckpointScope:
    """Passages of one checkpoint."""

    checkpoint_id: int


@dataclass(frozen=True, slots=True)
class DriverScope:
    """The reservations of one WeChat user."""

    wechat_user_id: int


@dataclass(frozen=True, slots=True)
class NoScope:
    """No people's rows at all: admin, auditor."""


Scope = DistrictScope | TownScope | EnterpriseScope | CheckpointScope | DriverScope | NoScope
