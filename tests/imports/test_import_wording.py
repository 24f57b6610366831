"""Every error of an import has its words, and no words wait for an error that never comes."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import Any

from tests.servers import ROOT
from wxbackend.domain.identity_documents import IdType
from wxbackend.domain.import_columns import ImportKind
from wxbackend.services.imports import ImportClash, WrongRowsLeft
from wxbackend.wiring import WORDING_FOLDER

SOURCES = [
    *(ROOT / "wxbackend" / "domain").glob("import_*.py"),
    *(ROOT / "wxbackend" / "gateways").glob("spreadsheet*.py"),
    *(ROOT / "wxbackend" / "services").glob("import*.py"),
    ROOT / "scripts" / "import_data.py",
]
TEXT = "".join(path.read_text(encoding="utf-8") for path in SOURCES)
# Made of a column's name: import.NAME.number.
MADE = {f"import.{name}.number" for name in ("id_number", "credit_code")}


def keys_of(content: dict[str, Any], prefix: str = "") -> Iterator[str]:
    for name, value in content.items():
        if isinstance(value, dict):
            yield from keys_of(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}"


def test_every_code_has_words_and_every_word_its_code():
    path = WORDING_FOLDER / "imports.toml"
    written = set(keys_of(tomllib.loads(path.read_text(encoding="utf-8"))))
    used = {*re.findall(r'"(import\.[a-z_]+\.[a-z_]+)"', TEXT), *MADE}
    expected = {key if key in written else f"error.{key}" for key in used}
    expected |= {f"import.kind.{kind.value}" for kind in ImportKind}
    expected |= {f"import.id_type_also.{kind.value}" for kind in IdType}
    refused = {WrongRowsLeft.code, ImportClash.code}
    expected |= {f"refusal.{code}.{part}" for code in refused for part in ("title", "text")}
    assert written == expected


def test_placeholders_are_filled(wording):
    calls = re.findall(
        r'"(import\.(?:file|row|header)\.[a-z_]+)"((?:,\s*\w+=[^,()]+(?:\([^()]*\))?)*)', TEXT
    )
    for code, arguments in calls:
        given = set(re.findall(r"(\w+)=", arguments))
        if wording.placeholders(f"error.{code}") - given:
            assert code in {"import.row.repeated", "import.row.other_lead_name"}, (code, given)
