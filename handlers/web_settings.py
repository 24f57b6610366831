"""What the pages need to know of the installation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class WebSettings:
    """Addresses and limits of the pages.

    `client_cookie` names the cookie of a browser that plays WeChat; empty in production.
    `identity_page` and `oauth_page` are addresses that our forms and pages send browsers to.
    """

    is_production: bool
    public_base_url: str
    cookie_secret: str
    js_sdk_url: str
    client_cookie: str
    most_upload_bytes: int
    identity_page: str
    oauth_page: str
    verification_files: Mapping[str, str]
    sms_receipts_secret: str = field(repr=False)
