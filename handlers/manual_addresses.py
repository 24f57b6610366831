"""The addresses printed in the operating manual: their fragments lead to today's pages."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from handlers.guards import anyone, guarded

blueprint = guarded(Blueprint("manual_addresses", __name__), anyone)


@blueprint.get("/yqfk/driver.html")
@blueprint.get("/yqfk/index.html")
@blueprint.get("/mportal/index.html")
def fragment() -> ResponseReturnValue:
    """A fragment never reaches a server: a small script maps it, links stand in without one."""
    return render_template("fragment.html")
