"""货车企业管理 as manual 2.5 says it, in a browser on a PC."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


def test_the_menu_leads_to_the_ledger(office_page):
    page = office_page("bureau")
    page.get_by_role("link", name="货车企业管理").click()
    expect(page).to_have_url(re.compile("/office/enterprises$"))
