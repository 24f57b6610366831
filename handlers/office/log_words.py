"""Log entries in words: actions, objects, and the facts that an entry holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask

from handlers.context import dependencies
from handlers.presentation import word
from wxbackend.domain.actors import ActorKind
from wxbackend.services.audit_log import Party

_LONGEST_LIST = 20


def register_log_words(app: Flask) -> None:
    app.jinja_env.globals.update(
        export_word=lambda kind: word_or(f"export.{kind}", "title", kind),
        action_word=lambda action: word_or("audit_action", action),
        object_word=lambda kind: word_or("audit_object", kind),
        actor_word=lambda kind: word_or("audit_actor", kind),
        party_words=party_words,
        role_word=role_word,
        detail_words=detail_words,
    )


def word_or(prefix: str, name: str, otherwise: str = "") -> str:
    """The word under this prefix; the bare name for one that came with a newer or older release."""
    key = f"{prefix}.{name}"
    return word(key) if key in dependencies().gateways.wording else otherwise or name


def party_words(party: Party) -> str:
    """何某某（bureau1）, 138****0001, or the id alone."""
    if party.display_name:
        return word("audit.account", name=party.name, display_name=party.display_name)
    if party.kind == "setting":
        return word_or("office_number", party.id)
    if party.kind == "job":
        return word_or("job_name", party.id)
    return party.name or party.id


def role_word(role: str) -> str:
    if role == ActorKind.SYSTEM:
        return word("audit_actor.system")
    return word_or("role", role) if role else "—"


def detail_words(details: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The facts as pairs of title and text; what changed as 旧 → 新."""
    facts = dict(details)
    pairs: list[tuple[str, str]] = []
    if "before" in facts and "after" in facts:
        pairs += _changes(facts.pop("before"), facts.pop("after"))
    if isinstance(facts.get("changed"), dict):
        pairs += _changed(facts.pop("changed"))
    pairs += [(word_or("audit_detail", name), _text(name, value)) for name, value in facts.items()]
    return pairs


def _changes(before: Any, after: Any) -> list[tuple[str, str]]:
    if not (isinstance(before, dict) and isinstance(after, dict)):
        text = word("audit.change", before=_text("", before), after=_text("", after))
        return [(word("audit.changed"), text)]
    return [
        (
            word_or("audit_detail", name),
            word("audit.change", before=_text(name, before.get(name)), after=_text(name, new)),
        )
        for name, new in after.items()
        if before.get(name) != new
    ]


def _changed(fields: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Fields with their values before and after; without them where they are personal."""
    pairs = []
    for name, values in fields.items():
        text = word("audit.changed_personal")
        if isinstance(values, list) and len(values) == 2:
            before, after = (_text(name, one) for one in values)
            text = word("audit.change", before=before, after=after)
        pairs.append((word_or("audit_detail", name), text))
    return pairs


def _text(name: str, value: Any) -> str:
    if value is None or value == "":
        return "—"
    if isinstance(value, bool):
        return word("audit.yes" if value else "audit.no")
    if isinstance(value, dict):
        parts = [f"{word_or('audit_detail', key)} {_text(key, one)}" for key, one in value.items()]
        return word("audit.separator").join(parts)
    if isinstance(value, list):
        shown = [_text(name, one) for one in value[:_LONGEST_LIST]]
        more = len(value) - len(shown)
        text = word("audit.separator").join(shown)
        return word("audit.and_more", text=text, count=more) if more else text
    return word_or(f"audit_value.{name}", str(value))
