"""Pictures of every page from the running demo: `python -m scripts.screenshots FOLDER`.

It starts a demo of its own in a temporary folder, walks through it in headless Chromium (light,
dark, and at 200 % text), and joins the pictures into contact sheets.
"""

from __future__ import annotations

import argparse
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from scripts.run import Place, running
from scripts.tour import Tour

_QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]
_LOOKS: dict[str, dict[str, Any]] = {
    "light": {},
    "dark": {"color_scheme": "dark"},
    "large": {},
}
_SHEET_COLUMNS = 6
_README = ("driver-pass", "gate-home", "gate-scan", "gate-decision")
_TILE = (390, 780)
_GAP = 16


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--look", choices=list(_LOOKS), action="append", help="only this look")
    parser.add_argument("--readme", type=Path, help="also the picture of the README's first screen")
    arguments = parser.parse_args()
    for look in arguments.look or list(_LOOKS):
        folder = arguments.folder / look
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        with demo() as place, chromium() as browser:
            pictures = _take(browser, place, folder, look)
        sheet = arguments.folder / f"{look}.png"
        _join(pictures, sheet, columns=_SHEET_COLUMNS)
        print(f"{len(pictures)} pages: {sheet}")
        if look == "light" and arguments.readme:
            chosen = [one for name in _README for one in pictures if one.stem[3:] == name]
            _join(chosen, arguments.readme, columns=len(chosen))


@contextmanager
def demo() -> Iterator[Place]:
    """A running demo of its own."""
    with tempfile.TemporaryDirectory() as folder:
        place = Place(Path(folder), _free_port(), _free_port())
        with running(place):
            yield place


@contextmanager
def chromium() -> Iterator[Browser]:
    program = shutil.which("chromium")
    if program is None:
        raise SystemExit("Chromium is needed: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=_QUIET)
        yield browser
        browser.close()


def sample_picture(folder: Path) -> Path:
    """A picture to upload, such as a driver would."""
    path = folder / "picture.png"
    Image.new("RGB", (360, 640), "#1c8f4d").save(path)
    return path


def _take(browser: Browser, place: Place, folder: Path, look: str) -> list[Path]:
    tour = Tour(
        browser,
        url=place.url,
        sandbox_url=place.sandbox_url,
        folder=place.folder,
        picture=sample_picture(place.folder),
    )
    pictures = []
    for number, stop in enumerate(tour.walk(**_LOOKS[look]), 1):
        if look == "large":
            stop.page.evaluate("document.documentElement.style.fontSize = '200%'")
        path = folder / f"{number:02}-{stop.name}.png"
        stop.page.screenshot(path=path)
        pictures.append(path)
    return pictures


def _join(pictures: list[Path], sheet: Path, *, columns: int) -> None:
    width, height = _TILE[0] + _GAP, _TILE[1] + _GAP
    rows = -(-len(pictures) // columns)
    whole = Image.new("RGB", (width * columns + _GAP, height * rows + _GAP), "#cfd6de")
    for index, path in enumerate(pictures):
        row, column = divmod(index, columns)
        with Image.open(path) as picture:
            whole.paste(picture, (column * width + _GAP, row * height + _GAP))
    whole.quantize(256).save(sheet, optimize=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    main()
