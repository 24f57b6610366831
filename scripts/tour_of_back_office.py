"""A walk through the back office: every page of every role's menu, and what opens over it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from playwright.sync_api import Page

OFFICE_ROLES = ("bureau", "town", "enterprise", "admin", "auditor")
_MOST_OPENED = 12  # drawers and dialogs of one page, each kind once


@dataclass(frozen=True)
class OfficeStop:
    name: str
    page: Page


def sign_in(page: Page, url: str, account: Mapping[str, str]) -> None:
    page.goto(f"{url}/office/sign-in")
    page.get_by_label("账号", exact=True).fill(account["account"])
    page.get_by_label("密码", exact=True).fill(account["password"])
    page.get_by_role("button", name="登录").click()
    page.get_by_role("button", name="退出").wait_for()


def walk_office(
    page: Page, url: str, accounts: Sequence[Mapping[str, str]]
) -> Iterator[OfficeStop]:
    """Every stop in one page; it is signed in as one role after the other."""
    for role in OFFICE_ROLES:
        account = next(one for one in accounts if one["role"] == role and "account" in one)
        page.context.clear_cookies()
        sign_in(page, url, account)
        for address in _addresses(page, ".side nav a"):
            page.goto(f"{url}{address}")
            page.wait_for_load_state("networkidle")
            yield OfficeStop(f"{role}{_name(address)}", page)
            for opened in _addresses(page, 'main a[hx-target="#over"]'):
                page.goto(f"{url}{opened}")
                yield OfficeStop(f"{role}{_name(opened)}", page)


def _addresses(page: Page, selector: str) -> Sequence[str]:
    """The addresses of these links, one for each wording."""
    found: list[tuple[str, str]] = page.eval_on_selector_all(
        selector, "links => links.map(link => [link.textContent.trim(), link.getAttribute('href')])"
    )
    by_words: dict[str, str] = {}
    names = 0
    for words, address in found:
        is_name = len(words) > 4 and words not in by_words
        names += is_name
        if not is_name or names <= 2:
            by_words.setdefault(words, address)
    return list(by_words.values())[:_MOST_OPENED]


def _name(address: str) -> str:
    """bureau-office-drivers-…: an id in it says nothing."""
    parts = [part for part in address.partition("?")[0].split("/") if part]
    return "".join(f"-{part}" for part in parts if len(part) < 26)
