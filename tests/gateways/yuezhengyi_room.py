"""A messenger to the sandbox's 粤政易 by either road; what its tests share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.servers import Sandbox
from wxbackend.domain.notifications import SendOutcome
from wxbackend.gateways.file_store import DirectoryStore
from wxbackend.gateways.interfaces.stores import SharedStore
from wxbackend.gateways.key_ring import AesGcmKeyRing
from wxbackend.gateways.tif import TifSigner
from wxbackend.gateways.yuezhengyi import YuezhengyiMessenger

Make = Callable[..., YuezhengyiMessenger]
PREFIXES = {"gateway": "/ebus/yzyapi", "plain": "/qyapi"}
NO_TIF = TifSigner("", "")


def sealed_files(folder: Path) -> DirectoryStore:
    keys = AesGcmKeyRing(keys={"k1": b"1" * 32}, current="k1", index=b"i" * 32)
    return DirectoryStore(folder, keys)


def messenger_at(
    url: str, account: dict[str, Any], store: SharedStore, files: DirectoryStore, tif: TifSigner
) -> YuezhengyiMessenger:
    return YuezhengyiMessenger(
        store,
        files,
        base_url=url,
        corp_id=account["corp_id"],
        corp_secret=account["corp_secret"],
        agent_id=account["agent_id"],
        tif=tif,
        timeout=timedelta(seconds=1),
    )


def account_of(sandbox: Sandbox) -> dict[str, Any]:
    credentials = sandbox.credentials
    assert isinstance(credentials, dict)
    account: dict[str, Any] = credentials["yuezhengyi"]
    return account


def text(members: YuezhengyiMessenger, words: str = "已通行", reference: int = 1) -> SendOutcome:
    return members.send_text(member_id="ZhangSan", text=words, reference=reference)


def calls(sandbox: Sandbox, path: str) -> list[dict[str, Any]]:
    found = sandbox.get("/sandbox/calls", target="yuezhengyi")
    listed = found["calls"] if isinstance(found, dict) else found
    assert isinstance(listed, list)
    return [call for call in listed if str(call["path"]).endswith(path)]


def inbox(sandbox: Sandbox) -> list[dict[str, Any]]:
    return sandbox.messages(channel="yuezhengyi")
