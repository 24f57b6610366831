"""Roles and rights: the one table that pages and API ask. Source: product.md section 2."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum


class Role(StrEnum):
    DRIVER = "driver"
    CHECKPOINT = "checkpoint"
    ENTERPRISE = "enterprise"
    TOWN = "town"
    BUREAU = "bureau"
    ADMIN = "admin"
    AUDITOR = "auditor"


# Who signs in with an account and a password. A lead may have an account for the PC besides.
ACCOUNT_ROLES = frozenset(Role) - {Role.DRIVER}
# A person of several roles meets them in this order. Source: product.md section 2, the menu.
PORT_ORDER = (Role.CHECKPOINT, Role.ENTERPRISE, Role.TOWN, Role.DRIVER)
# The account's menu follows the highest role of a follower; whoever has none is a driver.
MENU_ORDER = (Role.CHECKPOINT, Role.ENTERPRISE, Role.TOWN, Role.BUREAU, Role.DRIVER)


def menu_role(roles: Collection[Role]) -> Role:
    """The role whose menu a follower with these roles sees."""
    return next((role for role in MENU_ORDER if role in roles), Role.DRIVER)


class Right(StrEnum):
    RESERVE = "reserve"
    SCAN_AND_DECIDE = "scan_and_decide"
    VIEW_HOME = "view_home"
    VIEW_ENTERPRISES = "view_enterprises"
    VIEW_DRIVERS = "view_drivers"
    VIEW_RESERVATIONS = "view_reservations"
    VIEW_NOTIFICATIONS = "view_notifications"
    VIEW_SMS_PROVIDERS = "view_sms_providers"
    VIEW_SIGN_INS = "view_sign_ins"
    SEE_CLEAR_NUMBERS = "see_clear_numbers"
    MANAGE_EMPLOYEES = "manage_employees"
    MANAGE_ENTERPRISES = "manage_enterprises"
    IMPORT_REGISTERS = "import_registers"
    SET_ALERTS = "set_alerts"
    RESEND_NOTIFICATIONS = "resend_notifications"
    CORRECT_PASSAGES = "correct_passages"
    EXPORT = "export"
    EXPORT_CLEAR = "export_clear"
    PREPARE_RESERVATIONS = "prepare_reservations"
    MANAGE_SYSTEM = "manage_system"
    VIEW_JOBS = "view_jobs"
    READ_AUDIT = "read_audit"


_R = Role
_OFFICE = frozenset({_R.ENTERPRISE, _R.TOWN, _R.BUREAU})
RIGHTS: dict[Right, frozenset[Role]] = {
    Right.RESERVE: frozenset({_R.DRIVER}),
    Right.SCAN_AND_DECIDE: frozenset({_R.CHECKPOINT}),
    Right.VIEW_HOME: _OFFICE,
    Right.VIEW_ENTERPRISES: frozenset({_R.TOWN, _R.BUREAU}),
    Right.VIEW_DRIVERS: _OFFICE,
    Right.VIEW_RESERVATIONS: _OFFICE,
    Right.VIEW_NOTIFICATIONS: frozenset({_R.BUREAU}),
    Right.VIEW_SMS_PROVIDERS: frozenset({_R.BUREAU, _R.ADMIN}),
    Right.VIEW_SIGN_INS: frozenset({_R.ADMIN, _R.AUDITOR}),
    Right.SEE_CLEAR_NUMBERS: _OFFICE | {_R.CHECKPOINT},
    Right.MANAGE_EMPLOYEES: frozenset({_R.ENTERPRISE, _R.BUREAU}),
    Right.MANAGE_ENTERPRISES: frozenset({_R.BUREAU}),
    Right.IMPORT_REGISTERS: frozenset({_R.BUREAU}),
    Right.SET_ALERTS: frozenset({_R.BUREAU}),
    Right.RESEND_NOTIFICATIONS: frozenset({_R.BUREAU}),
    Right.CORRECT_PASSAGES: frozenset({_R.BUREAU}),
    Right.EXPORT: _OFFICE,
    Right.EXPORT_CLEAR: frozenset({_R.ENTERPRISE, _R.BUREAU}),
    Right.PREPARE_RESERVATIONS: frozenset({_R.ENTERPRISE}),
    Right.MANAGE_SYSTEM: frozenset({_R.ADMIN}),
    Right.VIEW_JOBS: frozenset({_R.ADMIN, _R.BUREAU}),
    Right.READ_AUDIT: frozenset({_R.AUDITOR}),
}


def may(role: Role, right: Right) -> bool:
    return role in RIGHTS[right]
