"""The words that invented people, companies and places are made of (sample_words.toml)."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

_WORDS: dict[str, Any] = tomllib.loads(
    Path(__file__).with_name("sample_words.toml").read_text(encoding="utf-8")
)

# Letters and digits as the standards allow them: GA 36 (no I, no O) and GB 32100.
PLATE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
CREDIT_LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def words(name: str) -> list[str]:
    """The words of one list; a list of sentences is given as it is, other words by spaces."""
    found = _WORDS[name]
    return found.split() if isinstance(found, str) else list(found)


def roads() -> dict[str, str]:
    """A road in every town of the district."""
    return dict(_WORDS["roads"])
