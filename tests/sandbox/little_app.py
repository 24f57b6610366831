"""A very small app, just enough of one for the sandbox to talk to."""

from __future__ import annotations

import hashlib
import io
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import qrcode
import requests

POLICY = (
    "default-src 'none'; script-src 'self' {sandbox}; style-src 'self'; img-src 'self'; "
    "connect-src 'self' {sandbox}; frame-src {sandbox}; frame-ancestors {sandbox}"
)
SCAN_SCRIPT = """
const show = (id, text) => { document.getElementById(id).textContent = text; };
const config = JSON.parse(document.body.dataset.config);
wx.config(config);
wx.ready(() => show("state", "ready"));
wx.error((error) => show("state", error.errMsg));
document.getElementById("scan").addEventListener("click", () => wx.scanQRCode({
  needResult: Number(document.body.dataset.needResult), scanType: ["qrCode"],
  success: (result) => show("result", result.resultStr),
  fail: (result) => show("result", result.errMsg),
  cancel: (result) => show("result", result.errMsg),
}));
wx.checkJsApi({ jsApiList: ["scanQRCode", "chooseImage"],
  success: (result) => show("known", JSON.stringify(result.checkResult)) });
const told = () => show("bridge", typeof WeixinJSBridge.invoke);
document.addEventListener("WeixinJSBridgeReady", told);
document.getElementById("close").addEventListener("click", () => wx.closeWindow());
"""


@dataclass
class Pushed:
    """One delivery that reached the app."""

    query: dict[str, str]
    body: str


@dataclass
class LittleApp:
    """Answers pages of its own, and pushes by `answer_push`."""

    port: int = 0
    sandbox: str = ""
    credentials: dict[str, Any] = field(default_factory=dict)
    pushes: list[Pushed] = field(default_factory=list)
    callbacks: list[dict[str, str]] = field(default_factory=list)
    answer_push: Callable[[Pushed], tuple[int, str]] = lambda pushed: (200, "success")
    api_list: tuple[str, ...] = ("scanQRCode", "closeWindow")
    numeric_timestamp: bool = False
    qr_text: str = ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def forget(self) -> None:
        self.pushes.clear()
        self.callbacks.clear()
        self.answer_push = lambda pushed: (200, "success")
        self.api_list = ("scanQRCode", "closeWindow")
        self.numeric_timestamp = False
        self.qr_text = f"{self.url}/P/TESTCODE".upper()

    def authorize_url(self, **changes: str) -> str:
        query = {
            "appid": self.credentials["wechat"]["app_id"],
            "redirect_uri": f"{self.url}/callback?next=1",
            "response_type": "code",
            "scope": "snsapi_base",
            "state": "abc123",
            **changes,
        }
        return f"{self.sandbox}/connect/oauth2/authorize?{urlencode(query)}#wechat_redirect"

    def jssdk_config(self, url: str, *, wrong: bool = False) -> dict[str, Any]:
        wechat = self.credentials["wechat"]
        token = requests.post(
            f"{self.sandbox}/cgi-bin/stable_token",
            json={
                "grant_type": "client_credential",
                "appid": wechat["app_id"],
                "secret": wechat["app_secret"],
            },
            timeout=5,
        ).json()["access_token"]
        ticket = requests.get(
            f"{self.sandbox}/cgi-bin/ticket/getticket",
            params={"access_token": token, "type": "jsapi"},
            timeout=5,
        ).json()["ticket"]
        stamp = str(int(time.time()))
        signed = f"jsapi_ticket={ticket}&noncestr=n0nce&timestamp={stamp}&url={url}"
        signature = hashlib.sha1(signed.encode(), usedforsecurity=False).hexdigest()
        return {
            "appId": wechat["app_id"],
            "timestamp": int(stamp) if self.numeric_timestamp else stamp,
            "nonceStr": "n0nce",
            "signature": "0" * 40 if wrong else signature,
            "jsApiList": list(self.api_list),
        }


def qr_png(text: str) -> bytes:
    buffer = io.BytesIO()
    qrcode.make(text).save(buffer)
    return buffer.getvalue()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    app: LittleApp

    def log_message(self, *_words: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        page = {
            "/": self._home,
            "/login": self._login,
            "/callback": self._callback,
            "/scan": self._scan,
            "/scan.js": self._script,
            "/code": self._code,
            "/qr.png": self._picture,
            "/wechat/push": self._echo,
        }.get(parts.path, self._other)
        page(query)

    def do_POST(self) -> None:
        query = {k: v[0] for k, v in parse_qs(urlsplit(self.path).query).items()}
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        pushed = Pushed(query, body)
        self.app.pushes.append(pushed)
        status, answer = self.app.answer_push(pushed)
        self._send(answer, kind="text/xml", status=status)

    def _home(self, _query: dict[str, str]) -> None:
        cookie = self.headers.get("Cookie", "")
        self._page(f"<h1>little app</h1><p id='cookie'>{cookie}</p><a href='/second'>on</a>")

    def _other(self, query: dict[str, str]) -> None:
        path = urlsplit(self.path).path
        self._page(f"<h1 id='path'>{path}</h1><p id='query'>{json.dumps(query)}</p>")

    def _login(self, _query: dict[str, str]) -> None:
        self._redirect(self.app.authorize_url())

    def _callback(self, query: dict[str, str]) -> None:
        self.app.callbacks.append(query)
        wechat = self.app.credentials["wechat"]
        grant = requests.get(
            f"{self.app.sandbox}/sns/oauth2/access_token",
            params={
                "appid": wechat["app_id"],
                "secret": wechat["app_secret"],
                "code": query.get("code", ""),
                "grant_type": "authorization_code",
            },
            timeout=5,
        ).json()
        self._page(f"<h1 id='openid'>{grant.get('openid', grant.get('errcode'))}</h1>")

    def _scan(self, query: dict[str, str]) -> None:
        config = self.app.jssdk_config(f"{self.app.url}{self.path}", wrong="wrong" in query)
        attribute = json.dumps(config).replace('"', "&quot;")
        self._page(
            "<p id='state'></p><p id='result'></p><p id='known'></p><p id='bridge'></p>"
            "<button id='scan'>scan</button><button id='close'>close</button>"
            f"<script src='{self.app.sandbox}/open/js/jweixin-1.6.0.js'></script>"
            "<script src='/scan.js'></script>",
            body=f"data-config='{attribute}' data-need-result='{query.get('need', '1')}'",
        )

    def _code(self, _query: dict[str, str]) -> None:
        self._page(
            "<h1>pass</h1><img src='/qr.png' width='240' height='240' alt='pass'>"
            f"<script src='{self.app.sandbox}/open/js/jweixin-1.6.0.js'></script>"
        )

    def _script(self, _query: dict[str, str]) -> None:
        self._send(SCAN_SCRIPT, kind="text/javascript")

    def _picture(self, _query: dict[str, str]) -> None:
        self._send(qr_png(self.app.qr_text), kind="image/png")

    def _echo(self, query: dict[str, str]) -> None:
        self._send(query.get("echostr", ""), kind="text/plain")

    def _redirect(self, url: str) -> None:
        self.send_response(302)
        self.send_header("Location", url)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _page(self, inner: str, body: str = "") -> None:
        title = urlsplit(self.path).path
        html = (
            f"<!doctype html><html><head><title>{title}</title></head><body {body}>{inner}</body>"
        )
        self._send(html, kind="text/html; charset=utf-8")

    def _send(self, content: str | bytes, *, kind: str, status: int = 200) -> None:
        raw = content.encode() if isinstance(content, str) else content
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(raw)))
        self.send_header("Content-Security-Policy", POLICY.format(sandbox=self.app.sandbox))
        self.end_headers()
        self.wfile.write(raw)


def start_little_app(app: LittleApp) -> ThreadingHTTPServer:
    handler = type("Handler", (_Handler,), {"app": app})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    app.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
