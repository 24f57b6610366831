"""A command of `scripts` in a process of its own, on the database of a test."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.configuration import EXAMPLE
from tests.servers import ROOT


class Command:
    """`python -m scripts.NAME`, with settings over the example's."""

    def __init__(self, name: str, folder: Path, *, database_url: str, key_file: Path) -> None:
        self._name = name
        content = {
            "database.url": database_url,
            "storage.shared_store_url": "",
            "storage.files_folder": str(folder / "files"),
            "storage.key_file": str(key_file),
            "jobs.embedded": False,
        }
        config = folder / "command.toml"
        config.write_text(
            "".join(f"{key} = {json.dumps(value)}\n" for key, value in content.items()),
            encoding="utf-8",
        )
        self.environment = os.environ | {
            "WXBACKEND_CONFIG": os.pathsep.join([str(EXAMPLE), str(config)]),
            "PYTHONIOENCODING": "utf-8",
        }

    def run(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.line(*arguments),
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            encoding="utf-8",
            timeout=110,
        )

    def start(self, *arguments: object) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            self.line(*arguments),
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def line(self, *arguments: object) -> list[str]:
        return [sys.executable, "-m", f"scripts.{self._name}", *map(str, arguments)]
