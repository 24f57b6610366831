"""Where the browser comes back to from 微警's page; nothing that it brings along is believed."""

from __future__ import annotations

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue

from handlers.context import dependencies
from handlers.guards import anyone, guarded
from wxbackend.services.identity_results import come_back

blueprint = guarded(Blueprint("identity", __name__, url_prefix="/i"), anyone)


@blueprint.get("/<return_key>")
def returned(return_key: str) -> ResponseReturnValue:
    """Ask 微警 how it ended; then the driver's page, which asks who is there if need be."""
    public_id = come_back(dependencies(), return_key)
    return redirect(url_for("driver.show", public_id=public_id))
