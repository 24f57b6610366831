"""Start the sandbox: WeChat, 微警认证, 粤政易, SMS and a health registry on one local port."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from wxbackend.sandbox.options import Options
from wxbackend.sandbox.personas import PersonaError
from wxbackend.sandbox.server import serve

ROOT = Path(__file__).resolve().parent.parent


def parse(arguments: list[str] | None = None) -> Options:
    standard = Options()
    parser = argparse.ArgumentParser(prog="python -m scripts.sandbox", description=__doc__)
    add = parser.add_argument
    add("--host", default=standard.host, help="address to listen on (%(default)s)")
    add("--port", type=int, default=standard.port, help="port to listen on (%(default)s)")
    add("--app-url", default=standard.app_url, help="where the app answers (%(default)s)")
    add("--public-url", help="where browsers find the sandbox (http://127.0.0.1:PORT)")
    add("--push-path", default=standard.push_path, help="the app's path for WeChat pushes; '' none")
    add("--receipts-path", default=standard.receipts_path, help="for SMS receipts; '' none")
    add("--personas", type=Path, default=standard.personas_file, help="JSON list of people")
    add("--vendor", type=Path, default=ROOT / "static" / "vendor", help="folder with zxing")
    add("--access-log", action="store_true", help="write every request to the terminal")
    given = parser.parse_args(arguments)
    return Options(
        host=given.host,
        port=given.port,
        app_url=given.app_url.rstrip("/"),
        public_url=(given.public_url or f"http://127.0.0.1:{given.port}").rstrip("/"),
        push_path=given.push_path,
        receipts_path=given.receipts_path.rstrip("/"),
        personas_file=given.personas,
        vendor=given.vendor.resolve(),
        access_log=given.access_log,
    )


def main() -> None:
    try:
        serve(parse())
    except (PersonaError, OSError) as error:
        sys.exit(f"sandbox: {error}")


if __name__ == "__main__":
    main()
