"""The demo district: made once per data folder, with random passwords, never in production."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from models.enterprises import Audience
from wxbackend.app import create_app
from wxbackend.config.settings import Settings
from wxbackend.domain.actors import system_actor
from wxbackend.domain.roles import Role
from wxbackend.services.accounts import NewAccount, create_account
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.district_setup import (
    add_checkpoints,
    add_denial_reasons,
    add_recipient,
    add_towns,
)

_ACTOR = system_actor("demo")


def prepare_demo(settings: Settings, *, accounts_file: Path, personas_file: Path) -> None:
    """Fill an empty database; the accounts' file says that it was done.

    Raises: RuntimeError in production.
    """
    if settings.is_production:
        raise RuntimeError("demo data does not belong into production")
    if accounts_file.exists():
        return
    app = create_app(settings, with_web=False)
    dependencies: Dependencies = app.extensions["wxbackend"]
    with app.app_context():
        accounts = _fill(dependencies, personas_file)
    # Written last: a run that was stopped half-way begins again.
    accounts_file.write_text(
        json.dumps(accounts, ensure_ascii=False, indent=2) + "\n", encoding="utf-8"
    )
    accounts_file.chmod(0o600)


def _fill(dependencies: Dependencies, personas_file: Path) -> list[dict[str, Any]]:
    raise NotImplementedError
