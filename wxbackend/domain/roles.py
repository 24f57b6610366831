"""Roles and rights: the one table that pages and API ask. Source: product.md section 2."""

from __future__ import annotations

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


class Right(StrEnum):
    RESERVE = "reserve"
    SCAN_AND_DECIDE = "scan_and_decide"
    SEE_CLEAR_NUMBERS = "see_clear_numbers"
    MANAGE_EMPLOYEES = "manage_employees"
    MANAGE_ENTERPRISES = "manage_enterprises"
    IMPORT_REGISTERS = "import_registers"
    SET_ALERTS = "set_alerts"
    RESEND_NOTIFICATIONS = "resend_notifications"
    CORRECT_PASSAGES = "correct_passages"
    EXPORT_CLEAR = "export_clear"
    MANAGE_SYSTEM = "manage_system"
    READ_AUDIT = "read_audit"


_R = Role
RIGHTS: dict[Right, frozenset[Role]] = {
    Right.RESERVE: frozenset({_R.DRIVER}),
    Right.SCAN_AND_DECIDE: frozenset({_R.CHECKPOINT}),
    Right.SEE_CLEAR_NUMBERS: frozenset({_R.CHECKPOINT, _R.ENTERPRISE, _R.TOWN, _R.BUREAU}),
    Right.MANAGE_EMPLOYEES: frozenset({_R.ENTERPRISE, _R.BUREAU}),
    Right.MANAGE_ENTERPRISES: frozenset({_R.BUREAU}),
    Right.IMPORT_REGISTERS: frozenset({_R.BUREAU}),
    Right.SET_ALERTS: frozenset({_R.BUREAU}),
    Right.RESEND_NOTIFICATIONS: frozenset({_R.BUREAU}),
    Right.CORRECT_PASSAGES: frozenset({_R.BUREAU}),
    Right.EXPORT_CLEAR: frozenset({_R.ENTERPRISE, _R.BUREAU}),
    Right.MANAGE_SYSTEM: frozenset({_R.ADMIN}),
    Right.READ_AUDIT: frozenset({_R.AUDITOR}),
}


def may(role: Role, right: Right) -> bool:
    return role in RIGHTS[right]
