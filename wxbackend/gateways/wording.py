"""The catalogue of Chinese texts in templates/wording/, read once at the start."""

from __future__ import annotations

import string
import tomllib
from pathlib import Path


class WordingCatalogue:
    """Texts by dotted key (`error.plate.format`), with {placeholders}."""

    def __init__(self, folder: Path) -> None:
        self._texts: dict[str, str] = {}
        for path in sorted(folder.glob("*.toml")):
            self._add("", tomllib.loads(path.read_text(encoding="utf-8")))

    def text(self, key: str, **facts: object) -> str:
        return self._texts[key].format_map(facts)

    def __contains__(self, key: str) -> bool:
        return key in self._texts

    def under(self, prefix: str) -> list[str]:
        start = f"{prefix}."
        names = [key.removeprefix(start) for key in self._texts if key.startswith(start)]
        return [name for name in names if "." not in name]

    def placeholders(self, key: str) -> frozenset[str]:
        return frozenset(
            name for _, name, _, _ in string.Formatter().parse(self._texts[key]) if name
        )

    def _add(self, prefix: str, content: dict[str, object]) -> None:
        for name, value in content.items():
            if isinstance(value, dict):
                self._add(f"{prefix}{name}.", value)
            else:
                self._texts[f"{prefix}{name}"] = str(value)
