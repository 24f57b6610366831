"""Who worked in the demo's back office: a few rows of the audit log and of the sign-in log."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from random import Random
from typing import Any

from models.accounts import Account
from models.audit import AuditEntry
from models.bulk import add_rows
from models.database import Session
from models.sign_in import SignInAttempt, SignInOutcome
from scripts.demo_gate import Made
from scripts.demo_ground import Ground
from scripts.sample_words import words
from wxbackend.domain.actors import ActorKind

_DAYS = 7
_DECISIONS = 60


def add_traces(session: Session, ground: Ground, random: Random, told: Made) -> None:
    entries = [*_decisions(ground, random, told), *_sign_ins(ground, random)]
    entries.sort(key=lambda row: row["at"])
    add_rows(session, AuditEntry, entries)
    tries = [
        {
            "at": row["at"],
            "name_hash": row["actor_label"],
            "account_id": row["actor_id"],
            "source": row["source"],
            "outcome": SignInOutcome.OK if row["succeeded"] else SignInOutcome.WRONG,
        }
        for row in entries
        if row["action"] == "sign_in"
    ]
    add_rows(session, SignInAttempt, tries)


def _decisions(ground: Ground, random: Random, told: Made) -> Iterator[dict[str, Any]]:
    for journey, passage_id in told[-_DECISIONS:]:
        if journey.decided is None:
            continue
        account = ground.staff[ground.checkpoint_ids[journey.checkpoint]]
        verdict = "denied" if journey.decided.reason else "allowed"
        yield _entry(random, account, "decide_passage", ("passage", passage_id)) | {
            "at": journey.decided.at,
            "details": {"verdict": verdict},
        }


def _sign_ins(ground: Ground, random: Random) -> Iterator[dict[str, Any]]:
    for days_ago in range(_DAYS):
        for account in (ground.bureau, *ground.staff.values()):
            at = ground.now - timedelta(days=days_ago, minutes=random.randint(5, 400))
            # Typed wrongly once in a while, and rightly after that.
            if random.random() < 0.15:
                failed = _entry(random, account, "sign_in", ("account", account.id))
                yield failed | {"at": at - timedelta(seconds=20), "succeeded": False}
            yield _entry(random, account, "sign_in", ("account", account.id)) | {"at": at}


def _entry(random: Random, account: Account, action: str, about: tuple[str, int]) -> dict[str, Any]:
    return {
        "actor_kind": ActorKind.ACCOUNT.value,
        "actor_id": account.id,
        "actor_label": account.name,
        "role": account.role.value,
        "action": action,
        "object_kind": about[0],
        "object_id": str(about[1]),
        "succeeded": True,
        "source": random.choice(words("sources")),
        "request_id": f"{random.getrandbits(64):016x}",
        "details": {},
    }
