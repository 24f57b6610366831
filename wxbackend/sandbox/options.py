"""What the sandbox is told when it starts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from wxbackend.sandbox.accounts import RECEIPTS_SECRET

PACKAGE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Options:
    """Addresses and folders; `app_url` is where the browser and the pushes find the app."""

    host: str = "127.0.0.1"
    port: int = 9000
    app_url: str = "http://127.0.0.1:8000"
    public_url: str = "http://127.0.0.1:9000"
    push_path: str = "/wechat/push"
    receipts_path: str = f"/receipts/{RECEIPTS_SECRET}"
    personas_file: Path = PACKAGE / "personas.json"
    vendor: Path = Path("static/vendor")
    access_log: bool = False
