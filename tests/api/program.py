"""A program that calls the API; every answer it gets is held against the OpenAPI document."""

from __future__ import annotations

import io
import json
import re
import secrets
from collections.abc import Callable, Mapping
from contextvars import Context
from dataclasses import dataclass
from typing import Any

import jsonschema_rs
import requests
from flask import Flask

from handlers.api.document import PREFIX, openapi
from tests.servers import Sandbox


@dataclass(frozen=True)
class Reply:
    """What came back, ready to be looked into."""

    status: int
    headers: Mapping[str, str]
    bytes: bytes

    @property
    def mimetype(self) -> str:
        return self.headers.get("Content-Type", "").partition(";")[0]

    @property
    def content(self) -> Any:
        return json.loads(self.bytes) if self.mimetype.endswith("json") else None

    def __getitem__(self, name: str) -> Any:
        return self.content[name]

    @property
    def code(self) -> str:
        return self.content["code"]


# Method, path, headers, query, body and its type.
Send = Callable[[str, str, Mapping[str, str], Mapping[str, str] | None, Any, str], Reply]


def sender_to(app: Flask, base_url: str) -> Send:
    """To the app in this process."""

    def send(method, path, headers, query, body, content_type):
        # A context of its own: a test may hold an app context open; Flask would share it.
        answer = Context().run(
            app.test_client(use_cookies=False).open,
            path,
            method=method,
            base_url=base_url,
            query_string=query,
            headers=headers,
            data=body,
            content_type=content_type or None,
        )
        return Reply(answer.status_code, dict(answer.headers), answer.data)

    return send


def sender_over_http(base_url: str) -> Send:
    http = requests.Session()

    def send(method, path, headers, query, body, content_type):
        files = body if content_type.startswith("multipart") else None
        typed = {"Content-Type": content_type} if content_type and files is None else {}
        answer = http.request(
            method,
            base_url + path,
            params=query,
            headers={**headers, **typed},
            data=None if files else body,
            files=files and {name: (file[1], file[0]) for name, file in files.items()},
            timeout=60,
        )
        return Reply(answer.status_code, answer.headers, answer.content)

    return send


class Document:
    """The OpenAPI document, as a judge of answers; `done` are the operations that succeeded."""

    def __init__(self, app: Flask) -> None:
        with app.test_request_context():
            self.content = openapi(app, title="", server="")
        self.done: set[str] = set()
        paths = self.content["paths"]
        self._patterns = {path: re.compile(re.sub(r"{\w+}", "[^/]+", path)) for path in paths}

    @property
    def operations(self) -> set[str]:
        methods = [methods for methods in self.content["paths"].values()]
        return {one["operationId"] for each in methods for one in each.values()}

    def judge(self, method: str, path: str, reply: Reply) -> None:
        """Raises: AssertionError for an answer that the document does not promise."""
        template = self._template(path)
        operation = self.content["paths"][template][method.lower()]
        told = operation["responses"].get(str(reply.status))
        assert told is not None, f"{method} {template} answered {reply.status}: {reply.bytes!r}"
        if reply.status < 300:
            self.done.add(operation["operationId"])
        content = told.get("content")
        if content is None:
            assert reply.bytes == b""
            return
        assert reply.mimetype in content, f"{method} {template} answered {reply.mimetype}"
        if reply.mimetype.endswith("json"):
            self._validator(content[reply.mimetype]["schema"]).validate(reply.content)

    def _template(self, path: str) -> str:
        exact = [one for one in self._patterns if one == path]
        found = exact or [one for one, to in self._patterns.items() if to.fullmatch(path)]
        assert found, f"{path} is no path of the document"
        return found[0]

    def _validator(self, schema: Mapping[str, Any]) -> Any:
        whole = {**schema, "components": self.content["components"]}
        return jsonschema_rs.Draft202012Validator(whole, validate_formats=True)


class Program:
    """One person's program, with their token once they are signed in."""

    def __init__(self, send: Send, sandbox: Sandbox, document: Document) -> None:
        self._send = send
        self._sandbox = sandbox
        self._document = document
        self.token = ""
        self.password = ""

    def fresh(self) -> Program:
        """Another person's, who is not signed in."""
        return Program(self._send, self._sandbox, self._document)

    def get(self, path: str, **query: str) -> Reply:
        return self.ask("GET", path, query=query)

    def post(self, path: str, body: object = None, *, key: str = "") -> Reply:
        return self.ask("POST", path, body, key=key)

    def put(self, path: str, body: object = None, *, key: str = "") -> Reply:
        return self.ask("PUT", path, body, key=key)

    def delete(self, path: str, *, key: str = "") -> Reply:
        return self.ask("DELETE", path, key=key)

    def upload(self, path: str, field: str, content: bytes, *, name: str = "x.png") -> Reply:
        body = {field: (io.BytesIO(content), name)}
        return self.ask("POST", path, body, content_type="multipart/form-data")

    def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        key: str = "",
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        content_type: str = "",
    ) -> Reply:
        sent = {"Idempotency-Key": key or secrets.token_hex(16)} if method != "GET" else {}
        if self.token:
            sent["Authorization"] = f"Bearer {self.token}"
        if body is not None and not content_type:
            body, content_type = json.dumps(body), "application/json"
        all_headers = {name: text for name, text in {**sent, **(headers or {})}.items() if text}
        reply = self._send(method, PREFIX + path, all_headers, query, body, content_type)
        self._document.judge(method, path, reply)
        return reply

    def sign_in(self, way: str, body: Mapping[str, Any]) -> Reply:
        reply = self.post(f"/sign-in/{way}", body)
        self.token = reply["token"] if reply.status == 200 else ""
        return reply

    def sign_in_as(self, openid: str) -> Reply:
        return self.sign_in("wechat", {"js_code": self.code(openid)})

    def sign_in_by_phone(self, openid: str) -> Reply:
        codes = {"js_code": self.code(openid), "phone_code": self.code(openid, "phone")}
        return self.sign_in("phone", codes)

    def code(self, openid: str, kind: str = "js") -> str:
        given = self._sandbox.post("/sandbox/mini-program/codes", {"openid": openid, "kind": kind})
        return given["code"]
