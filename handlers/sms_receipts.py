"""Where SMS providers report what arrived; knowing the address is what lets them in."""

from __future__ import annotations

import hmac

from flask import Blueprint, abort, jsonify, request
from flask.typing import ResponseReturnValue

from handlers.context import dependencies, web_settings
from handlers.guards import guarded
from wxbackend.services.sms_receipts import take_receipts

_MOST_BYTES = 512_000


def holders_of_the_secret() -> ResponseReturnValue | None:
    """The secret in the address is right; without one in the settings nobody has it."""
    secret = web_settings().sms_receipts_secret
    given = str((request.view_args or {}).get("secret", ""))
    if not secret or not hmac.compare_digest(secret.encode(), given.encode()):
        abort(404)
    return None


blueprint = guarded(
    Blueprint("sms_receipts", __name__, url_prefix="/receipts/<secret>"), holders_of_the_secret
)


@blueprint.post("/<provider>")
def take(secret: str, provider: str) -> ResponseReturnValue:
    """`secret` was checked by the guard."""
    del secret
    request.max_content_length = _MOST_BYTES
    answer = take_receipts(dependencies(), provider=provider, body=request.get_data())
    return jsonify(dict(answer))
