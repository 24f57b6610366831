"""A messenger to the sandbox's 粤政易 by either road, and one to a platform of canned answers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.gateways.canned import Canned, canned_server
from tests.gateways.yuezhengyi_room import (
    NO_TIF,
    PREFIXES,
    Make,
    account_of,
    messenger_at,
    sealed_files,
)
from tests.servers import Sandbox
from wxbackend.gateways.file_store import DirectoryStore
from wxbackend.gateways.interfaces.stores import SharedStore
from wxbackend.gateways.shared_store import MemoryStore
from wxbackend.gateways.tif import TifSigner
from wxbackend.gateways.yuezhengyi import YuezhengyiMessenger


@pytest.fixture
def files(tmp_path: Path) -> DirectoryStore:
    return sealed_files(tmp_path)


@pytest.fixture(params=["gateway", "plain"])
def make(request: pytest.FixtureRequest, sandbox: Sandbox, files: DirectoryStore) -> Make:
    """One behaviour by either road; `changes` are of the account."""
    account = account_of(sandbox)
    signer = TifSigner(account["paas_id"], account["paas_token"])
    tif = signer if request.param == "gateway" else NO_TIF

    def messenger(store: SharedStore | None = None, **changes: Any) -> YuezhengyiMessenger:
        url = sandbox.url + PREFIXES[request.param]
        return messenger_at(url, account | changes, store or MemoryStore(), files, tif)

    return messenger


@pytest.fixture
def members(make: Make) -> YuezhengyiMessenger:
    return make()


@pytest.fixture
def canned() -> Iterator[Canned]:
    with canned_server() as server:
        server.answer("gettoken", {"errcode": 0, "access_token": "t", "expires_in": 7200})
        yield server


@pytest.fixture
def at_canned(canned: Canned, sandbox: Sandbox, files: DirectoryStore) -> YuezhengyiMessenger:
    return messenger_at(canned.url, account_of(sandbox), MemoryStore(), files, NO_TIF)
