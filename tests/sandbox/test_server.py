"""The process: its start, its end, its neighbours."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import requests

from tests.sandbox.client import Client
from tests.sandbox.conftest import ROOT, free_port, start_sandbox, stop


def test_stops_at_once_though_a_call_is_held() -> None:
    port = free_port()
    process = start_sandbox(port)
    with Client(f"http://127.0.0.1:{port}") as client:
        client.fault("health", kind="timeout", value=60)
        caller = threading.Thread(target=_expect_no_answer, args=(client,))
        caller.start()
        while not client.calls(target="health"):
            time.sleep(0.02)
        began = time.monotonic()
        assert stop(process) == ""
        assert time.monotonic() - began < 2
        caller.join()
    assert process.returncode == 0


def _expect_no_answer(client: Client) -> None:
    with pytest.raises(requests.ConnectionError):
        client.get("/health-registry/nucleic?idcardNo=1")


def test_several_run_side_by_side_with_their_own_people(tmp_path: Path) -> None:
    file = tmp_path / "people.json"
    file.write_text(json.dumps([{"openid": "oOnlyOne", "name": "孙一"}]), encoding="utf-8")
    ports = free_port(), free_port()
    processes = [start_sandbox(ports[0]), start_sandbox(ports[1], "--personas", str(file))]
    with (
        Client(f"http://127.0.0.1:{ports[0]}") as one,
        Client(f"http://127.0.0.1:{ports[1]}") as two,
    ):
        assert len(one.get("/sandbox/personas").json()) >= 8
        assert [p["name"] for p in two.get("/sandbox/personas").json()] == ["孙一"]
        assert (
            one.get("/sandbox/credentials").json()["wechat"]["app_secret"]
            == (two.get("/sandbox/credentials").json()["wechat"]["app_secret"])
        )
    assert [stop(process) for process in processes] == ["", ""]


def test_a_bad_people_file_is_told_at_once(tmp_path: Path) -> None:
    file = tmp_path / "people.json"
    file.write_text('[{"openid": "oNobody1"}]', encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "scripts.sandbox", "--port", "1", "--personas", str(file)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == "sandbox: name is missing\n"


def test_the_people_of_the_house_have_valid_numbers(sandbox: Client) -> None:
    people = sandbox.get("/sandbox/personas").json()
    assert len(people) >= 8
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    for person in people:
        digits = zip(person["id_number"], weights, strict=False)
        check = "10X98765432"[sum(int(digit) * weight for digit, weight in digits) % 11]
        assert person["id_number"][17] == check
        assert len(person["openid"]) == 28
        assert person["openid"].startswith("o")


def imported_names(source: str) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
    return names


def test_the_sandbox_imports_nothing_of_the_app() -> None:
    ours = ("wxbackend", "handlers", "models", "scripts", "tests", "wechatpy")
    for file in (ROOT / "wxbackend" / "sandbox").rglob("*.py"):
        for name in imported_names(file.read_text(encoding="utf-8")):
            is_ours = name.split(".")[0] in ours
            assert not is_ours or name.startswith("wxbackend.sandbox"), f"{file} imports {name}"
