"""What a hand does on the phone's page."""

from __future__ import annotations

from playwright.sync_api import FilePayload, Page, ViewportSize, expect

from tests.sandbox.client import Client

PHONE = ViewportSize(width=390, height=844)
TABLET = ViewportSize(width=1000, height=760)
DESK = ViewportSize(width=1366, height=900)


def open_phone(page: Page, sandbox: Client) -> None:
    page.goto(f"{sandbox.base}/")
    expect(page.locator(".pick-person").first).to_be_visible()


def take_over(page: Page, name: str) -> None:
    page.locator(".pick-person", has_text=name).click()
    expect(page.locator(".people .is-on", has_text=name)).to_be_visible()


def open_chat(page: Page) -> None:
    page.locator('[data-app="wechat"]').click()
    page.locator(".chat-row").click()


def paste_into(scanner: Page, text: str) -> None:
    frame = scanner.frame_locator('iframe[title="扫一扫"]')
    frame.get_by_label("二维码内容").fill(text)
    frame.get_by_role("button", name="确定").click()


def picture(content: bytes, kind: str = "image/png") -> FilePayload:
    return FilePayload(name="picture", mimeType=kind, buffer=content)
