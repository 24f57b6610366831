"""The manual names every option, call, mode and fault."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from tests.sandbox.conftest import ROOT
from wxbackend.sandbox.app import create_app
from wxbackend.sandbox.faults import KINDS, TARGETS
from wxbackend.sandbox.options import Options
from wxbackend.sandbox.wechat import jssdk, mail, oauth, push
from wxbackend.sandbox.weijing import desk

MANUAL = (ROOT / "docs" / "sandbox.md").read_text(encoding="utf-8")


def test_every_option_is_explained() -> None:
    told = subprocess.run(
        [sys.executable, "-m", "scripts.sandbox", "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    options = set(re.findall(r"--[a-z-]+", told)) - {"--help"}
    assert len(options) >= 8
    assert {option for option in options if f"| `{option}` |" not in MANUAL} == set()


def test_every_control_call_is_explained() -> None:
    rules = create_app(Options()).url_map.iter_rules()
    paths = {
        rule.rule.replace("<", "{").replace(">", "}")
        for rule in rules
        if rule.rule.startswith("/sandbox/") and "/static/" not in rule.rule
    }
    assert len(paths) >= 20
    assert {path for path in paths if path not in MANUAL} == set()


@pytest.mark.parametrize(
    "words",
    [
        KINDS,
        TARGETS,
        oauth.MODES,
        mail.OUTCOMES,
        desk.MODES,
        desk.OUTCOMES,
        jssdk.PLATFORMS,
        jssdk.SCANS,
        push.MODES,
        push.TAMPERINGS,
    ],
)
def test_every_word_is_explained(words: tuple[str, ...]) -> None:
    prose = re.sub(r"```.*?```", "", MANUAL, flags=re.DOTALL)
    quoted = " ".join(re.findall(r"`[^`]+`", prose))
    assert [word for word in words if word not in quoted] == []
