"""Start everything on this machine: data, the app on :8000, the sandbox on :9000, until Ctrl-C.

WXBACKEND_PORT, WXBACKEND_SANDBOX_PORT and WXBACKEND_DATA_DIR move it elsewhere.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from models import schema
from scripts.demo import prepare_demo
from wxbackend.config.settings import load_settings
from wxbackend.gateways.key_ring import create_key_file

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "config.example.toml"
_START_SECONDS = 60
_STOP_SECONDS = 10


@dataclass(frozen=True)
class Place:
    """Where this run lives."""

    folder: Path
    port: int
    sandbox_port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def sandbox_url(self) -> str:
        return f"http://127.0.0.1:{self.sandbox_port}"

    @property
    def config(self) -> Path:
        return self.folder / "run.toml"

    @property
    def personas(self) -> Path:
        return self.folder / "personas.json"

    @property
    def accounts(self) -> Path:
        return self.folder / "demo-accounts.json"


def place_from_environment() -> Place:
    """Raises: SystemExit for a port that is none."""
    folder = Path(os.environ.get("WXBACKEND_DATA_DIR") or ROOT / "data").resolve()
    return Place(folder, _port("WXBACKEND_PORT", 8000), _port("WXBACKEND_SANDBOX_PORT", 9000))


def main() -> None:
    # Also where a shell started us with SIGINT ignored, as it does with jobs in the background.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    place = place_from_environment()
    try:
        with running(place) as children:
            print(_greeting(place), flush=True)
            _watch(children)
    except KeyboardInterrupt:
        print("\nstopped")


@contextmanager
def running(place: Place) -> Iterator[list[subprocess.Popen[bytes]]]:
    """The sandbox and the application of this place, ready; both end with the block.

    Raises: SystemExit with the reason when they cannot be started.
    """
    for port in (place.port, place.sandbox_port):
        _refuse_taken(port)
    prepare(place)
    children: list[subprocess.Popen[bytes]] = []
    passing: list[subprocess.Popen[bytes]] = []
    try:
        children += [_start_sandbox(place), _start_app(place)]
        _wait_until(f"{place.sandbox_url}/sandbox/health", children)
        _wait_until(f"{place.url}/readyz", children)
        _have_texts_reported(place)
        passing.append(_start_publishing(place))
        yield children
    finally:
        _stop([*passing, *children])


def prepare(place: Place) -> None:
    """Everything on disk that a start needs; what is there already stays."""
    place.folder.mkdir(parents=True, exist_ok=True)
    (place.folder / "logs").mkdir(exist_ok=True)
    if not (place.folder / "keys.toml").exists():
        create_key_file(place.folder / "keys.toml")
    place.config.write_text(_overrides(place), encoding="utf-8")
    settings = load_settings([EXAMPLE, place.config])
    schema.upgrade(str(settings.database.url))
    prepare_demo(settings, accounts_file=place.accounts, personas_file=place.personas)


def _overrides(place: Place) -> str:
    """The settings that differ from the example's: where this run's data and servers are."""
    content = {
        "server.public_base_url": place.url,
        "database.url": f"sqlite:///{place.folder / 'wxbackend.sqlite3'}",
        "storage.files_folder": str(place.folder / "files"),
        "storage.key_file": str(place.folder / "keys.toml"),
        "wechat.api_base_url": place.sandbox_url,
        "wechat.open_base_url": place.sandbox_url,
        "wechat.js_sdk_url": f"{place.sandbox_url}/open/js/jweixin-1.6.0.js",
        "weijing.base_url": f"{place.sandbox_url}/v2/api",
        "weijing.web_url": place.sandbox_url,
        "yuezhengyi.base_url": f"{place.sandbox_url}/ebus/yzyapi",
        "sms.mas.base_url": f"{place.sandbox_url}/sms",
        "sms.mas2.base_url": f"{place.sandbox_url}/sms-2",
        "sms.tencent.base_url": place.sandbox_url,
        "sms.aliyun.base_url": f"{place.sandbox_url}/aliyun-sms",
        "health_registry.base_url": f"{place.sandbox_url}/health-registry",
    }
    head = "# Written by `make run` at every start, over config.example.toml.\n"
    return head + "".join(f"{key} = {json.dumps(value)}\n" for key, value in content.items())


def _start_sandbox(place: Place) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "scripts.sandbox", "--port", str(place.sandbox_port)]
    command += ["--app-url", place.url, "--public-url", place.sandbox_url]
    command += ["--personas", str(place.personas)]
    return _start(place, "sandbox", command)


def _start_app(place: Place) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "gunicorn", "--chdir", str(ROOT), "wsgi:app"]
    command += ["--bind", f"127.0.0.1:{place.port}", "--workers", "1", "--threads", "16"]
    command += ["--worker-class", "gthread", "--no-control-socket", "--graceful-timeout", "5"]
    return _start(place, "app", command)


def _start_publishing(place: Place) -> subprocess.Popen[bytes]:
    """The sandbox forgets everything when it ends: its account gets our menus at every start.

    Nobody waits for it; until then the phone shows the ways in by themselves.
    """
    return _start(place, "menus", [sys.executable, "-m", "scripts.menus", "apply"])


def _have_texts_reported(place: Place) -> None:
    """The sandbox tells the app of each text that it arrived, as an SMS provider does."""
    body = json.dumps({"mode": "delivered", "delay_seconds": 2}).encode()
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(  # noqa: S310 - our own address
        f"{place.sandbox_url}/sandbox/receipts", data=body, headers=headers, method="PUT"
    )
    with urllib.request.urlopen(request, timeout=5):  # noqa: S310
        pass


def _environment(place: Place) -> dict[str, str]:
    return os.environ | {"WXBACKEND_CONFIG": os.pathsep.join([str(EXAMPLE), str(place.config)])}


def _start(place: Place, name: str, command: list[str]) -> subprocess.Popen[bytes]:
    with (place.folder / "logs" / f"{name}.log").open("ab") as log:
        # A session of its own: Ctrl-C reaches this process alone, which then stops the others.
        return subprocess.Popen(
            command,
            cwd=ROOT,
            env=_environment(place),
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def _wait_until(url: str, children: list[subprocess.Popen[bytes]]) -> None:
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end:
        if any(child.poll() is not None for child in children):
            raise SystemExit("a process ended while starting; its log says why (folder logs)")
        try:
            with urllib.request.urlopen(url, timeout=2):  # noqa: S310 - our own address
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise SystemExit(f"{url} did not answer within {_START_SECONDS} s; see the folder logs")


def _watch(children: list[subprocess.Popen[bytes]]) -> None:
    while all(child.poll() is None for child in children):
        time.sleep(0.5)
    raise SystemExit("a process ended by itself; its log says why (folder logs)")


def _stop(children: list[subprocess.Popen[bytes]]) -> None:
    for child in children:
        if child.poll() is None:
            child.terminate()
    end = time.monotonic() + _STOP_SECONDS
    for child in children:
        try:
            child.wait(max(0.1, end - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _greeting(place: Place) -> str:
    accounts = json.loads(place.accounts.read_text(encoding="utf-8"))
    rows = [
        f"    {entry['role']:<11} {entry.get('account') or entry.get('phone'):<14} "
        f"{entry.get('password', '(code by SMS)'):<16} {entry['scope']}"
        for entry in accounts
    ]
    lines = [
        "",
        f"  The phone (start here):  {place.sandbox_url}",
        f"  Driver                   {place.url}/yqfk/driver.html#/driversReserve",
        f"  Checkpoint               {place.url}/mportal/index.html#/",
        f"  Enterprise lead          {place.url}/mportal/index.html#/login/phone",
        f"  Town, bureau, others     {place.url}/mportal/index.html#/login/index",
        "",
        f"  Accounts ({place.accounts}):",
        *rows,
        "",
        "  1. On the phone choose a driver, open 我的预约, tap 新增预约 and 提交预约, then 通过.",
        "  2. Choose one of the staff, open 更多, 工作人员登录; sign in, 开始值班, enter a code.",
        "  3. Decide; the messages that follow arrive in the phone's inbox.",
        "",
        "  Ctrl-C stops everything; the data stays.",
    ]
    return "\n".join(lines)


def _port(name: str, default: int) -> int:
    text = os.environ.get(name) or str(default)
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise SystemExit(f"{name} must be a port number, not {text!r}")
    return int(text)


def _refuse_taken(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise SystemExit(
                f"port {port} is taken; choose others with WXBACKEND_PORT and "
                "WXBACKEND_SANDBOX_PORT"
            ) from None


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
