"""Menus by role at the sandbox: published, proven, and put right again after every drift."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests
from sqlalchemy import text

from models.accounts import (
    Binding,
    begin_binding,
    end_bindings,
    find_account,
    find_wechat_user,
)
from models.database import reading, transaction
from tests.people import ACTOR, make_guard_account, make_office_account
from tests.pushing import a_moment
from wxbackend.domain.menus import plain, same, tag_of
from wxbackend.domain.pushes import Push
from wxbackend.domain.roles import MENU_ORDER, Role
from wxbackend.services.account_changes import AccountChange, change_account
from wxbackend.services.menu_repairs import apply_due_tags, repair_menus
from wxbackend.services.menus import (
    Evidence,
    apply_menus,
    budget_of_today,
    plan_menus,
    verify_menus,
)
from wxbackend.services.pushes import answer_push

ONE_OF_EACH = dict.fromkeys(MENU_ORDER, Evidence.PROVEN)


class WeChat:
    """WeChat's own page for operators, and its API by hand."""

    def __init__(self, sandbox) -> None:
        self.sandbox = sandbox
        own = sandbox.credentials["wechat"]
        self.grant = {"appid": own["app_id"], "secret": own["app_secret"]}

    def call(self, path: str, body: object = None) -> Any:
        grant = {"grant_type": "client_credential", **self.grant}
        url = f"{self.sandbox.url}/cgi-bin"
        token = requests.get(f"{url}/token", params=grant, timeout=5).json()["access_token"]
        send = requests.get if body is None else requests.post
        answer = send(f"{url}/{path}", params={"access_token": token}, json=body, timeout=5)
        answer.encoding = "utf-8"
        return answer.json()

    def tags(self) -> dict[str, int]:
        return {tag["name"]: tag["id"] for tag in self.call("tags/get")["tags"]}

    def worn_by(self, openid: str) -> set[str]:
        names = {tag_id: name for name, tag_id in self.tags().items()}
        worn = self.call("tags/getidlist", {"openid": openid})["tagid_list"]
        return {names[tag_id] for tag_id in worn}

    def put_on(self, openid: str, name: str) -> None:
        body = {"openid_list": [openid], "tagid": self.tags()[name]}
        assert self.call("tags/members/batchtagging", body)["errcode"] == 0

    def take_off(self, openid: str, name: str) -> None:
        body = {"openid_list": [openid], "tagid": self.tags()[name]}
        assert self.call("tags/members/batchuntagging", body)["errcode"] == 0


@pytest.fixture
def wechat(sandbox) -> WeChat:
    return WeChat(sandbox)


@pytest.fixture
def seen(dependencies, sandbox) -> Callable[[str], Role]:
    """Whose menu the phone of this follower shows."""

    def look(openid: str) -> Role:
        menu = sandbox.get("/phone/feed", openid=openid)["menu"]
        wanted = dependencies.gateways.menus.wanted()
        return next(role for role in MENU_ORDER if same(plain(menu["buttons"]), wanted[role]))

    return look


@pytest.fixture
def person(story):
    """A follower who signed in as somebody; the openid and the account's name."""

    def make(role: Role) -> tuple[str, str]:
        scope = story.driver()
        name = ""
        if role is Role.CHECKPOINT:
            name = f"gate{scope.wechat_user_id}"
            make_guard_account(story.dependencies, name)
        elif role is not Role.DRIVER:
            place = {Role.TOWN: "黄阁镇", Role.ENTERPRISE: "13900000001"}.get(role, "")
            name, _ = make_office_account(story.dependencies, role, place)
        return bind(story, scope.wechat_user_id, name), name

    story.enterprise("广州顺达物流有限公司", "黄阁镇", "13900000001")
    return make


def bind(story, wechat_user_id: int, account: str) -> str:
    now = story.dependencies.clock()
    with transaction() as session:
        user = find_wechat_user(session, wechat_user_id)
        found = find_account(session, account) if account else None
        if found is not None:
            begin_binding(
                session, Binding(wechat_user_id=user.id, account_id=found.id, created_at=now)
            )
        return user.openid


@pytest.fixture
def published(dependencies):
    apply_menus(dependencies, actor=ACTOR)


def repair(dependencies) -> int:
    """One night."""
    found = repair_menus(dependencies)
    while apply_due_tags(dependencies):
        pass
    return found


def changes(sandbox) -> list[str]:
    calls = sandbox.get("/sandbox/calls", target="wechat")
    found = [call["path"].removeprefix("/cgi-bin/") for call in calls]
    return [path for path in found if path.startswith("menu/") and path != "menu/get"]


# ---- publishing ----------------------------------------------------------------------------------


def test_an_empty_account_gets_every_menu_and_then_nothing_more(dependencies, sandbox):
    assert not plan_menus(dependencies).is_empty
    apply_menus(dependencies, actor=ACTOR)
    assert changes(sandbox) == ["menu/create"] + ["menu/addconditional"] * 4
    assert plan_menus(dependencies).is_empty
    assert apply_menus(dependencies, actor=ACTOR).is_empty
    assert len(changes(sandbox)) == 5


def test_what_was_published_is_written_down_and_counted(dependencies, published):
    with reading() as session:
        rows = session.execute(
            text("SELECT action, object_id, details FROM audit_entry WHERE object_kind = 'menu'")
        ).all()
    assert [row[0] for row in rows] == ["publish_default_menu"] + ["publish_role_menu"] * 4
    assert all(str(row[1]) for row in rows)
    used = {budget.call: budget.used for budget in budget_of_today(dependencies)}
    assert used == {"create": 1, "addconditional": 4, "delconditional": 0}


def test_a_new_menu_stands_before_the_old_one_goes(dependencies, published, sandbox, wechat):
    found = wechat.call("menu/get")["conditionalmenu"][0]
    button = {"type": "click", "name": "改过", "key": "HELP"}
    wechat.call("menu/delconditional", {"menuid": str(found["menuid"])})
    rule = {"tag_id": found["matchrule"]["group_id"]}
    wechat.call("menu/addconditional", {"button": [button], "matchrule": rule})
    sandbox.delete("/sandbox/calls")
    apply_menus(dependencies, actor=ACTOR)
    assert changes(sandbox) == ["menu/addconditional", "menu/delconditional"]


def test_a_refusal_half_way_is_made_good_by_the_next_run(dependencies, sandbox):
    from wxbackend.gateways.errors import GatewayError

    sandbox.put(
        "/sandbox/faults/wechat",
        {"kind": "errcode", "value": 45009, "count": 1, "path": "addconditional"},
    )
    with pytest.raises(GatewayError):
        apply_menus(dependencies, actor=ACTOR)
    dependencies.gateways.shared.drop(f"wechat.holds:{dependencies.gateways.wechat.app_id}")
    apply_menus(dependencies, actor=ACTOR)
    assert plan_menus(dependencies).is_empty


# ---- proof ---------------------------------------------------------------------------------------


def test_every_roles_menu_is_proven_by_those_who_wear_it(dependencies, published, person, seen):
    people = {role: person(role)[0] for role in MENU_ORDER}
    repair(dependencies)
    assert verify_menus(dependencies) == ONE_OF_EACH
    assert {role: seen(openid) for role, openid in people.items()} == {
        role: role for role in MENU_ORDER
    }


def test_a_probe_proves_what_nobody_wears_and_gets_its_own_back(
    dependencies, published, person, seen, wechat
):
    openid, _ = person(Role.TOWN)
    while apply_due_tags(dependencies):
        pass
    found = verify_menus(dependencies)
    assert found[Role.TOWN] is Evidence.PROVEN
    assert found[Role.CHECKPOINT] is Evidence.NOBODY
    assert verify_menus(dependencies, probe=openid) == ONE_OF_EACH
    while apply_due_tags(dependencies):
        pass
    assert wechat.worn_by(openid) == {"role:town"}
    assert seen(openid) is Role.TOWN


def test_a_menu_that_is_wrong_is_not_proven(dependencies, published, person, wechat):
    person(Role.TOWN)
    while apply_due_tags(dependencies):
        pass
    rule = {"tag_id": wechat.tags()["role:town"]}
    button = {"type": "click", "name": "改过", "key": "HELP"}
    wechat.call("menu/addconditional", {"button": [button], "matchrule": rule})
    assert verify_menus(dependencies)[Role.TOWN] is Evidence.WRONG


# ---- roles and tags ------------------------------------------------------------------------------


@pytest.mark.parametrize("role", MENU_ORDER)
def test_whoever_signs_in_gets_the_roles_menu(dependencies, published, person, seen, wechat, role):
    openid, _ = person(role)
    answer_push(dependencies, followed(openid), request_id="x")
    assert apply_due_tags(dependencies) == 1
    assert seen(openid) is role
    assert wechat.worn_by(openid) == {tag_of(role)}
    assert apply_due_tags(dependencies) == 0


def followed(openid: str) -> Push:
    return Push(openid, str(a_moment()), "event", {"Event": "subscribe"})


def test_of_several_roles_the_highest_counts(dependencies, published, person, story, seen):
    openid, _ = person(Role.TOWN)
    user_id = int(openid.lstrip("oTest0"))
    make_guard_account(story.dependencies, "gate-too")
    bind(story, user_id, "gate-too")
    apply_due_tags(dependencies)
    assert seen(openid) is Role.CHECKPOINT


def test_signing_out_gives_the_drivers_menu_back(dependencies, published, person, seen):
    openid, name = person(Role.CHECKPOINT)
    apply_due_tags(dependencies)
    assert seen(openid) is Role.CHECKPOINT
    with transaction() as session:
        account = find_account(session, name)
        end_bindings(session, now=dependencies.clock(), account_id=account.id)
    apply_due_tags(dependencies)
    assert seen(openid) is Role.DRIVER


def test_a_role_changed_in_the_office_changes_the_menu(dependencies, published, person, seen):
    openid, name = person(Role.CHECKPOINT)
    apply_due_tags(dependencies)
    with reading() as session:
        public_id = find_account(session, name).public_id
    change_account(
        dependencies, public_id, AccountChange("何某某", Role.TOWN, "黄阁镇"), actor=ACTOR
    )
    apply_due_tags(dependencies)
    assert seen(openid) is Role.DRIVER  # the binding ended with the role


def test_following_again_puts_the_tag_on_again(dependencies, published, person, sandbox, wechat):
    openid, _ = person(Role.CHECKPOINT)
    apply_due_tags(dependencies)
    for subscribed in (False, True):
        sandbox.put(f"/sandbox/personas/{openid}", {"subscribed": subscribed})
    assert wechat.worn_by(openid) == set()
    answer_push(dependencies, followed(openid), request_id="x")
    apply_due_tags(dependencies)
    assert wechat.worn_by(openid) == {"role:checkpoint"}


def test_an_unfollowing_that_arrives_late_takes_no_tag(dependencies, published, person, wechat):
    openid, _ = person(Role.CHECKPOINT)
    answer_push(dependencies, followed(openid), request_id="x")
    late = Push(openid, str(a_moment()), "event", {"Event": "unsubscribe"})
    answer_push(dependencies, late, request_id="x")
    apply_due_tags(dependencies)
    assert wechat.worn_by(openid) == {"role:checkpoint"}


def test_who_does_not_follow_is_left_in_peace(dependencies, published, person, sandbox):
    openid, _ = person(Role.CHECKPOINT)
    sandbox.put(f"/sandbox/personas/{openid}", {"subscribed": False})
    assert apply_due_tags(dependencies) == 1
    assert tag_row(openid) == ("", "not_following", None)


def tag_row(openid: str) -> tuple[object, ...]:
    with reading() as session:
        return tuple(
            session.execute(
                text("SELECT tag_name, tag_answer, tag_due_at FROM wechat_user WHERE openid = :o"),
                {"o": openid},
            ).one()
        )


def test_a_refused_tag_is_tried_again_later(dependencies, published, person, sandbox, clock, seen):
    openid, _ = person(Role.CHECKPOINT)
    sandbox.put(
        "/sandbox/faults/wechat",
        {"kind": "errcode", "value": 45159, "count": 2, "path": "batchtagging"},
    )
    for seconds in (0, 3):
        clock.advance(seconds=seconds)
        assert apply_due_tags(dependencies) == 1
        assert tag_row(openid)[1] == "TagRefused"
    assert apply_due_tags(dependencies) == 0
    clock.advance(seconds=11)
    assert apply_due_tags(dependencies) == 1
    assert seen(openid) is Role.CHECKPOINT
    assert tag_row(openid) == ("role:checkpoint", "", None)


def test_a_role_that_changes_during_the_work_is_looked_at_again(dependencies, published, person):
    """The turn that is over settles nothing that was asked for meanwhile."""
    from datetime import timedelta

    from models.menu_tags import ask_for_tags, settle_tag, take_tag

    openid, _ = person(Role.CHECKPOINT)
    now, app_id = dependencies.clock(), dependencies.gateways.wechat.app_id
    user_id, lease = int(openid.lstrip("oTest0")), now + timedelta(minutes=2)
    with transaction() as session:
        assert take_tag(session, user_id, due_at=now, leased_until=lease)
        assert not take_tag(session, user_id, due_at=now, leased_until=lease)
    with transaction() as session:
        ask_for_tags(session, app_id, [openid], now=now)
    with transaction() as session:
        assert not settle_tag(
            session, user_id, leased_until=lease, name="role:town", answer="", next_at=None
        )
    assert apply_due_tags(dependencies) == 1


# ---- drift ---------------------------------------------------------------------------------------


def test_a_menu_edited_by_hand_is_put_right(dependencies, published, person, wechat):
    person(Role.TOWN)
    while apply_due_tags(dependencies):
        pass
    button = {"type": "click", "name": "改过", "key": "HELP"}
    wechat.call("menu/create", {"button": [button]})
    rule = {"tag_id": wechat.tags()["role:town"]}
    wechat.call("menu/addconditional", {"button": [button], "matchrule": rule})
    assert repair(dependencies) > 0
    assert verify_menus(dependencies)[Role.TOWN] is Evidence.PROVEN
    assert plan_menus(dependencies).is_empty
    assert repair(dependencies) == 0


def test_a_personal_menu_that_was_deleted_is_back(dependencies, published, wechat):
    for menu in wechat.call("menu/get")["conditionalmenu"][:2]:
        wechat.call("menu/delconditional", {"menuid": str(menu["menuid"])})
    repair(dependencies)
    assert plan_menus(dependencies).is_empty


def test_all_menus_deleted_at_once_are_back(dependencies, published, wechat):
    wechat.call("menu/delete")
    repair(dependencies)
    assert plan_menus(dependencies).is_empty


def test_tags_lost_doubled_or_on_the_wrong_person_are_put_right(
    dependencies, published, person, wechat, seen
):
    people = {role: person(role)[0] for role in MENU_ORDER}
    repair(dependencies)
    wechat.take_off(people[Role.CHECKPOINT], "role:checkpoint")  # lost
    wechat.put_on(people[Role.TOWN], "role:driver")  # doubled
    wechat.put_on(people[Role.DRIVER], "role:bureau")  # not theirs
    assert repair(dependencies) == 3
    for role, openid in people.items():
        assert wechat.worn_by(openid) == {tag_of(role)}
        assert seen(openid) is role
    assert repair(dependencies) == 0


def test_a_deleted_tag_is_made_again_with_its_menu(dependencies, published, person, wechat, seen):
    openid, _ = person(Role.TOWN)
    repair(dependencies)
    wechat.call("tags/delete", {"tag": {"id": wechat.tags()["role:town"]}})
    repair(dependencies)
    assert seen(openid) is Role.TOWN
    assert plan_menus(dependencies).is_empty


def test_a_foreign_tag_put_on_later_does_not_hide_the_menu(
    dependencies, published, person, wechat, seen
):
    openid, _ = person(Role.TOWN)
    wechat.call("tags/create", {"tag": {"name": "老司机"}})
    wechat.put_on(openid, "老司机")
    apply_due_tags(dependencies)
    assert seen(openid) is Role.TOWN
    assert wechat.worn_by(openid) == {"role:town", "老司机"}


def test_an_account_that_never_had_our_menus_is_left_alone(dependencies, person, sandbox):
    person(Role.TOWN)
    assert repair_menus(dependencies) == 0
    assert changes(sandbox) == []


def test_without_menus_a_tag_is_put_on_all_the_same(dependencies, person, wechat):
    openid, _ = person(Role.TOWN)
    apply_due_tags(dependencies)
    assert wechat.worn_by(openid) == {"role:town"}
