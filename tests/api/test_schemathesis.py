"""Invented requests, right and wrong, against the running app with each role's token."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from handlers.api.document import PREFIX
from handlers.api.form_shapes import TripForm
from tests.api.program import Program
from tests.people import form_of, make_office_account
from tests.stories import answer_page
from wxbackend.domain.roles import Role

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

# Not that all data is taken which fits the schema: no schema knows checksums.
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "missing_required_header",
    "ignored_auth",
)
# These end what the others need: the token, the shift.
ENDS_SOMETHING = ("api_me.sign_out", "api_me.password", "api_gate.end_shift")
# What each role may; everything else only says 403, which one request shows as well as fifty.
PORTS = {"driver": "/driver/", "checkpoint": "/gate/", "enterprise": "/lead/", "bureau": "/me"}


@pytest.fixture
def tokens(
    driver: Program, lead: Program, guard: Program, program: Program, story
) -> dict[str, str]:
    name, password = make_office_account(story.dependencies, Role.BUREAU)
    program.sign_in("password", {"account": name, "password": password})
    found = {"driver": driver, "checkpoint": guard, "enterprise": lead, "bureau": program}
    return {role: one.token for role, one in found.items()}


@pytest.fixture
def own_things(tokens, driver: Program, lead: Program, guard: Program, story) -> dict[str, str]:
    """Ids of things that are there: without them most requests would end at 404."""
    form = form_of(story.district, story.dependencies.clock())
    person = {name: form[name] for name in ("name", "id_number", "phone")}
    employee = lead.post("/lead/employees", person)["employee_id"]
    trip = {name: form[name] for name in TripForm.model_fields if form.get(name)}
    prepared = lead.post("/lead/prepared", {**trip, "employee_id": employee})["prepared_id"]
    link = lead.get(f"/lead/prepared/{prepared}")["link"]
    made = driver.post("/driver/reservations", {name: text for name, text in form.items() if text})
    path = f"/driver/reservations/{made['reservation_id']}"
    answer_page(driver.post(f"{path}/identity-check")["page_url"], "pass")
    code = driver.post(f"{path}/identity-check/result")["pass_code"]["link"]
    return {
        "reservation_id": made["reservation_id"],
        "employee_id": employee,
        "prepared_id": prepared,
        "token": link.rpartition("/")[2],
        "subject": "new",
        "scan_id": guard.post("/gate/scans", {"code": code})["scan_id"],
    }


def test_no_invented_request_finds_anything(live_app, tokens, own_things, tmp_path):
    lines = [f'"path.{name}" = "{value}"' for name, value in own_things.items()]
    (tmp_path / "schemathesis.toml").write_text("[parameters]\n" + "\n".join(lines))
    found = [run(live_app.url, role, tokens[role], tmp_path) for role in PORTS]
    assert [text for text in found if text] == []


def run(url: str, role: str, token: str, folder: Path) -> str:
    """What was found as this role; nothing, if all is well."""
    command = [str(Path(sys.executable).with_name("schemathesis")), "run"]
    command += [f"{url}{PREFIX}/openapi.json", "--url", f"{url}{PREFIX}"]
    command += ["--header", f"Authorization: Bearer {token}"]
    command += ["--checks", ",".join(CHECKS), "--phases", "coverage,fuzzing"]
    command += ["--include-path-regex", f"^{PORTS[role]}"]
    command += ["--max-examples", "3", "--seed", "1", "--workers", "1", "--no-color"]
    command += ["--generation-database", "none", "--continue-on-failure"]
    # A busy machine is no finding.
    command += ["--suppress-health-check", "all", "--request-timeout", "60"]
    for operation in ENDS_SOMETHING:
        command += ["--exclude-operation-id", operation]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    return "" if done.returncode == 0 else f"{role}: {done.stdout[-20_000:]}{done.stderr[-2_000:]}"
