from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.people import resident_id
from wxbackend.domain.errors import InvalidForm
from wxbackend.domain.moments import to_local
from wxbackend.domain.reservation_form import FormRules, known_fields, parse_form

NOW = datetime(2022, 4, 22, 6, 30, tzinfo=UTC)
RULES = FormRules(
    now=NOW,
    bookable_ahead=timedelta(days=7),
    most_passengers=5,
    town_ids=frozenset({1, 2}),
    checkpoint_ids=frozenset({3}),
)


def local(moment: datetime) -> str:
    return to_local(moment).strftime("%Y-%m-%dT%H:%M")


def form(**changes: str) -> dict[str, str]:
    right = {
        "name": "李某某",
        "id_type": "resident_id",
        "id_number": resident_id(1),
        "phone": "13800005678",
        "plate_number": "粤A8K652",
        "origin": "深圳市宝安区",
        "destination_town": "1",
        "checkpoint": "3",
        "arrival_at": local(NOW + timedelta(hours=2)),
        "health_code": "green",
        "high_risk_travel": "no",
        "symptoms": "no",
    }
    return {**right, **changes}


def errors_of(**changes: str) -> dict[str, str]:
    with pytest.raises(InvalidForm) as wrong:
        parse_form(form(**changes), RULES)
    return {name: error.code for name, error in wrong.value.errors.items()}


def test_a_right_form_is_read_into_values():
    request = parse_form(form(name=" 李 某某 ", trailer_plate="粤aj219挂"), RULES)
    assert request.name == "李某某"
    assert request.trailer_plate == "粤AJ219挂"
    assert request.arrival_at == NOW + timedelta(hours=2)
    assert request.passengers == ()
    assert request.vehicle_type is None


def test_an_empty_form_names_every_required_field():
    with pytest.raises(InvalidForm) as wrong:
        parse_form({}, RULES)
    assert set(wrong.value.errors) == {
        "name",
        "id_number",
        "phone",
        "plate_number",
        "origin",
        "destination_town",
        "checkpoint",
        "arrival_at",
        "health_code",
        "high_risk_travel",
        "symptoms",
    }


@pytest.mark.parametrize(
    ("moment", "code"),
    [
        (NOW - timedelta(minutes=6), "arrival_at.past"),
        (NOW - timedelta(minutes=5), None),
        (NOW, None),
        (NOW + timedelta(days=7), None),
        (NOW + timedelta(days=7, minutes=1), "arrival_at.too_far"),
    ],
)
def test_the_arrival_lies_between_now_and_seven_days(moment, code):
    if code is None:
        assert parse_form(form(arrival_at=local(moment)), RULES).arrival_at == moment
    else:
        assert errors_of(arrival_at=local(moment)) == {"arrival_at": code}


@pytest.mark.parametrize("text", ["morgen", "2022-13-01T00:00", "2022-04-22T14:30+08:00"])
def test_a_time_that_is_none_is_refused(text):
    assert errors_of(arrival_at=text) == {"arrival_at": "arrival_at.format"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("destination_town", "9"),
        ("checkpoint", "1"),
        ("destination_town", "1; drop"),
        ("checkpoint", "３"),
        ("health_code", "blue"),
        ("vehicle_type", "bicycle"),
        ("symptoms", "maybe"),
        ("id_type", "diary"),
    ],
)
def test_a_choice_outside_the_list_is_refused(field, value):
    assert errors_of(**{field: value}) == {field: "choice.unknown"}


def passenger(number: int, **changes: str) -> dict[str, str]:
    fields = {"name": "周某某", "id_type": "resident_id", "id_number": resident_id(100 + number)}
    return {f"passengers-{number}-{name}": text for name, text in {**fields, **changes}.items()}


def test_passengers_are_read_in_order_and_blank_blocks_left_out():
    raw = form(**passenger(4), **passenger(0, phone="13900001111"))
    raw |= {
        "passengers-2-name": " ",
        "passengers-2-id_number": "",
        "passengers-2-id_type": "passport",
    }
    people = parse_form(raw, RULES).passengers
    assert [person.document.number for person in people] == [resident_id(100), resident_id(104)]
    assert people[0].phone == "13900001111"


def test_a_wrong_passenger_is_named_by_the_field():
    wrong = errors_of(**passenger(1, id_number="440115198803120008"))
    assert wrong == {"passengers-1-id_number": "id_number.check_character"}


def test_five_passengers_are_the_most():
    five: dict[str, str] = {}
    for number in range(5):
        five |= passenger(number)
    assert len(parse_form(form(**five), RULES).passengers) == 5
    assert errors_of(**five, **passenger(5)) == {"passengers-5-name": "passengers.too_many"}


def test_nobody_rides_twice():
    assert errors_of(**passenger(0, id_number=resident_id(1))) == {
        "passengers-0-id_number": "id_number.twice"
    }
    twice = passenger(0) | passenger(1, id_number=resident_id(100))
    assert errors_of(**twice) == {"passengers-1-id_number": "id_number.twice"}


def test_a_draft_keeps_only_the_forms_fields():
    raw = {"name": "李某某", "csrf_token": "x", "passengers-0-name": "周", "state": "reserved"}
    raw |= {"passengers-x-name": "no", "origin": "长" * 1000}
    kept = known_fields(raw)
    assert set(kept) == {"name", "passengers-0-name", "origin"}
    assert len(kept["origin"]) == 400
