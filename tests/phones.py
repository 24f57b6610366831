"""A phone over real HTTP: WeChat's browser on a live app, with the sandbox as WeChat.

Without an openid it is an ordinary browser.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from urllib.parse import urljoin

import requests

from tests.browser import CHROME, WECHAT
from tests.servers import Sandbox

_CALLBACK = re.compile(r"/wechat/oauth(\?|$)")
MOST_REDIRECTS = 20


class Phone:
    """One person's phone; every answer of the OAuth callback is checked as it passes."""

    def __init__(self, sandbox: Sandbox, openid: str = "") -> None:
        self.app_url, self.openid = sandbox.app_url, openid
        self._sandbox_url = sandbox.url
        self.http = requests.Session()
        self.http.trust_env = False
        self.http.headers.update(
            {"User-Agent": WECHAT if openid else CHROME, "Accept": "text/html"}
        )
        self.keeps_cookies = True
        self.asked_wechat = 0
        self.page = self.csrf = ""
        self.callbacks: list[str] = []

    def twin(self) -> Phone:
        """The same phone with the same cookies: for calls at the same moment."""
        other = Phone.__new__(Phone)
        other.__dict__.update(self.__dict__)
        other.http = requests.Session()
        other.http.trust_env = False
        other.http.headers.update(self.http.headers)
        other.http.cookies.update(self.http.cookies)
        return other

    def ask(self, address: str) -> requests.Response:
        """One request, no redirect followed."""
        address = urljoin(self.app_url, address)
        if not self.keeps_cookies:
            self.http.cookies.clear()
        answer = self.http.get(address, allow_redirects=False, timeout=20)
        assert answer.status_code < 500 or answer.status_code == 503, f"{address}: {answer.text}"
        if _CALLBACK.search(address):
            assert answer.status_code == 302, answer.status_code
            assert answer.headers["Cache-Control"] == "no-store"
            assert "code=" not in answer.headers["Location"]
        return answer

    def begin(self, path: str = "/d") -> str:
        """Open a page and stop at WeChat: its address."""
        target = self.ask(path).headers["Location"]
        assert "/connect/oauth2/authorize" in target
        return target

    def callback(self, authorize: str) -> str:
        """What WeChat calls back after one visit to its page."""
        self.asked_wechat += 1
        named = authorize.replace("#wechat_redirect", f"&as={self.openid}")
        answer = requests.get(named, allow_redirects=False, timeout=20)
        assert answer.status_code == 302, answer.text
        self.callbacks.append(answer.headers["Location"])
        return answer.headers["Location"]

    def post(self, path: str, form: Mapping[str, str] | None = None) -> requests.Response:
        """Post with the last CSRF token that a page carried, and go on until a page answers."""
        fields = {"csrf_token": self.csrf, **(form or {})}
        answer = self.http.post(self.app_url + path, data=fields, allow_redirects=False, timeout=20)
        if not answer.is_redirect:
            return self._keep(answer)
        return self.follow(urljoin(answer.url, answer.headers["Location"]))

    def _keep(self, answer: requests.Response) -> requests.Response:
        self.page = answer.text
        token = re.search(r'(?:name="csrf_token" value|data-csrf)="([^"]+)"', self.page)
        self.csrf = token[1] if token else self.csrf
        return answer

    def hidden(self, name: str) -> str:
        found = re.search(rf'name="{name}" value="([^"]*)"', self.page)
        return found[1] if found else ""

    def follow(self, address: str) -> requests.Response:
        """Go on until a page answers."""
        for answer in self._steps(address):
            if answer.status_code not in {301, 302, 303}:
                return self._keep(answer)
        raise AssertionError("round and round")

    def _steps(self, address: str) -> Iterator[requests.Response]:
        for _ in range(MOST_REDIRECTS):
            answer = self.ask(address)
            yield answer
            address = urljoin(answer.url, answer.headers.get("Location", ""))
            if "/authgzh/auth" in address:
                address = self._identified(address)
            elif address.startswith(self._sandbox_url):
                address = self.callback(address)

    @staticmethod
    def _identified(page: str) -> str:
        """The identity check passed; where it sends the browser."""
        answer = requests.get(f"{page}&outcome=pass", allow_redirects=False, timeout=20)
        return answer.headers["Location"]
