"""Browsers that are signed in without a password: sessions put straight into the database."""

from __future__ import annotations

from contextvars import Context
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from models.accounts import find_account
from models.database import reading, transaction
from tests.people import ACTOR
from wxbackend.domain.roles import Role
from wxbackend.services.accounts import NewAccount, create_account
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.visitors import Door, open_session


class Insider:
    """One person with one browser; nobody in particular without an account or WeChat user."""

    def __init__(
        self,
        app: Flask,
        *,
        account_id: int | None = None,
        wechat_user_id: int | None = None,
        role: Role | None = None,
    ) -> None:
        self.app = app
        self.dependencies: Dependencies = app.extensions["wxbackend"]
        self._ids: dict[str, Any] = {"account_id": account_id, "wechat_user_id": wechat_user_id}
        self._role = role
        self.client = self.fresh()

    def fresh(self) -> FlaskClient:
        """Another browser of the same person, so that what one request ends harms no other."""
        self.client = self.app.test_client()
        self.token = self._open_session(Door.API) if any(self._ids.values()) else ""
        if any(self._ids.values()):
            secret = self._open_session()
            with self.client.session_transaction(base_url=self.base_url) as cookie:
                cookie["sid"] = secret
        return self.client

    @property
    def base_url(self) -> str:
        return self.dependencies.public_base_url

    @property
    def cookie(self) -> str:
        """The session cookie, for a browser outside this process."""
        found = self.client.get_cookie("wxbackend", domain="127.0.0.1")
        assert found is not None
        return found.value

    def ask(self, method: str, path: str, **arguments: Any) -> TestResponse:
        if path.startswith("/api/") and self.token:
            arguments.setdefault("headers", {})["Authorization"] = f"Bearer {self.token}"
        # A context of its own: a test may hold an app context open; Flask would share it.
        return Context().run(
            self.client.open, path, method=method, base_url=self.base_url, **arguments
        )

    def _open_session(self, door: Door = Door.PAGES) -> str:
        deps = self.dependencies
        with transaction() as session:
            return open_session(
                session,
                now=deps.clock(),
                policy=deps.policy.sign_in,
                role=self._role,
                door=door,
                **self._ids,
            )


def insider(app: Flask, name: str, role: Role, place: str = "") -> Insider:
    """Somebody with a new account."""
    dependencies: Dependencies = app.extensions["wxbackend"]
    new = NewAccount(name, role, f"{name}号", place)
    create_account(dependencies, new, must_change=False, actor=ACTOR)
    with reading() as session:
        account = find_account(session, name)
        assert account is not None
        account_id = account.id
    return Insider(app, account_id=account_id, role=role)
