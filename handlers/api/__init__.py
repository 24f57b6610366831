"""The way in for the mini-program: JSON, bearer tokens, one document (docs/api.md)."""

from __future__ import annotations

from handlers.api import (
    docs,
    driver_drafts,
    driver_prepared,
    driver_reservations,
    gate,
    gate_scans,
    lead,
    lead_employees,
    lead_imports,
    lead_prepared,
    lead_reservations,
    me,
    places,
    sign_in,
)
from handlers.api.operations import BadJson, OtherContent, refuse_json, refuse_type
from handlers.refusals import refuse_form
from wxbackend.domain.errors import InvalidForm

BLUEPRINTS = tuple(
    module.blueprint
    for module in (
        docs,
        driver_drafts,
        driver_prepared,
        driver_reservations,
        gate,
        gate_scans,
        lead,
        lead_employees,
        lead_imports,
        lead_prepared,
        lead_reservations,
        me,
        places,
        sign_in,
    )
)

for _blueprint in BLUEPRINTS:
    _blueprint.register_error_handler(BadJson, refuse_json)
    _blueprint.register_error_handler(OtherContent, refuse_type)
    _blueprint.register_error_handler(InvalidForm, refuse_form)
