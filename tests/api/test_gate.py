"""The checkpoint's work through the API: the shift, codes, decisions made once."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from tests.api.test_driver import picture
from tests.people import resident_id
from wxbackend.domain.nucleic_acid import NucleicAcidResult
from wxbackend.domain.reservation import ImageKind
from wxbackend.services import drafts


def scan_of(guard, code: str) -> str:
    opened = guard.post("/gate/scans", {"code": code})
    assert opened.status == 201
    return opened["scan_id"]


def test_a_shift_begins_and_ends(staff):
    guard = staff()
    assert guard.get("/gate/shift").content == {"checkpoint": "万顷沙卡口", "shift": None}
    begun = guard.post("/gate/shift")["shift"]
    assert guard.post("/gate/shift")["shift"] == begun
    assert guard.delete("/gate/shift").status == 204
    assert guard.get("/gate/shift")["shift"] is None


def test_without_a_shift_nothing_is_scanned(staff, story):
    refused = staff().post("/gate/scans", {"code": story.reserve().token})
    assert (refused.status, refused.code) == (403, "no_shift")


@pytest.mark.parametrize("shape", ["link", "scene", "short", "typed"])
def test_a_code_is_opened_in_every_shape(guard, story, sandbox, shape):
    reserved = story.reserve()
    short = reserved.short_code
    code = {
        "link": f"{sandbox.app_url.upper()}/P/{reserved.token}",
        "scene": reserved.token,
        "short": short,
        "typed": f" {short[:4].lower()} {short[4:]}",
    }[shape]
    assert guard.get(f"/gate/scans/{scan_of(guard, code)}")["outcome"] == "shown"


def test_a_scan_shows_who_and_what_is_known(guard, story):
    story.test_result(resident_id(1), hours_ago=5, result=NucleicAcidResult.POSITIVE)
    story.doses(resident_id(1), 2)
    scan = guard.get(f"/gate/scans/{scan_of(guard, story.reserve().token)}")
    seen = scan["seen"]
    assert seen["level"] == "stop"
    assert seen["remarks"][0]["fact"] == "nucleic_not_negative"
    assert seen["people"][0]["id_number"] == resident_id(1)
    assert seen["people"][0]["vaccination"]["words"] == "已完成接种二针"
    assert seen["roster"]["words"] == "非南沙企业司机"


def test_what_is_no_code_of_ours_is_not_found(guard):
    refused = guard.post("/gate/scans", {"code": "https://elsewhere.example/health"})
    assert (refused.status, refused.code) == (404, "unknown_code")


def test_guessing_short_codes_is_stopped(guard):
    for _ in range(10):
        assert guard.post("/gate/scans", {"code": "2222ACDE"}).status == 404
    refused = guard.post("/gate/scans", {"code": "2222ACDE"})
    assert (refused.status, refused.code) == (429, "too_many_unknown_codes")


def test_the_drivers_details_and_pictures(guard, story, dependencies):
    scope = story.driver()
    drafts.add_image(dependencies, scope, "new", kind=ImageKind.TEST_REPORT, content=picture())
    path = f"/gate/scans/{scan_of(guard, story.reserve(scope).token)}"
    shown = guard.get(f"{path}/driver")
    assert shown["origin"] == "深圳市宝安区"
    image = guard.get(f"{path}/images/{shown['images']['test_report_image']}")
    assert Image.open(io.BytesIO(image.bytes)).size == (40, 30)
    assert guard.get(f"{path}/images/{'a' * 26}").status == 404


def test_a_decision_repeated_gets_its_first_answer(guard, story):
    path = f"/gate/scans/{scan_of(guard, story.reserve().token)}"
    key = "decision-0000000001"
    first = guard.post(f"{path}/decision", {"verdict": "allowed"}, key=key)
    again = guard.post(f"{path}/decision", {"verdict": "allowed"}, key=key)
    assert (first.status, again.status) == (201, 201)
    assert again.content == first.content
    assert guard.get("/gate/passages")["counts"] == {"allowed": 1, "denied": 0}


def test_a_decision_repeated_after_a_day_still_gets_its_answer(guard, story, clock):
    path = f"/gate/scans/{scan_of(guard, story.reserve().token)}"
    key = "decision-0000000001"
    first = guard.post(f"{path}/decision", {"verdict": "allowed"}, key=key)
    story.execute("DELETE FROM api_request")
    again = guard.post(f"{path}/decision", {"verdict": "allowed"}, key=key)
    assert again.content == first.content


def test_the_first_decision_wins_and_the_other_learns_of_it(guard, staff, story):
    other = staff("黄阁卡口")
    other.post("/gate/shift")
    token = story.reserve().token
    mine, theirs = scan_of(guard, token), scan_of(other, token)
    assert guard.post(f"/gate/scans/{mine}/decision", {"verdict": "allowed"}).status == 201
    lost = other.post(f"/gate/scans/{theirs}/decision", {"verdict": "denied", "reason": "1"})
    assert (lost.status, lost.code) == (409, "decided_before")
    told = other.get(f"/gate/scans/{theirs}/decision")
    assert (told["verdict"], told["checkpoint"]) == ("allowed", "万顷沙卡口")
    used = other.get(f"/gate/scans/{theirs}")
    assert (used["outcome"], used["seen"]) == ("used", None)
    assert used["used_by"]["checkpoint"] == "万顷沙卡口"


def test_a_denial_needs_its_reason(guard, story):
    path = f"/gate/scans/{scan_of(guard, story.reserve().token)}/decision"
    missing = guard.post(path, {"verdict": "denied"})
    assert (missing.status, set(missing["errors"])) == (422, {"reason_text"})
    assert guard.get(path).status == 404
    listed = {one["words"]: one["id"] for one in guard.get("/gate/denial-reasons")["reasons"]}
    denied = guard.post(path, {"verdict": "denied", "reason": listed["体温异常"]})
    assert denied["reason"] == "体温异常"


def test_a_free_reason_is_taken(guard, story):
    path = f"/gate/scans/{scan_of(guard, story.reserve().token)}/decision"
    denied = guard.post(path, {"verdict": "denied", "reason_text": "车厢破损"})
    assert denied["reason"] == "车厢破损"


def test_an_old_scan_is_refreshed_before_a_decision(guard, story, clock):
    scan = scan_of(guard, story.reserve().token)
    clock.advance(minutes=11)
    stale = guard.post(f"/gate/scans/{scan}/decision", {"verdict": "allowed"})
    assert (stale.status, stale.code) == (409, "stale_scan")
    fresh = guard.post(f"/gate/scans/{scan}/refresh")["scan_id"]
    assert guard.post(f"/gate/scans/{fresh}/decision", {"verdict": "allowed"}).status == 201


def test_another_guards_scan_is_not_there(guard, staff, story):
    other = staff()
    other.post("/gate/shift")
    path = f"/gate/scans/{scan_of(guard, story.reserve().token)}"
    asked = [
        other.get(path),
        other.get(f"{path}/driver"),
        other.get(f"{path}/decision"),
        other.post(f"{path}/refresh"),
        other.post(f"{path}/decision", {"verdict": "allowed"}),
    ]
    assert [answered.status for answered in asked] == [404] * len(asked)


def test_the_days_passages_are_the_own_checkpoints(guard, staff, story):
    for _ in range(2):
        path = f"/gate/scans/{scan_of(guard, story.reserve().token)}/decision"
        guard.post(path, {"verdict": "allowed"})
    first = guard.get("/gate/passages", limit="1")
    assert len(first["passages"]) == 1
    rest = guard.get("/gate/passages", limit="1", before=str(first["next_before"]))
    assert rest["next_before"] is None
    assert staff("黄阁卡口").get("/gate/passages")["passages"] == []


def test_a_driver_scans_nothing(driver, story):
    refused = driver.post("/gate/scans", {"code": story.reserve().token})
    assert (refused.status, refused.code) == (403, "forbidden")
