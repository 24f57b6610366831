"""A platform that answers what a test laid down: for answers that the sandbox never gives."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any


@dataclass
class Canned:
    """`answers` by the end of a path: a status and a body; `asked` holds the bodies that came."""

    url: str
    answers: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    asked: dict[str, list[bytes]] = field(default_factory=dict)

    def answer(self, path: str, content: Any, *, status: int = 200) -> None:
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.answers[path] = (status, body)


@contextmanager
def canned_server() -> Iterator[Canned]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            path = self.path.partition("?")[0].rpartition("/")[2]
            length = int(self.headers.get("Content-Length") or 0)
            canned.asked.setdefault(path, []).append(self.rfile.read(length))
            status, body = canned.answers.get(path, (404, b""))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST  # noqa: N815 – the server's name for it

        def log_message(self, *_: object) -> None:
            """Nothing: pytest shows enough."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    canned = Canned(f"http://127.0.0.1:{server.server_address[1]}")
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield canned
    finally:
        server.shutdown()
        server.server_close()
