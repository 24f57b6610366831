"""Addresses that nobody's link makes: every list answers them, on either database."""

from __future__ import annotations

import pytest

LISTS = ("enterprises", "drivers", "reservations", "notifications", "digests", "imports/history")
ODD = (
    "town=99999999999999999999&checkpoint=99999999999999999999",
    "town=-1&checkpoint=%00&reason=%25_",
    "page=99999999999999999999&size=1e9&sort=%27;drop",
    "first=0001-01-01&last=9999-12-31",
    "first=2022-99-99&last=x&f=../../x&hide=%00",
    "state=x&channel=x&kind=x&origin=x&role=x&action=x&object=x&outcome=x&matched=x&basis=x&enterprise=%F0%9F%98%80",
)


@pytest.mark.parametrize("name", LISTS)
def test_every_list_answers_every_address(office, name):
    bureau = office("bureau")
    for odd in ODD:
        bureau.get(f"/office/{name}?{odd}")
        assert bureau.status == 200, odd


def test_the_admins_and_auditors_lists_too(office):
    for role, names in (
        ("admin", ("accounts", "sign-ins")),
        ("auditor", ("audit", "audit/exports")),
    ):
        browser = office(role)
        for name in names:
            for odd in ODD:
                browser.get(f"/office/{name}?{odd}")
                assert browser.status == 200, f"{name}?{odd}"


@pytest.mark.parametrize(
    "path", ["/d?before=2147483648", "/d?before=99999999999999999999", "/d/c/%00", "/d/c/x"]
)
def test_a_drivers_odd_address_is_no_fault_of_ours(driver, path):
    driver.get("/d")
    driver.get(path)
    assert driver.status in {200, 400, 404}
