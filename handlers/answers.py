"""Answers that are not pages: pictures, and files to keep."""

from __future__ import annotations

from urllib.parse import quote

from flask import Response


def png(content: bytes) -> Response:
    return Response(content, mimetype="image/png")


def jpeg(content: bytes) -> Response:
    """A picture that somebody uploaded, drawn anew; never anything but a picture."""
    response = Response(content, mimetype="image/jpeg")
    response.headers["Content-Disposition"] = "inline; filename=image.jpg"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def attachment(answer: Response, file_name: str) -> Response:
    """Let the browser save the answer under this name, and never show it as a page."""
    name = quote(file_name, safe="")
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer
