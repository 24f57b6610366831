"""The numbers and names an office may set: typed, and handed to the use cases that need them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time, timedelta
from typing import NewType

from wxbackend.domain.gate import FactCode, Level

ByteCount = NewType("ByteCount", int)
PixelCount = NewType("PixelCount", int)


@dataclass(frozen=True, slots=True)
class District:
    """Names as they stand on pages and in messages: 南沙区, 南沙."""

    name: str
    short_name: str
    office: str
    platform: str


@dataclass(frozen=True, slots=True)
class ReservationPolicy:
    bookable_ahead: timedelta
    valid_after_arrival: timedelta
    most_passengers: int
    draft_kept_for: timedelta
    kept_for: timedelta


@dataclass(frozen=True, slots=True)
class ImagePolicy:
    most_bytes: ByteCount
    most_pixels: PixelCount


@dataclass(frozen=True, slots=True)
class GatePolicy:
    shift: timedelta
    scan_fresh_for: timedelta
    register_fresh_for: timedelta
    registry_timeout: timedelta
    most_unknown_codes: int
    unknown_codes_window: timedelta
    levels: Mapping[FactCode, Level]


@dataclass(frozen=True, slots=True)
class SignInPolicy:
    """Limits on passwords and codes. Source: product.md section 7, security.md section 1."""

    most_wrong_passwords: int
    lockout: timedelta
    password_valid_for: timedelta
    first_password_valid_for: timedelta
    code_valid_for: timedelta
    most_wrong_codes: int
    code_pause: timedelta
    most_codes_a_day: int
    driver_session: timedelta
    gate_idle: timedelta
    office_idle: timedelta


@dataclass(frozen=True, slots=True)
class ApiPolicy:
    """Calls a minute: of one token, and of one address without a token."""

    most_calls: int
    most_calls_without_token: int


@dataclass(frozen=True, slots=True)
class NotificationPolicy:
    """`retry_pauses[n]` follows try n+1; after the last pause one more try is the last."""

    retry_pauses: tuple[timedelta, ...]
    alert_valid_for: timedelta
    lease: timedelta
    most_per_minute_per_member: int
    most_per_hour_per_member: int
    sms_recovery_step: timedelta
    sms_configuration_pause: timedelta


@dataclass(frozen=True, slots=True)
class DigestPolicy:
    """`times` are the district's; `settle` lets decisions of the last moment be committed."""

    times: tuple[time, ...]
    settle: timedelta
    link_valid_for: timedelta
    send_file: bool
    task_force: str


@dataclass(frozen=True, slots=True)
class ImportPolicy:
    """`watched_folder` is where the registers' daily files are put; empty for nowhere.

    A file in it is complete when it has not changed for `settled_after`.
    """

    watched_folder: str
    settled_after: timedelta


@dataclass(frozen=True, slots=True)
class Policy:
    district: District
    reservation: ReservationPolicy
    images: ImagePolicy
    gate: GatePolicy
    sign_in: SignInPolicy
    api: ApiPolicy
    notifications: NotificationPolicy
    digests: DigestPolicy
    imports: ImportPolicy
