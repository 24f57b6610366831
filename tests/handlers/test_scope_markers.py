"""SEC-C03, C04, C06: two halves of a district, and no byte of the other half in any answer."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import pytest
import requests
from flask import Flask
from PIL import Image
from sqlalchemy import text
from werkzeug.routing import Rule

from models.base import Base
from models.database import reading
from tests.insiders import Insider, insider
from tests.live import LiveApp
from tests.people import resident_id
from tests.servers import Sandbox
from tests.stories import Story
from wxbackend.domain.reservation import ImageKind, Verdict
from wxbackend.domain.roles import Role
from wxbackend.services.drafts import add_image

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

# Tables whose public ids stand in addresses.
_TABLES = (
    *("reservation", "employee", "enterprise", "lead", "notification", "scan", "passage"),
    *("uploaded_image", "export_run", "account"),
)
_LISTS = ("/office", "/office/drivers", "/office/reservations?basis=arrival")


@dataclass(frozen=True)
class Side:
    """One town with one enterprise: everything that is written there begins with `mark`."""

    mark: str
    town: str
    id_numbers: tuple[str, ...]
    phones: tuple[str, ...]
    plate: str
    color: str

    @property
    def secrets(self) -> list[bytes]:
        """What nobody of the other side may read, masked or not."""
        ends = [f"**{number[-4:]}" for number in (*self.id_numbers, *self.phones)]
        whole = [self.mark, *self.id_numbers, *self.phones, self.plate, *ends]
        return [one.encode() for one in whole]


A = Side(
    mark="甲标",
    town="黄阁镇",
    id_numbers=(resident_id(111), resident_id(112), resident_id(113)),
    phones=("13811114001", "13811114002"),
    plate="粤A11111",
    color="red",
)
B = Side(
    mark="乙标",
    town="榄核镇",
    id_numbers=(resident_id(221), resident_id(222), resident_id(223)),
    phones=("13922227001", "13922227002"),
    plate="粤B22222",
    color="blue",
)


@dataclass(frozen=True)
class World:
    """Both sides' users, and every id that can stand in an address, by side."""

    users: dict[str, list[Insider]]
    ids: dict[str, list[str]]
    images: dict[str, bytes]


def settle(story: Story, side: Side) -> None:
    """An enterprise with a driver of its own, a stranger bound for the town, in several states."""
    enterprise = story.enterprise(f"{side.mark}运输有限公司", side.town, side.phones[0])
    story.employ(enterprise, side.id_numbers[0], f"{side.mark}工")
    story.test_result(side.id_numbers[0], hours_ago=5)
    story.recipient(f"{side.mark}-member", side.town)
    guard = story.guard()
    words = {
        "phone": side.phones[1],
        "plate_number": side.plate,
        "enterprise_name": f"{side.mark}自填公司",
        "origin": f"{side.mark}出发地",
        "via": f"{side.mark}途经地",
        "destination_town": str(story.district.town_ids[side.town]),
        "destination_address": f"{side.mark}地址",
        "cargo": f"{side.mark}货物",
        "passengers-0-name": f"{side.mark}乘客",
        "passengers-0-id_type": "resident_id",
        "passengers-0-id_number": side.id_numbers[2],
        "passengers-0-phone": side.phones[1],
    }
    for number in side.id_numbers[:2]:
        driver = story.driver()
        for kind in ImageKind:
            picture = io.BytesIO()
            Image.new("RGB", (40, 40), side.color).save(picture, "PNG")
            content = picture.getvalue()
            add_image(story.dependencies, driver, "new", kind=kind, content=content)
        words |= {"name": f"{side.mark}司机", "id_number": number}
        denied = story.reserve(driver, **words)
        scan = story.scan(guard, denied.token)
        story.decide(guard, scan, Verdict.DENIED, f"{side.mark}原因")
        story.reserve(driver, **words)


@pytest.fixture
def world(app: Flask, story: Story) -> World:
    app.config["WTF_CSRF_ENABLED"] = False
    ids: dict[str, list[str]] = {}
    seen: set[str] = set()
    users: dict[str, list[Insider]] = {}
    for side in (A, B):
        settle(story, side)
        name = "a" if side is A else "b"
        users[side.mark] = [
            insider(app, f"town-{name}", Role.TOWN, side.town),
            insider(app, f"lead-{name}", Role.ENTERPRISE, side.phones[0]),
            Insider(app, wechat_user_id=_driver_of(side)),
        ]
        found = set(_public_ids())
        ids[side.mark] = sorted(found - seen)
        seen = found
    return World(users, ids, {side.mark: _picture_of(story, side) for side in (A, B)})


def _driver_of(side: Side) -> int:
    with reading() as session:
        query = text("SELECT max(wechat_user_id) FROM reservation WHERE plate_number = :plate")
        return session.execute(query, {"plate": side.plate}).scalar_one()


def _public_ids() -> Iterator[str]:
    with reading() as session:
        for name in _TABLES:
            table = Base.metadata.tables[name]
            yield from session.scalars(table.select().with_only_columns(table.c.public_id))


def _picture_of(story: Story, side: Side) -> bytes:
    picture = io.BytesIO()
    Image.new("RGB", (40, 40), side.color).save(picture, "PNG")
    return story.dependencies.gateways.images.clean(picture.getvalue()).content


# ---- reading everything ------------------------------------------------------------------------


def contents(body: bytes) -> Iterator[bytes]:
    """The body, and every part of an Excel file in it."""
    yield body
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            for name in archive.namelist():
                yield archive.read(name)


def leaks(body: bytes, other: Side, world: World) -> list[str]:
    found = [
        secret.decode() for part in contents(body) for secret in other.secrets if secret in part
    ]
    return [*found, *(["its picture"] if body == world.images[other.mark] else [])]


def addresses(app: Flask, ids: Iterable[str]) -> Iterator[str]:
    """Every GET address, with each of the ids where one belongs; lists in their variants."""
    adapter, ids = app.url_map.bind("127.0.0.1"), list(ids)
    for rule in app.url_map.iter_rules():
        if "GET" not in rule.methods or rule.endpoint == "static":
            continue
        names = sorted(rule.arguments)
        for values in product(*(_values(rule, name, ids) for name in names)):
            yield adapter.build(rule.endpoint, dict(zip(names, values, strict=True)))


def _values(rule: Rule, name: str, ids: list[str]) -> Sequence[object]:
    if type(rule._converters[name]).__name__ == "IntegerConverter":
        return [1]
    known = {"kind": ["employees"], "step": ["disable"], "key": ["bureau"], "subject": ["new"]}
    if name in {"lead_id", "image_id"}:
        return ids[:3]  # beside every public id
    return known.get(name, ids)


def read_everything(app: Flask, user: Insider, world: World, own: Side, other: Side) -> bytes:
    """Ask for everything; what was answered, with no byte of the other side in it."""
    seen = []
    asked = [*addresses(app, world.ids[other.mark]), *addresses(app, world.ids[own.mark][:12])]
    asked += _LISTS
    for path in dict.fromkeys(asked):
        if path.startswith("/wechat/oauth"):
            continue
        answer = user.ask("GET", path)
        body = answer.get_data()
        assert answer.status_code < 500, path
        assert leaks(body, other, world) == [], f"{path} ({answer.status_code})"
        seen.append(body)
    return b"".join(seen)


SIDES = [(A, B), (B, A)]


@pytest.mark.parametrize(("own", "other"), SIDES, ids=["a", "b"])
def test_no_get_shows_a_byte_of_the_other_side(app, world, own, other):
    for user in world.users[own.mark]:
        seen = read_everything(app, user, world, own, other)
        assert own.mark.encode() in seen  # it did read something


@pytest.mark.parametrize(("own", "other"), SIDES, ids=["a", "b"])
def test_no_search_finds_the_other_side(app, world, own, other):
    searches = [r.rule for r in app.url_map.iter_rules() if r.rule.endswith("/search")]
    assert len(searches) > 4
    asked = {
        "name": f"{other.mark}司机",
        "number": other.id_numbers[0],
        "id_number": other.id_numbers[0],
        "phone": other.phones[1][-4:],
        "plate": other.plate[2:],
        "text": other.plate,
        "company": f"{other.mark}运输",
        "basis": "arrival",
    }
    for user, path in product(world.users[own.mark], searches):
        for name, value in asked.items():
            form = {name: value, "basis": "arrival"}
            answer = user.ask("POST", path, data=form, follow_redirects=True)
            body = answer.get_data()
            # The page repeats what was typed, and nothing else.
            typed = [secret for secret in other.secrets if secret in value.encode()]
            found = set(leaks(body, other, world)) - {secret.decode() for secret in typed}
            assert answer.status_code < 500, path
            assert found <= {f"**{value[-4:]}"}, f"{path} by {name}"


@pytest.mark.parametrize(("own", "other"), SIDES, ids=["a", "b"])
def test_no_export_carries_the_other_side(app, world, own, other):
    for user, kind in product(world.users[own.mark][:2], ("reservations", "drivers")):
        page = f"/office/exports/new?kind={kind}&basis=arrival"
        columns = re.findall(r'name="columns" value="(\w+)"', user.ask("GET", page).text)
        form = {"range": "all", "numbers": "masked", "reason": "", "columns": columns}
        answer = user.ask("POST", page, data=form)
        assert answer.status_code == 303, kind
        made = answer.headers["Location"].rpartition("made=")[2]
        file = user.ask("GET", f"/office/exports/{made}/file").get_data()
        assert file.startswith(b"PK")
        assert leaks(file, other, world) == []
        assert any(own.mark.encode() in part for part in contents(file))
        for stranger in world.users[other.mark][:2]:
            assert stranger.ask("GET", f"/office/exports/{made}/file").status_code == 404


def test_two_hundred_at_once_keep_apart(app, world, sandbox: Sandbox, tmp_path: Path):
    live = LiveApp(tmp_path / "test.toml", port=sandbox.app_port, workers=2)
    try:
        visits = [
            (user.cookie, path, other)
            for own, other in SIDES
            for user in world.users[own.mark][:2]
            for path in _LISTS
        ]
        rounds = [visits[number % len(visits)] for number in range(200)]

        def visit(one: tuple[str, str, Side]) -> list[str]:
            cookie, path, other = one
            answer = requests.get(live.url + path, cookies={"wxbackend": cookie}, timeout=60)
            problem = [] if answer.status_code == 200 else [f"{path}: {answer.status_code}"]
            return problem + leaks(answer.content, other, world)

        with ThreadPoolExecutor(16) as pool:
            assert [found for found in pool.map(visit, rounds) if found] == []
    finally:
        live.stop()
