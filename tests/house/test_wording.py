"""Every code that can reach a person has words, with the placeholders that it fills."""

from __future__ import annotations

import ast
import re

import pytest

from tests.servers import ROOT
from wxbackend.domain.errors import ProductError
from wxbackend.domain.gate import FACT_CODES
from wxbackend.domain.identity_documents import IdType
from wxbackend.domain.notifications import NotificationKind
from wxbackend.domain.reservation import (
    HealthCode,
    ImageKind,
    ReservationState,
    VehicleType,
    Verdict,
)
from wxbackend.domain.roles import Role
from wxbackend.gateways.wording import WordingCatalogue
from wxbackend.wiring import WORDING_FOLDER

WORDING = WordingCatalogue(WORDING_FOLDER)


def calls_of(name: str) -> list[tuple[str, ast.Call]]:
    found: list[tuple[str, ast.Call]] = []
    for folder in ("wxbackend", "handlers"):
        for path in (ROOT / folder).rglob("*.py"):
            if "sandbox" in path.parts:
                continue
            found += [
                (path.name, node)
                for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == name
            ]
    return found


def test_every_invalid_value_has_words_and_fills_its_placeholders():
    checked = 0
    for file, call in calls_of("InvalidValue"):
        if not call.args or not isinstance(call.args[0], ast.Constant):
            continue
        key = f"error.{call.args[0].value!s}"
        facts = {keyword.arg for keyword in call.keywords}
        assert key in WORDING, f"{file}: {key}"
        assert WORDING.placeholders(key) <= facts, f"{file}: {key}"
        checked += 1
    assert checked > 25


@pytest.mark.parametrize("id_type", [kind for kind in IdType if kind is not IdType.RESIDENT_ID])
def test_every_kind_of_document_says_how_its_number_looks(id_type):
    assert WORDING.text(f"error.id_number.{id_type.value}")


def subclasses(kind: type[ProductError]) -> set[type[ProductError]]:
    return {kind}.union(*(subclasses(child) for child in kind.__subclasses__()))


def test_every_refusal_has_a_title_and_says_what_to_do():
    import wxbackend.app  # noqa: F401 - every use case is loaded with it

    for kind in subclasses(ProductError):
        for part in ("title", "text"):
            assert f"refusal.{kind.code}.{part}" in WORDING, kind


@pytest.mark.parametrize(
    ("prefix", "kind"),
    [
        ("id_type", IdType),
        ("vehicle_type", VehicleType),
        ("health_code", HealthCode),
        ("image_kind", ImageKind),
        ("reservation_state", ReservationState),
        ("verdict", Verdict),
        ("verdict_done", Verdict),
        ("verdict_short", Verdict),
        ("role", Role),
    ],
)
def test_every_value_has_its_word(prefix, kind):
    for value in kind:
        assert WORDING.text(f"{prefix}.{value.value}")


def test_every_fact_of_the_gate_has_its_remark():
    for code in FACT_CODES:
        if code != "nucleic_older":
            assert f"remark.{code}" in WORDING, code


def test_every_kind_of_notification_has_its_text():
    templates = {NotificationKind.RESERVATION_MADE, NotificationKind.PASSAGE_DECIDED}
    for kind in NotificationKind:
        if kind not in templates:  # WeChat's own templates hold their words
            assert f"message.{kind.value}" in WORDING


def test_the_passage_texts_are_the_manuals_letter_for_letter():
    facts = {
        "enterprise": "XXX 公司",
        "name": "李某某",
        "time": "2022-04-20 12:00:00",
        "district": "南沙区",
        "short": "南沙",
        "reason": "健康码黄码",
    }
    assert WORDING.text("message.passage_allowed_roster", **facts) == (
        "XXX 公司员工李某某于2022-04-20 12:00:00进入南沙区,请督促做好防疫工作。"
    )
    assert WORDING.text("message.passage_denied_roster", **facts) == (
        "XXX 公司员工李某某于2022-04-20 12:00:00进入南沙区卡口时,因健康码黄码原因不予通行,请知悉。"
    )
    assert WORDING.text("message.passage_allowed_other", **facts) == (
        "非南沙企业员工李某某于2022-04-20 12:00:00入南沙区,请督促做好防疫工作。"
    )
    assert WORDING.text("message.passage_denied_other", **facts) == (
        "非南沙企业员工李某某于2022-04-20 12:00:00进入南沙区卡口时,"
        "因健康码黄码原因不予通行,请知悉。"
    )


def test_no_template_names_the_district():
    """南沙 is a setting; a template that says it would be wrong in the next district."""
    for path in [*(ROOT / "templates").rglob("*.html"), *(ROOT / "static" / "js").rglob("*.js")]:
        assert "南沙" not in path.read_text(encoding="utf-8"), path


def test_every_word_that_a_template_asks_for_exists():
    for path in (ROOT / "templates").rglob("*.html"):
        content = path.read_text(encoding="utf-8")
        for key in re.findall(r'\bword\("([a-z_.]+)"', content):
            assert key in WORDING, f"{path}: {key}"
        for prefix, value in re.findall(r'\blabel\("(\w+)", "(\w+)"', content):
            assert f"{prefix}.{value}" in WORDING, f"{path}: {prefix}.{value}"
