"""Menus: every limit of the platform is found before anything is sent, and every difference."""

from __future__ import annotations

from typing import Any

import pytest

from tests.servers import ROOT
from wxbackend.domain.menus import (
    LiveMenu,
    LiveMenus,
    Menu,
    MenuPlan,
    leaves,
    plain,
    plan_changes,
    problems_of,
    tag_of,
)
from wxbackend.domain.roles import MENU_ORDER, Role
from wxbackend.gateways.wechat.menu_file import read_menus

BASE = "https://gate.example.gov.cn"
FILE = ROOT / "templates" / "menus.toml"
GOOD: dict[str, Any] = {"name": "我的预约", "type": "view", "url": f"{BASE}/d"}
TAGS = {tag_of(role): 100 + number for number, role in enumerate(MENU_ORDER)}


@pytest.fixture
def menus():
    return read_menus(FILE, base_url=BASE)


def with_button(**changes: Any) -> list[str]:
    menus: dict[Role, Menu] = dict.fromkeys(MENU_ORDER, (GOOD,))
    menus[Role.TOWN] = ({**GOOD, **changes},)
    return problems_of(menus)


def test_our_own_menus_keep_every_limit(menus):
    assert problems_of(menus) == []
    assert set(menus) == set(MENU_ORDER)


def test_every_role_finds_their_own_reservations(menus):
    for role, menu in menus.items():
        assert f"{BASE}/d" in [leaf.get("url") for leaf in leaves(menu)], role


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"name": "司机预约查"}, None),  # 15 bytes
        ({"name": "司机预约查询"}, "has 18 bytes; 1 to 16"),
        ({"name": ""}, "has 0 bytes"),
        ({"url": "/d"}, "is no address"),
        ({"url": "ftp://x/"}, "is no address"),
        ({"url": f"{BASE}/{'x' * 1024}"}, "longer than 1024 bytes"),
        ({"type": "click", "key": "HELP"}, None),
        ({"type": "click", "key": ""}, "1 to 128 bytes"),
        ({"type": "click", "key": "K" * 129}, "1 to 128 bytes"),
        ({"type": "click", "key": "NOBODY"}, "nothing answers to NOBODY"),
        ({"type": "scancode_waitmsg", "key": "HELP"}, "nothing answers to HELP"),
        ({"type": None}, "neither page, says, scans nor buttons"),
        ({"sub_button": []}, "0 buttons below it"),
        ({"sub_button": [GOOD] * 5}, None),
        ({"sub_button": [GOOD] * 6}, "6 buttons below it"),
        ({"sub_button": [{**GOOD, "name": "字" * 20}]}, None),
        ({"sub_button": [{**GOOD, "name": "字" * 21}]}, "has 63 bytes; 1 to 60"),
        ({"sub_button": [{**GOOD, "sub_button": [GOOD]}]}, "two levels deep"),
    ],
)
def test_each_limit_is_found(change, says):
    found = with_button(**change)
    assert (found == []) if says is None else any(says in one for one in found), found


def test_three_buttons_and_no_fourth():
    menus: dict[Role, Menu] = dict.fromkeys(MENU_ORDER, (GOOD,) * 3)
    assert problems_of(menus) == []
    menus[Role.TOWN] = (GOOD,) * 4
    assert "town: 4 buttons" in problems_of(menus)[0]
    menus[Role.TOWN] = ()
    assert "town: 0 buttons" in problems_of(menus)[0]


def test_a_role_without_a_menu_is_found(menus):
    del menus[Role.BUREAU]
    assert problems_of(menus) == ["bureau: has no menu"]


def test_personal_menus_link_to_three_domains_at_most(menus):
    for number, role in enumerate((Role.CHECKPOINT, Role.ENTERPRISE, Role.TOWN)):
        menus[role] = ({**GOOD, "url": f"https://h{number}.gov.cn/"},)
    assert problems_of(menus) != []  # with the bureau's there are four
    menus[Role.BUREAU] = ({**GOOD, "url": "https://h0.gov.cn/x"},)
    assert problems_of(menus) == []


def test_a_file_with_two_meanings_of_a_button_is_found(tmp_path):
    path = tmp_path / "menus.toml"
    path.write_text('[driver]\nbuttons = [{ name = "x", page = "/d", says = "HELP" }]\n')
    assert any("neither page" in one for one in problems_of(read_menus(path, base_url=BASE)))


def live(menus, **changes) -> LiveMenus:
    """Everything as it should be."""
    others = [
        LiveMenu(str(1000 + number), TAGS[tag_of(role)], menus[role])
        for number, role in enumerate(MENU_ORDER)
        if role is not Role.DRIVER
    ]
    fields = {"default": menus[Role.DRIVER], "others": tuple(others), "tags": TAGS, **changes}
    return LiveMenus(**fields)


def test_what_is_right_is_left_alone(menus):
    assert plan_changes(menus, live(menus)).is_empty


def test_an_empty_account_gets_everything(menus):
    plan = plan_changes(menus, LiveMenus(None, (), {}))
    assert plan == MenuPlan(MENU_ORDER, True, MENU_ORDER[:-1], ())


def test_a_menu_changed_by_hand_is_replaced(menus):
    whole = live(menus)
    changed = LiveMenu(whole.others[0].id, whole.others[0].tag_id, (GOOD,))
    plan = plan_changes(menus, live(menus, others=(changed, *whole.others[1:])))
    assert plan == MenuPlan((), False, (Role.CHECKPOINT,), (changed.id,))


def test_a_newer_menu_of_the_same_tag_hides_ours(menus):
    whole = live(menus)
    newer = LiveMenu("2000", whole.others[0].tag_id, (GOOD,))
    plan = plan_changes(menus, live(menus, others=(*whole.others, newer)))
    assert plan.adds == (Role.CHECKPOINT,)
    assert set(plan.deletes) == {whole.others[0].id, "2000"}
    older = LiveMenu("999", whole.others[0].tag_id, (GOOD,))
    plan = plan_changes(menus, live(menus, others=(*whole.others, older)))
    assert (plan.adds, plan.deletes) == ((), ("999",))


def test_menus_that_are_none_of_ours_go(menus):
    whole = live(menus)
    for tag in (None, 2, TAGS[tag_of(Role.DRIVER)]):
        foreign = LiveMenu("3000", tag, (GOOD,))
        plan = plan_changes(menus, live(menus, others=(*whole.others, foreign)))
        assert (plan.adds, plan.deletes) == ((), ("3000",)), tag


def test_a_menu_of_a_lost_tag_is_published_for_the_new_one(menus):
    tags = {name: id_ for name, id_ in TAGS.items() if name != tag_of(Role.TOWN)}
    plan = plan_changes(menus, live(menus, tags=tags))
    assert plan.missing_tags == (Role.TOWN,)
    assert plan.adds == (Role.TOWN,)
    assert len(plan.deletes) == 1


def test_what_wechat_adds_when_it_is_read_makes_no_difference():
    sent: tuple[dict[str, Any], ...] = ({"name": "更多", "sub_button": [GOOD]}, GOOD)
    read: list[dict[str, Any]] = [
        {"name": "更多", "sub_button": [{**GOOD, "sub_button": []}]},
        {**GOOD, "sub_button": []},
    ]
    assert plain(read) == plain(sent)
    listed: list[dict[str, Any]] = [{"name": "更多", "sub_button": {"list": [GOOD]}}, GOOD]
    assert plain(listed) == plain(sent)
