"""Answers that are not pages: pictures."""

from __future__ import annotations

from flask import Response


def png(content: bytes) -> Response:
    return Response(content, mimetype="image/png")


def jpeg(content: bytes) -> Response:
    """A picture that somebody uploaded, drawn anew; never anything but a picture."""
    response = Response(content, mimetype="image/jpeg")
    response.headers["Content-Disposition"] = "inline; filename=image.jpg"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
