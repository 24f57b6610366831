"""A small browser for tests: the app by its test client, the sandbox over real HTTP."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from contextvars import Context
from typing import Any
from urllib.parse import urlsplit

import requests
from flask import Flask
from werkzeug.test import TestResponse

from tests.servers import Sandbox

WECHAT = "Mozilla/5.0 (Linux; Android 12) AppleWebKit/537.36 MicroMessenger/8.0.30"
CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/120 Safari/537.36"


class Browser:
    """Follows redirects between the app and the sandbox, as one person with one phone."""

    def __init__(
        self, app: Flask, sandbox: Sandbox, *, openid: str | None = None, agent: str = ""
    ) -> None:
        self.app_url = sandbox.app_url
        self.openid = openid
        self._sandbox = sandbox
        self._client = app.test_client()
        self._agent = agent or (WECHAT if openid else CHROME)
        self._outside = requests.Session()
        self._csrf = ""
        self.environ: dict[str, str] = {}
        self.keeps_cookies = True
        self.page = ""
        self.content = b""
        self.account = ""  # whom a test signed in
        self.status = 0
        self.path = ""
        self.response: TestResponse | None = None

    def get(self, path: str, **headers: str) -> str:
        return self._go("GET", path, None, headers)

    def post(self, path: str, form: Mapping[str, Any] | None = None, **headers: str) -> str:
        """Post a form with the CSRF token of the last page that carried one."""
        fields = {"csrf_token": self._csrf, **(form or {})}
        return self._go("POST", path, fields, headers)

    def redirect_of(self, path: str, *, fresh: bool = False) -> str:
        """Where one request to this page is sent; `fresh` forgets who was signed in."""
        if fresh:
            self._client._cookies.clear()
        answer = Context().run(
            self._client.get, path, base_url=self.app_url, headers={"User-Agent": self._agent}
        )
        return answer.headers["Location"]

    def cookie(self, name: str) -> str:
        found = self._client.get_cookie(name, domain=urlsplit(self.app_url).hostname or "")
        assert found is not None, f"no cookie {name}"
        return found.value

    def set_cookie(self, name: str, value: str) -> None:
        self._client.set_cookie(name, value, domain=urlsplit(self.app_url).hostname or "")

    def hidden(self, name: str) -> str:
        found = re.search(rf'name="{name}" value="([^"]*)"', self.page)
        assert found, f"no hidden field {name} on {self.path}"
        return html.unescape(found[1])

    def submit(self, path: str, **fields: str) -> str:
        return self.post(path, fields)

    @property
    def text(self) -> str:
        """The page's visible text, on one line."""
        without_code = re.sub(r"<(script|template|svg)\b.*?</\1>", " ", self.page, flags=re.S)
        plain = html.unescape(re.sub(r"<[^>]+>", " ", without_code))
        return re.sub(r"\s+", " ", plain).strip()

    def outside(self, address: str) -> str:
        """Open an address of the sandbox; where it sends the browser."""
        if self.openid and "/connect/oauth2/authorize" in address:
            address = address.replace("#wechat_redirect", f"&as={self.openid}")
        answer = self._outside.get(address, allow_redirects=False, timeout=20)
        assert answer.status_code in {301, 302, 303}, f"{answer.status_code}: {answer.text[:300]}"
        return answer.headers["Location"]

    def _keep(self, answer: TestResponse) -> None:
        kind = answer.mimetype or ""
        is_text = kind.startswith("text/") or kind.endswith("json")
        self.content = answer.get_data()
        self.page = answer.get_data(as_text=True) if is_text else ""
        token = re.search(r'(?:name="csrf_token" value|data-csrf)="([^"]+)"', self.page)
        self._csrf = token[1] if token else self._csrf
        answer.close()

    def _go(
        self, method: str, path: str, form: Mapping[str, Any] | None, headers: Mapping[str, str]
    ) -> str:
        for _ in range(10):
            # A context of its own: a test may hold an app context open; Flask would share it.
            answer = Context().run(
                self._client.open,
                path,
                method=method,
                data=form,
                base_url=self.app_url,
                headers={"User-Agent": self._agent, "Accept": "text/html", **headers},
                follow_redirects=False,
                environ_overrides=self.environ,
            )
            if not self.keeps_cookies:
                self._client._cookies.clear()
            self.response, self.status, self.path = answer, answer.status_code, path
            if not 300 <= answer.status_code < 400:
                self._keep(answer)
                return self.page
            target = answer.headers["Location"]
            if target.startswith(self._sandbox.url):
                if "/authgzh/auth" in target:
                    self.page = target  # the test decides how the identity check ends
                    return target
                target = self.outside(target)
            method, form, path = "GET", None, _local(target, self.app_url)
        raise AssertionError("too many redirects")


def _local(target: str, app_url: str) -> str:
    parts = urlsplit(target)
    if parts.netloc:
        assert target.startswith(app_url), f"led away to {target}"
    return parts.path + (f"?{parts.query}" if parts.query else "")
