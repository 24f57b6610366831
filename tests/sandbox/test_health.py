"""The health registry."""

from __future__ import annotations

import pytest

from tests.sandbox.client import Client

NUMBER = "44062219761130421X"


def test_records_are_found_whatever_the_case_of_x(sandbox: Client) -> None:
    tests = [{"result": "阴性", "checktime": "2022-04-22 08:05:00"}]
    doses = [{"vaccinationTime": 2, "vaccinationDateTime": "2021-08-30"}]
    sandbox.put(
        f"/sandbox/health-records/{NUMBER.lower()}", json={"nucleic": tests, "vaccine": doses}
    )
    query = {"idcardNo": NUMBER}
    nucleic = sandbox.get("/health-registry/nucleic", params=query).json()
    assert (nucleic["code"], nucleic["datas"]) == ("00", tests)
    assert sandbox.get("/health-registry/vaccine", params=query).json()["datas"] == doses
    assert sandbox.get(f"/sandbox/health-records/{NUMBER}").json()["vaccine"] == doses


def test_nobody_known_is_no_record_and_no_error(sandbox: Client) -> None:
    found = sandbox.get("/health-registry/nucleic?idcardNo=1").json()
    assert (found["code"], found["datas"]) == ("00", [])


def test_no_number_is_an_error(sandbox: Client) -> None:
    assert sandbox.get("/health-registry/nucleic").json()["code"] == "01"


@pytest.mark.parametrize(("changes", "status"), [({}, 200), ({"x-tif-signature": "00"}, 401)])
def test_a_signed_call_must_be_signed_right(
    sandbox: Client, changes: dict[str, str], status: int
) -> None:
    headers = sandbox.tif_headers("health", **changes)
    answer = sandbox.get("/health-registry/vaccine?idcardNo=1", headers=headers)
    assert answer.status_code == status
