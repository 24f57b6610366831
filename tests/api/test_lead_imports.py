"""A file of employees through the API: sent, looked at, taken or left."""

from __future__ import annotations

import io

import openpyxl
import pytest

from tests.api.program import Program, Reply
from tests.people import resident_id

HEADERS = "姓名,证件号码,手机号"
GOOD = f"郑某某,{resident_id(7)},13711110007"
BAD = "邓某某,123,1"


def send(program: Program, *rows: str, name: str = "roster.csv") -> Reply:
    content = "\n".join([HEADERS, *rows]).encode()
    return program.upload("/lead/imports", "file", content, name=name)


@pytest.fixture
def sent(lead) -> str:
    """One right row and a wrong one."""
    return f"/lead/imports/{send(lead, GOOD, BAD)['import_id']}"


def test_a_file_is_looked_at_before_it_is_taken(lead, sent):
    seen = lead.get(sent)
    assert (seen["state"], seen["counts"]["new"], seen["counts"]["wrong"]) == ("checked", 1, 1)
    (row,) = seen["wrong_rows"]
    assert (row["row"], {cell["column"] for cell in row["cells"]}) == (3, {"证件号码", "手机号"})
    assert lead.get("/lead/employees")["total"] == 0

    assert lead.post(f"{sent}/take")["state"] == "taken"
    assert [one["name"] for one in lead.get("/lead/employees")["employees"]] == ["郑某某"]
    assert lead.post(f"{sent}/take")["state"] == "taken"
    assert lead.get("/lead/employees")["total"] == 1


def test_a_file_that_is_left_changes_nothing(lead, sent):
    assert lead.post(f"{sent}/leave").status == 204
    assert lead.get(sent)["state"] == "left"
    assert lead.post(f"{sent}/take").status == 409
    assert lead.get("/lead/employees")["total"] == 0


def test_the_wrong_rows_come_as_a_file_with_reasons(lead, sent):
    sheet = openpyxl.load_workbook(io.BytesIO(lead.get(f"{sent}/wrong-rows").bytes)).active
    assert "邓某某" in [cell.value for cell in sheet[2]]
    template = openpyxl.load_workbook(io.BytesIO(lead.get("/lead/imports/template").bytes)).active
    assert set(HEADERS.split(",")) <= {str(cell.value).strip("★*") for cell in template[1]}


def test_another_leads_file_is_not_found(program, sandbox, story, sent):
    person = sandbox.personas()[1]
    story.enterprise("广州远航物流有限公司", "黄阁镇", person["phone"])
    stranger = program.fresh()
    stranger.sign_in_by_phone(person["openid"])
    assert stranger.get(sent).status == 404
    assert stranger.post(f"{sent}/take").status == 404


def test_what_is_no_table_is_refused_in_words(lead):
    refused = lead.get(f"/lead/imports/{send(lead, GOOD, name='roster.exe')['import_id']}")
    assert refused["state"] == "refused"
    assert "只能导入" in refused["refusal"]
