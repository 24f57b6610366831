"""For load balancers: is the process alive, and can it do its work?"""

from __future__ import annotations

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from handlers.context import dependencies
from handlers.guards import anyone, guarded
from wxbackend.services.readiness import readiness, warnings

blueprint = guarded(Blueprint("health", __name__), anyone)


@blueprint.get("/healthz")
def alive() -> ResponseReturnValue:
    return jsonify(status="ok")


@blueprint.get("/readyz")
def ready() -> ResponseReturnValue:
    checks = readiness(dependencies())
    if all(checks.values()):
        return jsonify(status="ok", checks=checks, warnings=warnings(dependencies()))
    return jsonify(status="not ready", checks=checks), 503
