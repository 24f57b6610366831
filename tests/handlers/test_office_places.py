"""卡口、镇街和原因: short lists that keep their history, and posters that can be withdrawn."""

from __future__ import annotations

import re

import pytest
import zxingcpp
from PIL import Image
from sqlalchemy import text

from models.database import reading
from tests.browser import Browser
from tests.people import make_office_account
from wxbackend.domain.reservation import Verdict
from wxbackend.domain.roles import Role

PLACES = "/office/places"


def rows(sql: str) -> list[tuple[object, ...]]:
    with reading() as session:
        return [tuple(row) for row in session.execute(text(sql))]


@pytest.fixture
def admin(app, sandbox, story) -> Browser:
    name, password = make_office_account(story.dependencies, Role.ADMIN)
    browser = Browser(app, sandbox)
    browser.get("/office/sign-in")
    browser.post("/office/sign-in", {"account": name, "password": password})
    return browser


@pytest.fixture
def checkpoint(story) -> int:
    return int(story.district.checkpoint_ids["黄阁卡口"])


def names(admin: Browser, kind: str) -> list[str]:
    page = admin.get(PLACES)
    section = re.search(rf'<section class="panel sheet {kind}".*?</section>', page, re.S)[0]
    return [one.strip() for one in re.findall(r'scope="row">([^<]+)', section)]


def post(admin: Browser, path: str, **fields: str) -> None:
    admin.get(PLACES)
    admin.post(f"{PLACES}/{path}", fields)


def poster_path(admin: Browser, checkpoint: int) -> str:
    """Where the poster's QR code leads, read from the picture as a phone reads it."""
    import io

    admin.get(f"{PLACES}/checkpoint/{checkpoint}/poster")
    picture = re.search(r'<img src="([^"]+poster\.png)"', admin.page)[1]
    answer = admin._client.get(picture, base_url=admin.app_url)
    assert answer.mimetype == "image/png"
    found = zxingcpp.read_barcode(Image.open(io.BytesIO(answer.data)))
    assert found is not None
    assert found.text.startswith(admin.app_url)
    return str(found.text).removeprefix(admin.app_url)


@pytest.mark.parametrize(
    ("kind", "name"),
    [("checkpoint", "大岗卡口"), ("town", "新设镇"), ("denial_reason", "资料不全")],
)
def test_a_new_one_stands_last(admin, kind, name):
    post(admin, f"{kind}/new", name=f" {name} ")
    assert "已新增" in admin.text
    assert names(admin, kind)[-1] == name


@pytest.mark.parametrize(
    ("name", "sentence"), [("", "请填写此项"), ("镇" * 41, "最多 40 个字"), ("黄阁镇", "同名")]
)
def test_a_wrong_name_is_answered_in_words(admin, name, sentence):
    post(admin, "town/new", name=name)
    assert admin.status == 422
    assert sentence in admin.text


def test_the_order_changes_by_one_and_drivers_see_it(admin, driver, story):
    before = names(admin, "checkpoint")
    last = story.district.checkpoint_ids[before[-1]]
    post(admin, f"checkpoint/{last}/up")
    assert names(admin, "checkpoint") == [before[0], before[2], before[1]]
    post(admin, f"checkpoint/{last}/up")
    post(admin, f"checkpoint/{last}/up")
    assert names(admin, "checkpoint") == [before[2], before[0], before[1]]
    post(admin, f"checkpoint/{last}/down")
    assert names(admin, "checkpoint") == [before[0], before[2], before[1]]
    page = driver.get("/d/new")
    assert page.index(f">{before[2]}<") < page.index(f">{before[1]}<")


def test_renaming_keeps_the_history(admin, story, checkpoint):
    guard = story.guard("黄阁卡口")
    reserved = story.reserve()
    story.decide(guard, story.scan(guard, reserved.token), Verdict.DENIED, "体温异常")
    reason = story.district.reason_ids["体温异常"]
    post(admin, f"checkpoint/{checkpoint}", name="黄阁北卡口")
    post(admin, f"denial_reason/{reason}", name="体温超过三十七度三")
    assert names(admin, "checkpoint")[1] == "黄阁北卡口"
    assert rows("SELECT reason, checkpoint_id FROM passage") == [("体温异常", checkpoint)]
    change = rows("SELECT details FROM audit_entry WHERE action = 'rename_place' ORDER BY id")
    assert "after" in str(change[0][0])


def test_out_of_use_is_offered_no_more_and_comes_back(admin, driver, story):
    town = story.district.town_ids["横沥镇"]
    post(admin, f"town/{town}/disable")
    assert "横沥镇" in names(admin, "town")
    assert "横沥镇" not in driver.get("/d/new")
    post(admin, f"town/{town}/enable")
    assert "横沥镇" in driver.get("/d/new")


def test_the_last_one_in_use_stays(admin, story):
    ids = list(story.district.checkpoint_ids.values())
    for one in ids[:-1]:
        post(admin, f"checkpoint/{one}/disable")
        assert admin.status == 200
    for step in ("disable", "delete"):
        post(admin, f"checkpoint/{ids[-1]}/{step}")
        assert admin.status == 409
        assert "最后一个启用项" in admin.text


def test_what_was_used_cannot_be_deleted(admin, story):
    story.enterprise("广州顺达物流有限公司", "黄阁镇")
    town = story.district.town_ids["黄阁镇"]
    post(admin, f"town/{town}/delete")
    assert admin.status == 409
    assert "只能停用" in admin.text
    assert "黄阁镇" in names(admin, "town")
    assert rows("SELECT count(*) FROM audit_entry WHERE action = 'delete_place'") == [(0,)]


def test_what_was_never_used_goes(admin, story):
    town = story.district.town_ids["大岗镇"]
    post(admin, f"town/{town}/delete")
    assert "大岗镇" not in names(admin, "town")


def test_a_poster_opens_a_reservation_with_its_checkpoint(admin, driver, checkpoint):
    path = poster_path(admin, checkpoint)
    assert "黄阁卡口" in admin.text
    driver.get(path)
    assert driver.path == "/d/new"
    assert re.search(rf'value="{checkpoint}"[^>]*(selected|checked)', driver.page)


def test_a_renewed_poster_leaves_the_old_one_dead(admin, driver, checkpoint):
    old = poster_path(admin, checkpoint)
    admin.get(f"{PLACES}/checkpoint/{checkpoint}/poster/renew")
    admin.post(f"{PLACES}/checkpoint/{checkpoint}/poster/renew")
    assert "旧海报已失效" in admin.text
    new = poster_path(admin, checkpoint)
    assert new != old
    driver.get(old)
    assert driver.status == 404
    driver.get(new)
    assert driver.path == "/d/new"


def test_the_qr_code_downloads_under_the_checkpoints_name(admin, checkpoint):
    admin.get(f"{PLACES}/checkpoint/{checkpoint}/poster.png?download=1")
    disposition = admin.response.headers["Content-Disposition"]
    assert disposition.startswith("attachment")
    assert "%E9%BB%84%E9%98%81" in disposition


@pytest.mark.parametrize(
    "path", ["lake/new", "town/99999", "checkpoint/99999/poster", "checkpoint/99999/poster.png"]
)
def test_what_is_not_there_is_not_found(admin, path):
    admin.get(f"{PLACES}/{path}")
    assert admin.status == 404
