"""Private servers for the tests: PostgreSQL, Redis and the sandbox, each on a port of its own."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import requests

from scripts.servers import ROOT as ROOT
from scripts.servers import PrivatePostgres as PrivatePostgres
from scripts.servers import PrivateRedis as PrivateRedis
from scripts.servers import Server as Server
from scripts.servers import ServerMissing as ServerMissing
from scripts.servers import free_port as free_port


class Sandbox(Server):
    """The fake platforms; `app_port` is where the application under test will listen."""

    def __init__(self, *, app_port: int | None = None, personas: Path | None = None) -> None:
        super().__init__("wxbackend-sandbox-")
        self.app_port = app_port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.app_url = f"http://127.0.0.1:{self.app_port}"
        command = [sys.executable, "-m", "scripts.sandbox", "--port", str(self.port)]
        command += ["--app-url", self.app_url, "--public-url", self.url]
        if personas is not None:
            command += ["--personas", str(personas)]
        self._command = command
        self.start_again()
        self.credentials = self.get("/sandbox/credentials")

    def start_again(self) -> None:
        """At the same address, with nothing in it."""
        self._launch(self._command)
        self._wait_until(self._answers, "the sandbox")
        self._session = requests.Session()

    def kill(self) -> None:
        """Without a word; until nobody listens any more."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()
        while self._answers():
            time.sleep(0.02)

    def get(self, path: str, **params: str) -> object:
        return self._answer(self._session.get(self.url + path, params=params, timeout=10))

    def put(self, path: str, content: object) -> object:
        return self._answer(self._session.put(self.url + path, json=content, timeout=10))

    def post(self, path: str, content: object) -> object:
        return self._answer(self._session.post(self.url + path, json=content, timeout=30))

    def delete(self, path: str) -> None:
        self._session.delete(self.url + path, timeout=10).raise_for_status()

    def personas(self) -> list[dict[str, str]]:
        found = self.get("/sandbox/personas")
        return found if isinstance(found, list) else found["personas"]

    def messages(self, **filters: str) -> list[dict[str, object]]:
        found = self.get("/sandbox/messages", **filters)
        return found if isinstance(found, list) else found["messages"]

    def fault(self, target: str, kind: str, *, value: object = None, count: int = 1) -> None:
        self.put(f"/sandbox/faults/{target}", {"kind": kind, "value": value, "count": count})

    def _answers(self) -> bool:
        try:
            return requests.get(f"{self.url}/sandbox/health", timeout=2).ok
        except (requests.ConnectionError, requests.Timeout):
            return False

    @staticmethod
    def _answer(response: requests.Response) -> object:
        response.raise_for_status()
        return response.json() if response.content else None
