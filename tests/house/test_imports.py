"""The floors hold, and the check that says so can fail."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers import ROOT

PACKAGES = ("wxbackend", "handlers", "models", "scripts")


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [program, "--no-cache"],
        cwd=folder,
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(folder)},
    )


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("house")
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__", "static")
        )
    shutil.copyfile(ROOT / "pyproject.toml", folder / "pyproject.toml")
    return folder


def test_the_floors_hold(copy):
    done = lint(copy)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("wxbackend/domain/plates.py", "import wxbackend.services.audit", "point down"),
        ("wxbackend/services/audit.py", "import handlers.driver", "point down"),
        ("models/places.py", "import wxbackend.gateways.qr", "point down"),
        ("handlers/driver.py", "import wxbackend.jobs.schedule", "point down"),
        ("handlers/driver.py", "import models.places", "through services"),
        ("handlers/driver.py", "import wxbackend.gateways.mas", "through services"),
        ("wxbackend/services/audit.py", "import flask", "no web framework"),
        ("wxbackend/services/audit.py", "import wxbackend.config.settings", "read the settings"),
        ("wxbackend/gateways/qr.py", "import sqlalchemy", "SQL lives in models"),
        ("handlers/driver.py", "import requests", "through services"),
        ("wxbackend/config/loading.py", "import requests", "lives in the gateways"),
        ("models/places.py", "import flask", "lives in handlers and app"),
        ("wxbackend/services/audit.py", "import apscheduler", "scheduler lives in jobs"),
        ("wxbackend/sandbox/clock.py", "import wxbackend.domain.plates", "nothing of ours"),
        ("wxbackend/app.py", "import wxbackend.sandbox.app", "imports the sandbox"),
    ],
)
def test_the_check_can_fail(copy, module, line, contract):
    path = copy / module
    before = path.read_text(encoding="utf-8")
    path.write_text(f"{before}\n{line}\n", encoding="utf-8")
    try:
        done = lint(copy)
    finally:
        path.write_text(before, encoding="utf-8")
    assert done.returncode != 0
    broken = [text for text in done.stdout.splitlines() if "BROKEN" in text]
    assert any(contract in text for text in broken), done.stdout


def sources(*folders: str) -> list[Path]:
    return [path for folder in folders for path in (ROOT / folder).rglob("*.py")]


def test_domain_and_config_need_the_standard_library_alone():
    own = {"wxbackend"}
    for path in sources("wxbackend/domain", "wxbackend/config"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            roots = {name.partition(".")[0] for name in names}
            assert roots <= own | set(sys.stdlib_module_names), f"{path}: {roots}"


def test_the_domain_asks_no_clock_and_does_no_io():
    forbidden = {"now", "today", "utcnow", "time", "open", "urlopen"}
    for path in sources("wxbackend/domain"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                assert name not in forbidden - {"time"} or path.name == "moments.py", path


def test_select_stands_only_in_models():
    for path in sources("wxbackend", "handlers", "scripts"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
        names = {getattr(call.func, "id", "") for call in calls}
        assert "select" not in names, path


def test_the_package_itself_imports_nothing():
    for path in sources(*PACKAGES):
        if path.name == "__init__.py" and path.parent.name not in {"handlers", "office", "api"}:
            tree = ast.parse(path.read_text(encoding="utf-8"))
            assert not [n for n in tree.body if isinstance(n, ast.Import | ast.ImportFrom)] or (
                "sandbox" in path.parts
            ), path


PEOPLE = {
    "Employee",
    "Reservation",
    "Passage",
    "Passenger",
    "NucleicAcidTestRow",
    "VaccinationRow",
}
# Rows of people that are reached by what the asker holds, not by a list: each says why.
HELD = {
    "move_reservation",  # an UPDATE by id, after the row was found inside a scope
    "find_pass_code_of",
}


def test_queries_that_return_people_take_a_scope_first():
    """(session, scope, …): there is no unscoped list or get to call by mistake."""
    unscoped = []
    for path in sources("models"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if not isinstance(node, ast.FunctionDef) or node.returns is None:
                continue
            returned = {name.id for name in ast.walk(node.returns) if isinstance(name, ast.Name)}
            arguments = [argument.arg for argument in node.args.args]
            if not returned & PEOPLE or arguments[:1] != ["session"] or node.name in HELD:
                continue
            if arguments[1:2] != ["scope"]:
                unscoped.append(f"{path.name}: {node.name}")
    assert unscoped == []


def test_no_code_speaks_chinese_outside_templates():
    """Wording lives in templates/; a comment, docstring or data word of a file format may."""
    # Plates, and formats on the wire.
    allowed = {"plates.py", "weijing.py", "health_registry.py", "template_fields.py"}
    for path in sources("wxbackend", "handlers", "models"):
        of_a_file_format = path.parent.name == "domain" and path.name.startswith("import_")
        if path.name in allowed or of_a_file_format or "sandbox" in path.parts:
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        documentation = {
            id(node.body[0].value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
            and node.body
            and isinstance(node.body[0], ast.Expr)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                if id(node) in documentation:
                    continue
                spoken = [char for char in node.value if "\u4e00" <= char <= "\u9fff"]
                assert not spoken, f"{path}:{node.lineno}: {node.value[:40]}"


def test_a_binding_begins_in_one_place():
    """`begin_binding` has the menu's tag looked at; a row added past it would keep an old menu."""
    for path in sources("wxbackend", "handlers", "scripts"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in {"add", "add_all"}:
                made = {
                    getattr(one.func, "id", "")
                    for one in ast.walk(node)
                    if isinstance(one, ast.Call)
                }
                assert "Binding" not in made, f"{path}:{node.lineno}"
