"""What the documents promise is there, and what is there is documented."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib

import pytest

from tests.servers import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = sorted(
    path.stem
    for path in (ROOT / "scripts").glob("*.py")
    if '__name__ == "__main__"' in path.read_text(encoding="utf-8")
)
# Part of set-up; nobody calls it by hand.
INNER = {"front_end"}


def test_every_command_is_in_the_readme():
    named = set(re.findall(r"python -m scripts\.(\w+)", README))
    assert set(COMMANDS) - INNER == named


@pytest.mark.parametrize(
    "command", [c for c in COMMANDS if c not in {"front_end", "run", "run_tests"}]
)
def test_every_command_explains_itself(command):
    done = subprocess.run(
        [sys.executable, "-m", f"scripts.{command}", "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "usage:" in done.stdout


def test_every_link_of_the_documents_leads_somewhere():
    for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\((?!https?://|#)([^)#]+)", path.read_text(encoding="utf-8")):
            assert (path.parent / target).exists(), f"{path.name}: {target}"


def test_every_dependency_has_its_line():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    document = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    for group in (project["project"]["dependencies"], project["dependency-groups"]["dev"]):
        for requirement in group:
            name = re.split(r"[\[<=>]", requirement)[0]
            assert name in document or name.startswith("types-"), name


def test_every_decision_is_listed():
    listed = (ROOT / "docs" / "decisions" / "README.md").read_text(encoding="utf-8")
    for path in (ROOT / "docs" / "decisions").glob("0*.md"):
        assert path.name in listed


def test_the_make_targets_of_the_readme_exist():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"\bmake ([a-z-]+)", README):
        assert re.search(rf"^{target}:", makefile, re.M), target


def test_make_help_lists_every_target():
    done = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True)
    targets = re.findall(r"^\.PHONY: (\S+)", (ROOT / "Makefile").read_text("utf-8"), re.M)
    for target in targets:
        assert f"make {target}" in done.stdout, target


def test_the_lock_files_name_no_address():
    for name in ("requirements.lock", "requirements-dev.lock", "package-lock.json"):
        content = (ROOT / name).read_text(encoding="utf-8")
        addresses = re.findall(r"https?://[^\s\"]+", content)
        assert not [a for a in addresses if "github.com" not in a and "opencollective" not in a]


def test_everything_locked_has_a_hash():
    content = (ROOT / "requirements-dev.lock").read_text(encoding="utf-8")
    pinned = re.findall(r"^[a-z0-9][^\s=]*==\S+(.*)$", content, re.M)
    assert len(pinned) > 40
    assert content.count("--hash=sha256:") > len(pinned)
