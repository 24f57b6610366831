"""The driver's reservations and drafts: nothing lost, nothing doubled, nobody else's."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from PIL import Image
from sqlalchemy import text

from models.database import reading
from tests.people import ACTOR, form_of, resident_id
from wxbackend.domain.errors import Conflict, InvalidForm, InvalidValue, NotFound
from wxbackend.domain.moments import to_local
from wxbackend.domain.reservation import ImageKind
from wxbackend.services import drafts, reservations
from wxbackend.services.drafts import NEW
from wxbackend.services.reservation_views import list_own, show_own


def count(table: str) -> int:
    with reading() as session:
        return int(session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


def picture(form: str = "PNG", size: tuple[int, int] = (60, 40)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "green").save(out, form)
    return out.getvalue()


def local(moment) -> str:
    return to_local(moment).strftime("%Y-%m-%dT%H:%M")


def test_the_same_key_makes_one_reservation(story):
    driver = story.driver()
    first = story.submit(driver, key="tap")
    assert story.submit(driver, key="tap") == first
    assert count("reservation") == 1
    assert story.submit(driver, key="another") != first


def test_a_key_of_somebody_else_is_another_key(story):
    one, other = story.driver(), story.driver()
    assert story.submit(one, key="tap") != story.submit(other, key="tap")
    assert count("reservation") == 2


def test_several_live_reservations_are_allowed(story):
    driver = story.driver()
    ids = {story.reserve(driver).public_id for _ in range(3)}
    assert len(ids) == 3
    found = list_own(story.dependencies, driver, limit=2)
    assert (found.count, len(found.rows)) == (3, 2)
    rest = list_own(story.dependencies, driver, limit=2, before_id=found.next_before)
    assert {row.public_id for row in [*found.rows, *rest.rows]} == ids
    assert rest.next_before is None


def test_a_wrong_form_makes_nothing(story):
    driver = story.driver()
    with pytest.raises(InvalidForm):
        story.submit(driver, id_number="1")
    assert count("reservation") == 0


def test_others_reservations_do_not_exist_for_me(story):
    public_id = story.reserve().public_id
    me = story.driver()
    with pytest.raises(NotFound):
        show_own(story.dependencies, me, public_id)
    with pytest.raises(NotFound):
        reservations.cancel(story.dependencies, me, public_id, actor=ACTOR)
    with pytest.raises(NotFound):
        drafts.repeat_reservation(story.dependencies, me, public_id)
    with pytest.raises(NotFound):
        drafts.load_form(me, public_id)
    assert list_own(story.dependencies, me, limit=10).count == 0


def test_numbers_are_masked_even_for_their_owner(story):
    reserved = story.reserve(
        **{"passengers-0-name": "周某某", "passengers-0-id_number": resident_id(5)}
    )
    found = show_own(story.dependencies, reserved.scope, reserved.public_id)
    assert found.id_number_masked == resident_id(1)[:4] + "*" * 10 + resident_id(1)[-4:]
    assert found.phone_masked == "138****5678"
    assert resident_id(5) not in repr(found)


def test_cancelling_is_final_and_may_be_repeated(story):
    reserved = story.reserve()
    for _ in range(2):
        reservations.cancel(story.dependencies, reserved.scope, reserved.public_id, actor=ACTOR)
    assert story.state_of(reserved.public_id) == "cancelled"
    with pytest.raises(Conflict):
        reservations.change_arrival(
            story.dependencies,
            reserved.scope,
            reserved.public_id,
            arrival_text=local(story.dependencies.clock() + timedelta(hours=3)),
            checkpoint_text=str(story.district.checkpoint_ids["黄阁卡口"]),
            actor=ACTOR,
        )


def test_a_decided_reservation_cannot_be_cancelled(story):
    reserved, guard = story.reserve(), story.guard()
    story.decide(guard, story.scan(guard, reserved.token))
    with pytest.raises(Conflict):
        reservations.cancel(story.dependencies, reserved.scope, reserved.public_id, actor=ACTOR)
    assert story.state_of(reserved.public_id) == "passed"


def test_changing_the_arrival_keeps_the_code_and_moves_its_end(story, clock):
    reserved = story.reserve()
    later = clock.now.replace(second=0) + timedelta(days=2)
    reservations.change_arrival(
        story.dependencies,
        reserved.scope,
        reserved.public_id,
        arrival_text=local(later),
        checkpoint_text=str(story.district.checkpoint_ids["黄阁卡口"]),
        actor=ACTOR,
    )
    found = show_own(story.dependencies, reserved.scope, reserved.public_id)
    assert found.shown_pass is not None
    assert found.shown_pass.link.endswith(reserved.token)
    assert found.shown_pass.expires_at == later + timedelta(hours=24)
    assert found.summary.checkpoint == "黄阁卡口"


@pytest.mark.parametrize("hours", [-1, 24 * 8])
def test_a_changed_arrival_keeps_the_same_limits(story, clock, hours):
    reserved = story.reserve()
    with pytest.raises(InvalidForm):
        reservations.change_arrival(
            story.dependencies,
            reserved.scope,
            reserved.public_id,
            arrival_text=local(clock.now + timedelta(hours=hours)),
            checkpoint_text="1",
            actor=ACTOR,
        )


def test_a_failed_identity_is_corrected_and_passes(story, clock):
    driver = story.driver()
    public_id = story.submit(driver)
    story.identify(driver, public_id, "fail")
    form = drafts.load_form(driver, public_id)
    assert form.fields["id_number"] == resident_id(1)
    changed = {**form.fields, "id_number": resident_id(9), "name": "何某某"}
    reservations.correct(story.dependencies, driver, public_id, changed, actor=ACTOR)
    assert story.state_of(public_id) == "pending_identity"
    story.identify(driver, public_id)
    assert show_own(story.dependencies, driver, public_id).summary.name == "何某某"
    assert count("reservation") == 1


def test_correcting_to_a_passport_accepts_it_unchecked(story):
    driver = story.driver()
    public_id = story.submit(driver)
    story.identify(driver, public_id, "fail")
    form = drafts.load_form(driver, public_id)
    changed = {**form.fields, "id_type": "passport", "id_number": "E12345678"}
    reservations.correct(story.dependencies, driver, public_id, changed, actor=ACTOR)
    assert story.state_of(public_id) == "reserved"


def test_a_reserved_pass_cannot_be_rewritten(story):
    reserved = story.reserve()
    form = drafts.load_form(reserved.scope, reserved.public_id)
    with pytest.raises(Conflict):
        reservations.correct(
            story.dependencies, reserved.scope, reserved.public_id, form.fields, actor=ACTOR
        )


# ---- drafts ------------------------------------------------------------------------------------


def test_a_draft_keeps_what_was_typed_wrong_things_too(story):
    driver = story.driver()
    drafts.save_fields(story.dependencies, driver, NEW, {"name": "李", "id_number": "44"})
    assert drafts.load_form(driver, NEW).fields == {"name": "李", "id_number": "44"}


def test_a_draft_is_its_drivers_alone(story):
    driver, other = story.driver(), story.driver()
    drafts.save_fields(story.dependencies, driver, NEW, {"name": "李某某"})
    assert drafts.load_form(other, NEW).fields == {}


def test_submitting_clears_the_draft_and_remembers_the_driver(story):
    driver = story.driver()
    drafts.save_fields(
        story.dependencies, driver, NEW, form_of(story.district, story.dependencies.clock())
    )
    story.submit(driver)
    form = drafts.load_form(driver, NEW).fields
    assert form["name"] == "李某某"
    assert form["plate_number"] == "粤A8K652"
    assert "arrival_at" not in form
    assert "health_code" not in form
    assert "origin" not in form


def test_reserving_again_takes_trip_and_passengers_but_not_health(story):
    reserved = story.reserve(
        **{"passengers-0-name": "周某某", "passengers-0-id_number": resident_id(5)}
    )
    drafts.repeat_reservation(story.dependencies, reserved.scope, reserved.public_id)
    form = drafts.load_form(reserved.scope, NEW).fields
    assert form["origin"] == "深圳市宝安区"
    assert form["passengers-0-id_number"] == resident_id(5)
    assert "arrival_at" not in form
    assert "health_code" not in form


def test_a_poster_fills_in_its_checkpoint(story):
    driver = story.driver()
    with reading() as session:
        key = session.execute(
            text("SELECT poster_key FROM checkpoint WHERE name = '黄阁卡口'")
        ).scalar_one()
    checkpoint = reservations.checkpoint_of_poster(key)
    drafts.choose_checkpoint(story.dependencies, driver, checkpoint)
    assert drafts.load_form(driver, NEW).fields["checkpoint"] == str(checkpoint)
    with pytest.raises(NotFound):
        reservations.checkpoint_of_poster("a" * 26)


def test_drafts_and_loose_pictures_are_erased_after_a_week(story, clock):
    driver = story.driver()
    image = drafts.add_image(
        story.dependencies, driver, NEW, kind=ImageKind.HEALTH_CODE, content=picture()
    )
    clock.advance(days=6)
    assert drafts.erase_old_drafts(story.dependencies) == 0
    clock.advance(days=1, seconds=1)
    assert drafts.erase_old_drafts(story.dependencies) == 2
    assert drafts.load_form(driver, NEW).fields == {}
    with pytest.raises(NotFound):
        drafts.read_own_image(story.dependencies, driver, image)
    assert not list(story.dependencies.gateways.files._folder.rglob("*.jpg"))


# ---- pictures ----------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_pictures_go_with_the_reservation(story, form):
    driver = story.driver()
    image = drafts.add_image(
        story.dependencies, driver, NEW, kind=ImageKind.TRIP_CARD, content=picture(form)
    )
    public_id = story.submit(driver)
    found = show_own(story.dependencies, driver, public_id)
    assert found.images == {ImageKind.TRIP_CARD: image}
    assert drafts.load_form(driver, NEW).images == {}
    content = drafts.read_own_image(story.dependencies, driver, image)
    assert Image.open(io.BytesIO(content)).format == "JPEG"
    with pytest.raises(NotFound):
        drafts.read_own_image(story.dependencies, story.driver(), image)


def test_a_replaced_picture_is_the_one_that_counts(story):
    driver = story.driver()
    for size in ((10, 10), (30, 20)):
        last = drafts.add_image(
            story.dependencies,
            driver,
            NEW,
            kind=ImageKind.HEALTH_CODE,
            content=picture(size=size),
        )
    assert drafts.load_form(driver, NEW).images == {ImageKind.HEALTH_CODE: last}
    drafts.remove_image(story.dependencies, driver, NEW, ImageKind.HEALTH_CODE)
    assert drafts.load_form(driver, NEW).images == {}


def test_pictures_survive_a_failed_identity_and_can_be_changed_then(story):
    driver = story.driver()
    first = drafts.add_image(
        story.dependencies, driver, NEW, kind=ImageKind.HEALTH_CODE, content=picture()
    )
    public_id = story.submit(driver)
    story.identify(driver, public_id, "fail")
    form = drafts.load_form(driver, public_id)
    assert form.images == {ImageKind.HEALTH_CODE: first}
    second = drafts.add_image(
        story.dependencies, driver, public_id, kind=ImageKind.TEST_REPORT, content=picture()
    )
    reservations.correct(story.dependencies, driver, public_id, form.fields, actor=ACTOR)
    assert show_own(story.dependencies, driver, public_id).images == {
        ImageKind.HEALTH_CODE: first,
        ImageKind.TEST_REPORT: second,
    }


def test_a_stored_picture_is_encrypted_and_has_no_metadata(story):
    driver = story.driver()
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "secret place"
    Image.new("RGB", (50, 50), "red").save(out, "JPEG", exif=exif)
    image = drafts.add_image(
        story.dependencies, driver, NEW, kind=ImageKind.HEALTH_CODE, content=out.getvalue()
    )
    clean = drafts.read_own_image(story.dependencies, driver, image)
    assert b"secret place" not in clean
    assert not Image.open(io.BytesIO(clean)).getexif()
    (stored,) = story.dependencies.gateways.files._folder.rglob("*.jpg")
    assert b"JFIF" not in stored.read_bytes()


def test_hostile_pictures_are_refused(story):
    driver = story.driver()
    huge = picture(size=(9000, 5000))
    for content, code in [
        (b"", "image.format"),
        (b"GIF89a" + b"\0" * 50, "image.format"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image.format"),
        (picture()[:40], "image.format"),
        (b"\xff\xd8\xff" + b"x" * 1000, "image.format"),
        (huge, "image.pixels"),
        (b"\0" * 8_000_001, "image.size"),
    ]:
        with pytest.raises(InvalidValue) as wrong:
            drafts.add_image(
                story.dependencies, driver, NEW, kind=ImageKind.HEALTH_CODE, content=content
            )
        assert wrong.value.code == code
    assert count("uploaded_image") == 0
