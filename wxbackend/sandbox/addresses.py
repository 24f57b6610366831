"""Hosts and origins: which addresses mean the same machine."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit


def is_loopback(host: str | None) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def same_host(one: str | None, other: str | None) -> bool:
    """Whether two host names are the same place; all names of this machine are."""
    return (one or "").lower() == (other or "").lower() or (is_loopback(one) and is_loopback(other))


def host_of(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


def port_of(url: str) -> int | None:
    try:
        return urlsplit(url).port
    except ValueError:
        return None


def is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme.lower() in {"http", "https"} and bool(parts.hostname)


def origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme.lower()}://{parts.netloc.lower()}"


def with_host(url: str, host: str) -> str:
    """The address with another host name and the same port, where both are names of this machine.

    Cookies are kept by host name, so the phone must open the app under the name in its own
    address bar, or the two would not share them.
    """
    parts = urlsplit(url)
    if not (is_loopback(parts.hostname) and is_loopback(host)):
        return url
    name = f"[{host}]" if ":" in host else host
    netloc = f"{name}:{parts.port}" if parts.port else name
    return parts._replace(netloc=netloc).geturl()
