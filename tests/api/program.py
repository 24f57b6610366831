"""A program that calls the API; every answer it gets is held against the OpenAPI document."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from contextvars import Context
from typing import Any

import jsonschema_rs
from flask import Flask
from werkzeug.test import TestResponse

from handlers.api.document import PREFIX, openapi
from tests.servers import Sandbox


class Document:
    """The OpenAPI document, as a judge of answers."""

    def __init__(self, app: Flask) -> None:
        with app.test_request_context():
            self.content = openapi(app, title="", server="")
        self.seen: set[tuple[str, str]] = set()
        paths = self.content["paths"]
        self._patterns = {path: re.compile(re.sub(r"{\w+}", "[^/]+", path)) for path in paths}

    def judge(self, method: str, path: str, answer: TestResponse) -> None:
        """Raises: AssertionError for an answer that the document does not promise."""
        template = self._template(path)
        responses = self.content["paths"][template][method.lower()]["responses"]
        told = responses.get(str(answer.status_code))
        assert told is not None, f"{method} {template} answered {answer.status_code}"
        content = told.get("content")
        if content is None:
            assert answer.data == b""
            return
        assert answer.mimetype in content, f"{method} {template} answered {answer.mimetype}"
        if answer.mimetype.endswith("json"):
            self._validator(content[answer.mimetype]["schema"]).validate(answer.get_json())
        self.seen.add((method, template))

    def _template(self, path: str) -> str:
        bare = path.removeprefix(PREFIX).partition("?")[0]
        exact = [one for one in self._patterns if one == bare]
        found = exact or [one for one, to in self._patterns.items() if to.fullmatch(bare)]
        assert found, f"{path} is no path of the document"
        return found[0]

    def _validator(self, schema: Mapping[str, Any]) -> Any:
        whole = {**schema, "components": self.content["components"]}
        return jsonschema_rs.Draft202012Validator(whole, validate_formats=True)


class Program:
    """One person's program, with their token once they are signed in."""

    def __init__(self, app: Flask, sandbox: Sandbox, document: Document) -> None:
        self._app = app
        self._sandbox = sandbox
        self._document = document
        self.token = ""

    def get(self, path: str, **query: str) -> Any:
        return self.ask("GET", path, query=query)

    def post(self, path: str, body: object = None, *, key: str = "", **arguments: Any) -> Any:
        return self.ask("POST", path, body, key=key, **arguments)

    def put(self, path: str, body: object = None, *, key: str = "") -> Any:
        return self.ask("PUT", path, body, key=key)

    def delete(self, path: str, *, key: str = "") -> Any:
        return self.ask("DELETE", path, key=key)

    def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        key: str = "",
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        **arguments: Any,
    ) -> Answered:
        sent = {"Idempotency-Key": key or secrets.token_hex(16)} if method != "GET" else {}
        if self.token:
            sent["Authorization"] = f"Bearer {self.token}"
        if body is not None:
            arguments["json"] = body
        # A context of its own: a test may hold an app context open; Flask would share it.
        answer = Context().run(
            self._app.test_client(use_cookies=False).open,
            PREFIX + path,
            method=method,
            base_url=self._sandbox.app_url,
            query_string=query,
            headers={**sent, **(headers or {})},
            **arguments,
        )
        self._document.judge(method, path, answer)
        return Answered(answer)

    def sign_in(self, way: str, body: Mapping[str, Any]) -> Answered:
        answered = self.post(f"/sign-in/{way}", body)
        self.token = answered["token"] if answered.status == 200 else ""
        return answered

    def sign_in_as(self, openid: str) -> Answered:
        return self.sign_in("wechat", {"js_code": self.code(openid)})

    def code(self, openid: str, kind: str = "js") -> str:
        given = self._sandbox.post("/sandbox/mini-program/codes", {"openid": openid, "kind": kind})
        return given["code"]


class Answered:
    """What came back, ready to be looked into."""

    def __init__(self, response: TestResponse) -> None:
        self.response = response
        self.status = response.status_code
        self.content = response.get_json(silent=True)

    def __getitem__(self, name: str) -> Any:
        return self.content[name]

    @property
    def code(self) -> str:
        return self.content["code"]
