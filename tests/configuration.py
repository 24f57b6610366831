"""Settings for tests: the example's, with addresses and secrets of the running sandbox."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from tests.servers import ROOT, Sandbox
from wxbackend.config.settings import Settings, load_settings

EXAMPLE = ROOT / "config.example.toml"


def make_settings(
    folder: Path,
    *,
    sandbox: Sandbox,
    database_url: str,
    shared_store_url: str,
    key_file: Path,
    sms_providers: Sequence[str] = ("mas",),
    code_threads: int = 0,
    more: str = "",
) -> Settings:
    """Write the overrides to a file in `folder`, and load both; `more` is further TOML."""
    path = folder / "test.toml"
    path.write_text(
        overrides(
            sandbox,
            database_url=database_url,
            shared_store_url=shared_store_url,
            key_file=key_file,
            files_folder=folder / "files",
            sms_providers=sms_providers,
            code_threads=code_threads,
        )
        + more,
        encoding="utf-8",
    )
    return load_settings([EXAMPLE, path])


def overrides(
    sandbox: Sandbox,
    *,
    database_url: str,
    shared_store_url: str,
    key_file: Path,
    files_folder: Path,
    sms_providers: Sequence[str] = ("mas",),
    code_threads: int = 0,
) -> str:
    content = {
        "server.public_base_url": sandbox.app_url,
        "database.url": database_url,
        "storage.shared_store_url": shared_store_url,
        "storage.files_folder": str(files_folder),
        "storage.key_file": str(key_file),
        "jobs.embedded": False,
        # All tests come from one address, and share the Redis that counts its calls.
        "api.most_calls_without_token": 100_000,
        # A test decides when codes are sent; tests of the threads ask for some.
        "jobs.code_threads": code_threads,
        # One provider, so that its faults are seen; tests of failover ask for more.
        "sms.providers": list(sms_providers),
        **sandbox_addresses(sandbox.url),
    }
    return "".join(f"{key} = {json.dumps(value)}\n" for key, value in content.items())


def sandbox_addresses(url: str) -> dict[str, str]:
    """The example's outside addresses, on the sandbox that this test run started."""
    return {
        "wechat.api_base_url": url,
        "wechat.open_base_url": url,
        "wechat.js_sdk_url": f"{url}/open/js/jweixin-1.6.0.js",
        "weijing.base_url": f"{url}/v2/api",
        "weijing.web_url": url,
        "yuezhengyi.base_url": f"{url}/ebus/yzyapi",
        "sms.mas.base_url": f"{url}/sms",
        "sms.mas2.base_url": f"{url}/sms-2",
        "sms.tencent.base_url": url,
        "sms.aliyun.base_url": f"{url}/aliyun-sms",
        "health_registry.base_url": f"{url}/health-registry",
    }
