"""How the JS-SDK behaves: which phone it pretends to be."""

from __future__ import annotations

from dataclasses import dataclass

PLATFORMS = ("android", "ios", "devtools")
SCANS = ("returns", "opens")


@dataclass
class JsSdkModes:
    """`ios` does nothing on a numeric timestamp and signs the landing page; `devtools` wraps scan
    results in JSON; `opens` is the Android quirk that opens a scanned address by itself.
    """

    platform: str = "android"
    scan: str = "returns"
