"""Many processes that call WeChat with one shared token; run as a module of its own.

`python -m tests.processes.token_users REDIS_URL SANDBOX_URL PROCESSES CALLS`, the sandbox's app id
and secret in the environment; prints one JSON object: how many calls were made, and what failed.
"""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from datetime import timedelta

from wxbackend.gateways.errors import GatewayError
from wxbackend.gateways.interfaces.stores import LockNotFree
from wxbackend.gateways.shared_store import RedisStore
from wxbackend.gateways.wechat.calls import WechatCalls
from wxbackend.gateways.wechat.session import WechatSession


def call_often(redis_url: str, sandbox_url: str, times: int) -> Counter[str]:
    session = WechatSession(api_base_url=sandbox_url, timeout=timedelta(seconds=8))
    calls = WechatCalls(
        RedisStore(redis_url),
        app_id=os.environ["APP_ID"],
        app_secret=os.environ["APP_SECRET"],
        session=session,
    )
    ends: Counter[str] = Counter()
    for _ in range(times):
        try:
            calls.get("cgi-bin/get_api_domain_ip")
            ends["ok"] += 1
        except (GatewayError, LockNotFree) as error:
            ends[str(error)] += 1
    return ends


def in_processes(redis_url: str, sandbox_url: str, *, processes: int, times: int) -> Counter[str]:
    """Forked before anything is open, so that nothing is shared but the store."""
    children = []
    for _ in range(processes):
        reader, writer = os.pipe()
        if os.fork() == 0:
            ends = call_often(redis_url, sandbox_url, times)
            os.write(writer, json.dumps(ends).encode())
            os._exit(0)
        os.close(writer)
        children.append(reader)
    total: Counter[str] = Counter()
    for reader in children:
        with os.fdopen(reader, "rb") as pipe:
            total.update(json.loads(pipe.read() or b'{"died": 1}'))
    return total


if __name__ == "__main__":
    _, redis_url, sandbox_url, processes, times = sys.argv
    total = in_processes(redis_url, sandbox_url, processes=int(processes), times=int(times))
    sys.stdout.write(json.dumps(total))
