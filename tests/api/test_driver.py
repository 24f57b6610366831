"""The driver's work through the API: forms, pictures, the identity check, the pass code."""

from __future__ import annotations

import io

import pytest
import zxingcpp
from PIL import Image

from models.database import reading
from models.places import find_checkpoint_by_name
from tests.api.program import Program, Reply
from tests.people import resident_id
from tests.stories import answer_page


def picture(size: tuple[int, int] = (40, 30)) -> bytes:
    content = io.BytesIO()
    Image.new("RGB", size, "green").save(content, "PNG")
    return content.getvalue()


def add_image(program: Program, kind: str, content: bytes) -> Reply:
    return program.upload(f"/driver/drafts/new/images/{kind}", "image", content)


def test_the_form_knows_its_places(driver, story):
    options = driver.get("/form-options")
    names = {place["name"]: place["id"] for place in options["checkpoints"]}
    assert names["万顷沙卡口"] == str(story.district.checkpoint_ids["万顷沙卡口"])


def test_what_was_typed_is_there_again(driver):
    passengers = [{"name": "王", "id_number": "44", "id_type": "", "phone": ""}]
    assert driver.put("/driver/drafts/new", {"name": "李", "passengers": passengers}).status == 204
    draft = driver.get("/driver/drafts/new")
    assert draft["form"]["name"] == "李"
    assert draft["form"]["passengers"] == passengers
    assert draft["fixed"] is None


def test_a_poster_chooses_its_checkpoint(driver, story):
    with reading() as session:
        key = find_checkpoint_by_name(session, "万顷沙卡口").poster_key
    assert driver.post("/driver/drafts/new/poster", {"poster_key": key}).status == 204
    chosen = driver.get("/driver/drafts/new")["form"]["checkpoint"]
    assert chosen == str(story.district.checkpoint_ids["万顷沙卡口"])
    assert driver.post("/driver/drafts/new/poster", {"poster_key": "a" * 26}).status == 404


def test_pictures_come_go_and_ride_along(driver, form):
    added = add_image(driver, "health_code_image", picture())
    assert added.status == 201
    image = driver.get(f"/driver/images/{added['image_id']}")
    assert Image.open(io.BytesIO(image.bytes)).size == (40, 30)
    other = add_image(driver, "trip_card_image", picture())
    assert driver.delete("/driver/drafts/new/images/trip_card_image").status == 204
    made = driver.post("/driver/reservations", form())
    shown = driver.get(f"/driver/reservations/{made['reservation_id']}")
    assert shown["images"] == {"health_code_image": added["image_id"]}
    assert other["image_id"] != added["image_id"]


@pytest.mark.parametrize("content", [b"GIF89a", b"", b"<svg/>"])
def test_what_is_no_picture_is_refused(driver, content):
    refused = add_image(driver, "health_code_image", content)
    assert refused.status == 422
    assert "health_code_image" in refused["errors"]


def test_too_large_a_picture_is_refused_early(driver):
    path = "/driver/drafts/new/images/health_code_image"
    refused = driver.ask(
        "POST", path, b"x" * 8_100_000, content_type="multipart/form-data; boundary=x"
    )
    assert refused.status == 413


def test_a_reservation_is_made_proved_and_gets_its_code(driver, form, sandbox):
    made = driver.post("/driver/reservations", form())
    assert (made.status, made["needs_identity_check"]) == (201, True)
    path = f"/driver/reservations/{made['reservation_id']}"
    check = driver.post(f"{path}/identity-check")
    assert driver.post(f"{path}/identity-check")["cert_token"] == check["cert_token"]
    assert driver.post(f"{path}/identity-check/result")["summary"]["state"] == "pending_identity"
    answer_page(check["page_url"], "pass")
    shown = driver.post(f"{path}/identity-check/result")
    assert shown["summary"]["state"] == "reserved"
    assert shown["pass_code"]["link"].startswith(sandbox.app_url.upper() + "/P/")


def test_the_identity_check_is_the_mini_programs_kind(driver, form, sandbox):
    made = driver.post("/driver/reservations", form())
    driver.post(f"/driver/reservations/{made['reservation_id']}/identity-check")
    calls = sandbox.get("/sandbox/calls", target="weijing")
    assert [call["note"] for call in calls if "authreq" in call["path"]] == ["MiniRegular"]


def test_somebody_else_before_the_camera_fails_and_may_correct(driver, form):
    made = driver.post("/driver/reservations", form())
    path = f"/driver/reservations/{made['reservation_id']}"
    answer_page(driver.post(f"{path}/identity-check")["page_url"], "mismatch")
    assert driver.post(f"{path}/identity-check/result")["summary"]["state"] == "identity_failed"
    corrected = driver.put(path, form(id_number=resident_id(2)))
    assert corrected["needs_identity_check"]
    assert driver.get(path)["summary"]["state"] == "pending_identity"


def test_a_passport_gets_its_code_at_once(driver, form):
    made = driver.post("/driver/reservations", form(id_type="passport", id_number="E12345678"))
    assert not made["needs_identity_check"]
    assert driver.get(f"/driver/reservations/{made['reservation_id']}")["pass_code"] is not None


def test_wrong_fields_are_named_like_the_forms(driver, form):
    passengers = [{"name": "王", "id_number": "44"}]
    refused = driver.post(
        "/driver/reservations", form(plate_number="粤A1O345", passengers=passengers)
    )
    assert (refused.status, refused.code) == (422, "invalid")
    assert {"plate_number", "passengers-0-name", "passengers-0-id_number"} <= set(refused["errors"])


def test_a_refused_form_is_kept_as_the_draft(driver, form):
    driver.post("/driver/reservations", form(plate_number="粤A1O345"))
    assert driver.get("/driver/drafts/new")["form"]["plate_number"] == "粤A1O345"


def test_both_pictures_of_the_code_say_the_same_pass(driver, reserved):
    reservation = reserved()
    path = f"/driver/reservations/{reservation}"
    link = driver.get(path)["pass_code"]["link"]
    qr = driver.get(f"{path}/qr.png").bytes
    assert zxingcpp.read_barcodes(Image.open(io.BytesIO(qr)))[0].text == link
    drawn = driver.get(f"{path}/program-code.jpg").bytes
    scene = zxingcpp.read_barcodes(Image.open(io.BytesIO(drawn)))[0].text
    assert scene == f"wxacode:pages/scan/scan?scene={link[-26:]}"


def test_no_code_no_picture(driver, form):
    made = driver.post("/driver/reservations", form())
    path = f"/driver/reservations/{made['reservation_id']}"
    assert driver.get(f"{path}/qr.png").status == 404
    assert driver.get(f"{path}/program-code.jpg").status == 404


def test_the_list_is_newest_first_in_pages(driver, form):
    made = [driver.post("/driver/reservations", form())["reservation_id"] for _ in range(3)]
    page = driver.get("/driver/reservations", limit="2")
    assert [one["reservation_id"] for one in page["reservations"]] == made[:0:-1]
    rest = driver.get("/driver/reservations", limit="2", before=str(page["next_before"]))
    assert [one["reservation_id"] for one in rest["reservations"]] == made[:1]
    assert rest["next_before"] is None


def test_a_reservation_moves_is_repeated_and_cancelled(driver, form, reserved, story):
    path = f"/driver/reservations/{reserved()}"
    other = str(story.district.checkpoint_ids["黄阁卡口"])
    arrival = form()["arrival_at"]
    changed = driver.put(f"{path}/arrival", {"arrival_at": arrival, "checkpoint": other})
    assert changed.status == 204
    assert driver.get(path)["checkpoint_id"] == other
    assert driver.post(f"{path}/repetition").status == 204
    assert driver.get("/driver/drafts/new")["form"]["origin"] == form()["origin"]
    assert driver.post(f"{path}/cancellation").status == 204
    assert driver.get(path)["summary"]["state"] == "cancelled"
    late = driver.put(f"{path}/arrival", {"arrival_at": arrival, "checkpoint": other})
    assert late.status == 409


@pytest.mark.parametrize("arrival", ["", "0001-01-01T00:00", "2099-01-01T00:00", "x" * 400])
def test_an_impossible_arrival_is_refused(driver, reserved, arrival):
    changed = {"arrival_at": arrival, "checkpoint": "9" * 400}
    refused = driver.put(f"/driver/reservations/{reserved()}/arrival", changed)
    assert refused.status == 422
    assert set(refused["errors"]) == {"arrival_at", "checkpoint"}


def test_another_drivers_things_are_not_there(program, sandbox, driver, reserved):
    image = add_image(driver, "health_code_image", picture())["image_id"]
    path = f"/driver/reservations/{reserved()}"
    other = program.fresh()
    other.sign_in_as(sandbox.personas()[1]["openid"])
    asked = [
        other.get(path),
        other.get(f"{path}/qr.png"),
        other.get(f"{path}/program-code.jpg"),
        other.get(f"/driver/images/{image}"),
        other.get(f"/driver/drafts/{path[-26:]}"),
        other.post(f"{path}/cancellation"),
        other.post(f"{path}/repetition"),
        other.post(f"{path}/identity-check"),
        other.post(f"{path}/identity-check/result"),
    ]
    assert [answered.status for answered in asked] == [404] * len(asked)
    assert other.get("/driver/reservations")["count"] == 0


def test_staff_without_a_wechat_user_are_no_drivers(staff):
    refused = staff().get("/driver/reservations")
    assert (refused.status, refused.code) == (403, "forbidden")
