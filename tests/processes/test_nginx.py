"""The example for nginx, run: it passes requests on, and its log tells no address."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from scripts.servers import ROOT, Server, ServerMissing, find_program, free_port

EXAMPLE = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
TOKEN = "ABCDEFGHIJKLMNOPQRSTUVWX27"
SECRETS = (TOKEN, TOKEN.lower(), "081wechatcode", "440115198803120007", "cookieMarker", "refMarker")


class Echo(BaseHTTPRequestHandler):
    """Answers with the headers it got, and keeps no log."""

    def do_GET(self) -> None:
        body = json.dumps({**self.headers, "path": self.path}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        return


class Nginx(Server):
    """The example with ports, folders and a certificate of this test."""

    def __init__(self, upstream: int) -> None:
        super().__init__("wxbackend-nginx-")
        program = find_program("nginx", "/usr/sbin")
        write_certificate(self.folder)
        conf = self.folder / "nginx.conf"
        conf.write_text(self._with_own_places(upstream), encoding="utf-8")
        self._launch([program, "-p", str(self.folder), "-c", str(conf), "-g", "daemon off;"])
        self.url = f"https://127.0.0.1:{self.port}"
        self._wait_until(self._answers, "nginx")

    def _with_own_places(self, upstream: int) -> str:
        text = EXAMPLE.replace("HOST", "127.0.0.1").replace("/run/nginx.pid", "nginx.pid")
        text = text.replace("127.0.0.1:8000", f"127.0.0.1:{upstream}")
        text = text.replace("listen 80;", f"listen 127.0.0.1:{free_port()};")
        text = text.replace("listen 443 ssl;", f"listen 127.0.0.1:{self.port} ssl;")
        return text.replace("/etc/ssl/wxbackend/", "").replace("/var/log/nginx/", "")

    def line_of(self, request_id: str) -> str:
        """The log's line, which is written a moment after the answer."""
        end = time.monotonic() + 10
        while time.monotonic() < end:
            for line in (self.folder / "access.log").read_text().splitlines():
                if line.endswith(request_id):
                    return line
            time.sleep(0.02)
        raise AssertionError("no line")

    def everything_written(self) -> str:
        names = ("access.log", "error.log", "log")
        return "".join((self.folder / name).read_text(errors="replace") for name in names)

    def _answers(self) -> bool:
        try:
            return self.ask("/").status_code in {200, 502}
        except requests.ConnectionError:
            return False

    def ask(self, path: str, **headers: str) -> requests.Response:
        certificate = str(self.folder / "fullchain.pem")
        return requests.get(
            self.url + path, headers=headers, verify=certificate, timeout=10, allow_redirects=False
        )


def write_certificate(folder: Path) -> None:
    """For 127.0.0.1 and an hour."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    (folder / "fullchain.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )


@pytest.fixture(scope="module")
def nginx() -> Iterator[Nginx]:
    upstream = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    thread = threading.Thread(target=upstream.serve_forever)
    thread.start()
    try:
        server = Nginx(upstream.server_port)
    except ServerMissing:
        pytest.skip("needs nginx")
    else:
        yield server
        server.stop()
    finally:
        upstream.shutdown()
        upstream.server_close()
        thread.join()


def test_requests_are_passed_on_with_whose_they_are(nginx):
    sent = nginx.ask(
        f"/P/{TOKEN}?x=1", **{"X-Forwarded-For": "203.0.113.9", "X-Request-Id": "mine"}
    )
    got = sent.json()
    assert got["path"] == f"/P/{TOKEN}?x=1"
    assert got["X-Forwarded-For"] == "127.0.0.1"
    assert got["X-Forwarded-Proto"] == "https"
    assert re.fullmatch(r"[0-9a-f]{32}", got["X-Request-Id"])
    assert nginx.line_of(got["X-Request-Id"])


@pytest.mark.parametrize(
    ("path", "said"),
    [
        (f"/P/{TOKEN}", "/P/..."),
        (f"/p/{TOKEN.lower()}?from=singlemessage", "/p/..."),
        (f"/i/{TOKEN.lower()}?certToken={TOKEN}", "/i/..."),
        (f"/digest/{TOKEN}", "/digest/..."),
        (f"/receipts/{TOKEN}/mas", "/receipts/..."),
        (f"/wechat/oauth?code=081wechatcode&state={TOKEN}", "/wechat/..."),
        ("/office/drivers?q=440115198803120007", "/office/..."),
        (f"/MP_verify_{TOKEN}.txt", "/MP_verify"),
        ("/?code=081wechatcode", "/"),
        (f"/{TOKEN}", "(other)"),
        (f"/Px/{TOKEN}", "(other)"),
        (f"//P/{TOKEN}", "(other)"),
        ("/440115198803120007", "(other)"),
    ],
)
def test_the_log_says_the_first_part_at_most(nginx, path, said):
    sent = nginx.ask(path, Referer=f"{nginx.url}/P/refMarker", Cookie="wxbackend=cookieMarker")
    assert f'"GET {said}" 200' in nginx.line_of(sent.json()["X-Request-Id"])


def test_a_gunicorn_that_is_away_tells_nothing_either(nginx):
    gone = Nginx(upstream=free_port())
    try:
        assert gone.ask(f"/P/{TOKEN}?code=081wechatcode").status_code == 502
        assert not [secret for secret in SECRETS if secret in gone.everything_written()]
    finally:
        gone.stop()
    assert not [secret for secret in SECRETS if secret in nginx.everything_written()]


def test_the_log_knows_the_first_part_of_every_address(app):
    known = set(re.search(r"\?<first>([^)]+)\)", EXAMPLE)[1].split("|"))
    first = {rule.rule.split("/")[1] for rule in app.url_map.iter_rules()}
    first = {part for part in first if part and not part.startswith("MP_verify")}
    assert {part for part in first if "<" in part} == set()
    assert first - known == set()
