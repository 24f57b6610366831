"""Addresses to go on to: only ever a path of our own (SEC-E12)."""

from __future__ import annotations

import re

# One slash and then neither a second one nor a backslash: no browser reads a host into it.
_LOCAL = re.compile(r"/(?![/\\])[!-\[\]-~]*")


def local_path(candidate: str | None, default: str = "/") -> str:
    """The candidate if it is a path of our own, else the default."""
    if candidate and len(candidate) <= 500 and _LOCAL.fullmatch(candidate):
        return candidate
    return default
