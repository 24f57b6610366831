"""Calls the platforms rightly, so that a test can do one thing wrong."""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import json
import time
from datetime import UTC, datetime
from typing import Any

import requests

DRIVER = "oS4ndGTd7FguoV8FWnFbB0JxXujr"
OTHER_DRIVER = "oS4nd4qqaaABvvLOzAxzXMcU1vsH"
STRANGER = "oS4ndWb5fxzpF7STG7nVLe3lARUs"  # does not follow the account
_numbers = itertools.count()


class Client(requests.Session):
    """A session on one sandbox; paths stand for addresses."""

    def __init__(self, base: str, credentials: dict[str, Any] | None = None) -> None:
        super().__init__()
        self.trust_env = False
        self.base = base
        self.credentials = credentials or {}

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> requests.Response:  # type: ignore[override]
        kwargs.setdefault("timeout", 20)
        address = url if url.startswith("http") else self.base + url
        return super().request(method, address, *args, **kwargs)

    # ---- control ----

    def fault(self, target: str, **fault: Any) -> None:
        answer = self.put(f"/sandbox/faults/{target}", json=fault)
        assert answer.status_code == 200, answer.text

    def move_clock(self, seconds: float) -> None:
        assert self.put("/sandbox/clock", json={"offset_seconds": seconds}).ok

    def messages(self, **query: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.get("/sandbox/messages", params=query).json()
        return found

    def calls(self, **query: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.get("/sandbox/calls", params=query).json()
        return found

    def restore(self, people: list[dict[str, Any]]) -> None:
        """Put everybody back as they were, and take away who came since."""
        now = {person["openid"]: person for person in self.get("/sandbox/personas").json()}
        for person in people:
            if now.pop(person["openid"], None) != person:
                self.put(f"/sandbox/personas/{person['openid']}", json=person)
        for openid in now:
            self.delete(f"/sandbox/personas/{openid}")

    # ---- WeChat ----

    def wechat_token(self) -> str:
        wechat = self.credentials["wechat"]
        body = {
            "grant_type": "client_credential",
            "appid": wechat["app_id"],
            "secret": wechat["app_secret"],
        }
        token: str = self.post("/cgi-bin/stable_token", json=body).json()["access_token"]
        return token

    def wechat(self, path: str, body: dict[str, Any] | None = None, **query: str) -> dict[str, Any]:
        """Call the API with a living token: POST with a body, GET without."""
        params = {"access_token": self.wechat_token(), **query}
        raw = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        method = "GET" if body is None else "POST"
        answer = self.request(method, f"/cgi-bin/{path}", params=params, data=raw)
        assert answer.status_code == 200
        payload: dict[str, Any] = answer.json()
        return payload

    def sign_in(self, authorize_url: str, openid: str = DRIVER) -> str:
        """The address to which the browser is sent back."""
        base = authorize_url.split("#")[0]
        answer = self.get(f"{base}&as={openid}", allow_redirects=False)
        assert answer.status_code == 302, answer.text
        return answer.headers["Location"]

    # ---- 微警 ----

    def weijing_token(self) -> str:
        account = self.credentials["weijing"]
        params = {"clientId": account["client_id"], "clientSecret": account["client_secret"]}
        token: str = self.get("/v2/api/getaccesstoken", params=params).json()["accessToken"]
        return token

    def weijing(self, call: str, **body: Any) -> dict[str, Any]:
        token = body.pop("accessToken", None) or self.weijing_token()
        payload: dict[str, Any] = self.post(
            f"/v2/api/{call}", json={"accessToken": token, **body}
        ).json()
        return payload

    # ---- 粤政易 ----

    def tif_headers(self, account: str = "yuezhengyi", **changes: str) -> dict[str, str]:
        paas = self.credentials[account]
        stamp, nonce = str(int(time.time())), f"nonce-{next(_numbers)}"
        return {
            "x-tif-paasid": paas["paas_id"],
            "x-tif-timestamp": stamp,
            "x-tif-nonce": nonce,
            "x-tif-signature": tif_signature(stamp, paas["paas_token"], nonce),
            **changes,
        }

    def yuezhengyi_token(self) -> str:
        account = self.credentials["yuezhengyi"]
        params = {"corpid": account["corp_id"], "corpsecret": account["corp_secret"]}
        token: str = self.get("/qyapi/cgi-bin/gettoken", params=params).json()["access_token"]
        return token

    def yuezhengyi(self, raw: bytes | dict[str, Any], token: str = "") -> dict[str, Any]:
        body = raw if isinstance(raw, bytes) else json.dumps(raw).encode()
        answer = self.post(
            "/ebus/yzyapi/cgi-bin/message/send",
            params={"access_token": token or self.yuezhengyi_token()},
            data=body,
            headers=self.tif_headers(),
        )
        payload: dict[str, Any] = answer.json()
        return payload

    def text_to(self, touser: str, content: str, **more: Any) -> dict[str, Any]:
        return {
            "touser": touser,
            "msgtype": "text",
            "agentid": self.credentials["yuezhengyi"]["agent_id"],
            "text": {"content": content},
            **more,
        }

    # ---- SMS ----

    def mas(self, call: str = "norsubmit", *, base: str = "/sms", **changes: str) -> dict[str, Any]:
        account = self.credentials["sms"]["mas2" if base == "/sms-2" else "mas"]
        body = {
            "ecName": account["ec_name"],
            "apId": account["ap_id"],
            "secretKey": account["secret_key"],
            "sign": account["sign"],
            "addSerial": account["add_serial"],
            "mobiles": "13826001101",
            **({"content": "测试短信"} if call == "norsubmit" else {}),
            **changes,
        }
        body.setdefault("mac", mas_mac(call, body))
        payload = base64.b64encode(json.dumps(body).encode())
        answer: dict[str, Any] = self.post(f"{base}/{call}", data=payload).json()
        return answer

    def tencent(
        self, body: dict[str, Any], *, path: str = "/tencent-sms/", **changes: str
    ) -> dict[str, Any]:
        account = self.credentials["sms"]["tencent"]
        raw = json.dumps(body).encode()
        headers = tencent_headers(self.base, raw, account=account, path=path)
        answer: dict[str, Any] = self.post(path, data=raw, headers={**headers, **changes}).json()
        return answer["Response"]


def tif_signature(stamp: str, token: str, nonce: str) -> str:
    return hashlib.sha256((stamp + token + nonce + stamp).encode()).hexdigest()


def mas_mac(call: str, body: dict[str, str]) -> str:
    names = ["ecName", "apId", "secretKey"]
    names += ["mobiles", "content"] if call == "norsubmit" else ["templateId", "mobiles", "params"]
    names += ["sign", "addSerial"]
    text = "".join(body[name] for name in names)
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def tencent_headers(base: str, raw: bytes, *, account: dict[str, Any], path: str) -> dict[str, str]:
    """TC3-HMAC-SHA256 as the vendor's document describes it."""
    stamp = int(time.time())
    day = datetime.fromtimestamp(stamp, UTC).strftime("%Y-%m-%d")
    host = base.removeprefix("http://")
    names = "content-type;host"
    canonical = "\n".join(
        [
            *("POST", path, ""),
            f"content-type:application/json\nhost:{host}\n",
            names,
            hashlib.sha256(raw).hexdigest(),
        ]
    )
    scope = f"{day}/sms/tc3_request"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    text = f"TC3-HMAC-SHA256\n{stamp}\n{scope}\n{digest}"
    key = f"TC3{account['secret_key']}".encode()
    for part in (day, "sms", "tc3_request", text):
        key = hmac.digest(key, part.encode(), "sha256")
    return {
        "Content-Type": "application/json",
        "X-TC-Action": "SendSms",
        "X-TC-Version": "2021-01-11",
        "X-TC-Timestamp": str(stamp),
        "Authorization": (
            f"TC3-HMAC-SHA256 Credential={account['secret_id']}/{scope}, "
            f"SignedHeaders={names}, Signature={key.hex()}"
        ),
    }
