"""The catalogue of texts that go by SMS: each kind's named variables, whoever carries it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from wxbackend.domain.notifications import NotificationKind

_K = NotificationKind
P = TypeVar("P", bound=str)
# What a letter of each kind carries, so that a provider's own template can be filled.
SMS_FACTS: Mapping[NotificationKind, frozenset[str]] = {
    _K.SIGN_IN_CODE: frozenset({"code", "minutes"}),
    _K.PASSAGE_ALLOWED_ROSTER: frozenset({"enterprise", "name", "time", "district"}),
    _K.PASSAGE_DENIED_ROSTER: frozenset({"enterprise", "name", "time", "district", "reason"}),
    _K.PASSAGE_CORRECTED: frozenset({"name", "time", "checkpoint", "verdict", "explanation"}),
    _K.LEAD_REPLACED: frozenset({"enterprise", "office"}),
    # Aliyun and Tencent fill no address into a template: `url` needs a free text of MAS.
    _K.RESERVATION_PREPARED: frozenset({"enterprise", "district", "url", "deadline"}),
}


@dataclass(frozen=True, slots=True)
class SmsTemplate:
    """A text registered with one provider: its id there, and our facts in the order of its places.

    A provider of named places knows them by our names.
    """

    id: str
    facts: tuple[str, ...]

    def takes(self, facts: Mapping[str, str], *, most_characters: int | None = None) -> bool:
        """Whether every place can be filled, and no value is too long for one."""
        return all(
            name in facts and (most_characters is None or len(facts[name]) <= most_characters)
            for name in self.facts
        )


def template_problems(
    templates: Mapping[NotificationKind, Mapping[P, SmsTemplate]],
) -> list[str]:
    """What is wrong with a configured catalogue, each with its place in it."""
    problems = []
    for kind, by_provider in templates.items():
        if kind not in SMS_FACTS:
            problems.append(f"{kind.value}: no text of this kind goes by SMS")
            continue
        for provider, template in by_provider.items():
            place = f"{kind.value}.{provider}"
            if not template.id:
                problems.append(f"{place}.id: must not be empty")
            unknown = sorted(set(template.facts) - SMS_FACTS[kind])
            if unknown:
                known = ", ".join(sorted(SMS_FACTS[kind]))
                problems.append(f"{place}.facts: {unknown[0]} is none of {known}")
    return problems
