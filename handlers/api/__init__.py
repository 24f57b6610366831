"""The way in for the mini-program: JSON, bearer tokens, one document (docs/api.md)."""

from __future__ import annotations

from handlers.api import docs, me, sign_in
from handlers.api.operations import BadJson, refuse_json
from handlers.refusals import refuse_form
from wxbackend.domain.errors import InvalidForm

BLUEPRINTS = tuple(module.blueprint for module in (docs, me, sign_in))

for _blueprint in BLUEPRINTS:
    _blueprint.register_error_handler(BadJson, refuse_json)
    _blueprint.register_error_handler(InvalidForm, refuse_form)
