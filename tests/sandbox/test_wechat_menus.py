"""Menus, tags and followers."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.client import DRIVER, OTHER_DRIVER, STRANGER, Client

VIEW = {"type": "view", "name": "我的预约", "url": "https://gate.example.gov.cn/d"}
CLICK = {"type": "click", "name": "办事指南", "key": "HELP_GUIDE"}


def publish(sandbox: Client, *buttons: dict[str, Any]) -> dict[str, Any]:
    return sandbox.wechat("menu/create", {"button": list(buttons or (VIEW,))})


def make_tag(sandbox: Client, name: str) -> int:
    return int(sandbox.wechat("tags/create", {"tag": {"name": name}})["tag"]["id"])


def put_on(sandbox: Client, tag: int, *openids: str) -> dict[str, Any]:
    body = {"openid_list": list(openids), "tagid": tag}
    return sandbox.wechat("tags/members/batchtagging", body)


def personalise(sandbox: Client, rule: dict[str, Any], *buttons: dict[str, Any]) -> dict[str, Any]:
    body = {"button": list(buttons or (CLICK,)), "matchrule": rule}
    return sandbox.wechat("menu/addconditional", body)


def seen_by(sandbox: Client, openid: str) -> list[str]:
    answer = sandbox.wechat("menu/trymatch", {"user_id": openid})
    return [button["name"] for button in answer["button"]]


def test_a_menu_is_published_and_read_back(sandbox: Client) -> None:
    assert publish(sandbox, VIEW, {"name": "帮助", "sub_button": [CLICK]})["errcode"] == 0
    read = sandbox.wechat("menu/get")
    assert read["menu"]["button"] == [
        {**VIEW, "sub_button": []},
        {"name": "帮助", "sub_button": [{**CLICK, "sub_button": []}]},
    ]
    assert isinstance(read["menu"]["menuid"], int)
    assert "conditionalmenu" not in read
    listed = sandbox.wechat("get_current_selfmenu_info")["selfmenu_info"]["button"]
    assert listed[1]["sub_button"]["list"] == [CLICK]


def test_a_match_rule_in_create_is_ignored(sandbox: Client) -> None:
    body = {"button": [VIEW], "matchrule": {"tag_id": "999"}}
    assert sandbox.wechat("menu/create", body)["errcode"] == 0
    assert seen_by(sandbox, DRIVER) == ["我的预约"]


@pytest.mark.parametrize(
    ("buttons", "errcode"),
    [
        ([], 40016),
        ([VIEW] * 4, 40016),
        ([{**VIEW, "type": "jump"}], 40017),
        ([{**VIEW, "name": "六个汉字太长"}], 40018),
        ([{**VIEW, "name": ""}], 40018),
        ([{**CLICK, "key": "k" * 129}], 40019),
        ([{"type": "click", "name": "a"}], 40019),
        ([{**VIEW, "url": "https://a.cn/" + "x" * 1012}], 40020),
        ([{**VIEW, "url": "javascript:1"}], 40055),
        ([{"name": "a", "sub_button": [CLICK] * 6}], 40023),
        ([{"name": "a", "sub_button": [{**CLICK, "type": "x"}]}], 40024),
        ([{"name": "a", "sub_button": [{**CLICK, "name": "字" * 21}]}], 40025),
        ([{"name": "a", "sub_button": [{**CLICK, "key": "字" * 43}]}], 40026),
        ([{"name": "a", "sub_button": [{**VIEW, "url": ""}]}], 40027),
        ([{"name": "a", "sub_button": [{"name": "b", "sub_button": [CLICK]}]}], 40022),
    ],
)
def test_limits_in_bytes(sandbox: Client, buttons: list[dict[str, Any]], errcode: int) -> None:
    assert sandbox.wechat("menu/create", {"button": buttons})["errcode"] == errcode
    assert sandbox.wechat("menu/get")["errcode"] == 46003


def test_names_of_just_the_right_length(sandbox: Client) -> None:
    sub = {**CLICK, "name": "字" * 20, "key": "k" * 128}
    assert publish(sandbox, {"name": "五个汉字a", "sub_button": [sub]})["errcode"] == 0


def test_a_personal_menu_needs_a_default_one(sandbox: Client) -> None:
    tag = make_tag(sandbox, "role:driver")
    assert personalise(sandbox, {"tag_id": tag})["errcode"] == 65303


@pytest.mark.parametrize(
    ("rule", "errcode"),
    [({}, 65304), ({"tag_id": ""}, 65304), ({"sex": "1"}, 65320), ({"tag_id": "9999"}, 45159)],
)
def test_match_rules_that_are_refused(sandbox: Client, rule: dict[str, str], errcode: int) -> None:
    publish(sandbox)
    assert personalise(sandbox, rule)["errcode"] == errcode


def test_the_newest_matching_menu_wins(sandbox: Client) -> None:
    publish(sandbox)
    tag = make_tag(sandbox, "role:staff")
    put_on(sandbox, tag, DRIVER)
    old = personalise(sandbox, {"tag_id": str(tag)}, {**CLICK, "name": "旧"})
    assert old.keys() == {"menuid"}
    assert isinstance(old["menuid"], str)
    new = personalise(sandbox, {"tag_id": tag}, {**CLICK, "name": "新"})
    assert seen_by(sandbox, DRIVER) == ["新"]
    assert seen_by(sandbox, OTHER_DRIVER) == ["我的预约"]
    sandbox.wechat("menu/delconditional", {"menuid": new["menuid"]})
    assert seen_by(sandbox, DRIVER) == ["旧"]


def test_of_several_tags_the_last_one_counts(sandbox: Client) -> None:
    publish(sandbox)
    driver, staff = make_tag(sandbox, "role:driver"), make_tag(sandbox, "role:staff")
    personalise(sandbox, {"tag_id": driver}, {**CLICK, "name": "司机"})
    personalise(sandbox, {"tag_id": staff}, {**CLICK, "name": "卡口"})
    put_on(sandbox, staff, DRIVER)
    put_on(sandbox, driver, DRIVER)
    assert seen_by(sandbox, DRIVER) == ["司机"]
    put_on(sandbox, staff, DRIVER)
    assert seen_by(sandbox, DRIVER) == ["卡口"]


def test_the_tag_is_read_back_under_its_old_name(sandbox: Client) -> None:
    publish(sandbox)
    tag = make_tag(sandbox, "role:driver")
    menu_id = personalise(sandbox, {"tag_id": str(tag)})["menuid"]
    (read,) = sandbox.wechat("menu/get")["conditionalmenu"]
    assert read["matchrule"] == {"group_id": tag}
    assert read["menuid"] == int(menu_id)


def test_personal_menus_link_to_three_domains_at_most(sandbox: Client) -> None:
    publish(sandbox)
    tag = make_tag(sandbox, "role:driver")
    for number in range(3):
        link = {**VIEW, "url": f"https://host{number}.gov.cn/"}
        assert "menuid" in personalise(sandbox, {"tag_id": tag}, link)
    fourth = {**VIEW, "url": "https://host4.gov.cn/"}
    assert personalise(sandbox, {"tag_id": tag}, fourth)["errcode"] == 65316


def test_deleting_the_default_menu_deletes_all(sandbox: Client) -> None:
    publish(sandbox)
    personalise(sandbox, {"tag_id": make_tag(sandbox, "role:driver")})
    assert sandbox.wechat("menu/delete")["errcode"] == 0
    assert sandbox.wechat("menu/get")["errcode"] == 46003


def test_unknown_menus_and_forms_are_65301(sandbox: Client) -> None:
    publish(sandbox)
    assert sandbox.wechat("menu/delconditional", {"menuid": "1"})["errcode"] == 65301
    form = sandbox.post(
        "/cgi-bin/menu/delconditional",
        params={"access_token": sandbox.wechat_token()},
        data={"menuid": "1"},
    )
    assert form.json()["errcode"] == 65301


def test_trymatch_knows_followers_alone(sandbox: Client) -> None:
    assert sandbox.wechat("menu/trymatch", {"user_id": DRIVER})["errcode"] == 65303
    publish(sandbox)
    for user in (STRANGER, "oNobodyHere"):
        assert sandbox.wechat("menu/trymatch", {"user_id": user})["errcode"] == 65302


def test_tags_are_made_renamed_counted_and_deleted(sandbox: Client) -> None:
    tag = make_tag(sandbox, "role:driver")
    put_on(sandbox, tag, DRIVER, OTHER_DRIVER)
    renamed = {"tag": {"id": tag, "name": "role:d"}}
    assert sandbox.wechat("tags/update", renamed)["errcode"] == 0
    tags = sandbox.wechat("tags/get")["tags"]
    assert {"id": tag, "name": "role:d", "count": 2} in tags
    assert {"id": 2, "name": "星标组", "count": 0} in tags
    wearers = sandbox.wechat("user/tag/get", {"tagid": tag, "next_openid": ""})
    assert wearers["data"]["openid"] == [DRIVER, OTHER_DRIVER]
    assert wearers["next_openid"] == OTHER_DRIVER
    rest = sandbox.wechat("user/tag/get", {"tagid": tag, "next_openid": DRIVER})
    assert rest["data"]["openid"] == [OTHER_DRIVER]
    assert sandbox.wechat("user/tag/get", {"tagid": tag, "next_openid": OTHER_DRIVER}) == {
        "count": 0,
        "next_openid": "",
    }
    off = {"openid_list": [DRIVER], "tagid": tag}
    assert sandbox.wechat("tags/members/batchuntagging", off)["errcode"] == 0
    assert sandbox.wechat("tags/getidlist", {"openid": DRIVER})["tagid_list"] == []
    assert sandbox.wechat("tags/delete", {"tag": {"id": tag}})["errcode"] == 0
    assert sandbox.wechat("tags/getidlist", {"openid": OTHER_DRIVER})["tagid_list"] == []


def test_tag_names_and_ids_that_are_refused(sandbox: Client) -> None:
    make_tag(sandbox, "role:driver")
    for name, errcode in {"role:driver": 45157, "": 45157, "字" * 11: 45158}.items():
        assert sandbox.wechat("tags/create", {"tag": {"name": name}})["errcode"] == errcode
    assert sandbox.wechat("tags/delete", {"tag": {"id": 2}})["errcode"] == 45058
    assert sandbox.wechat("tags/delete", {"tag": {"id": 9999}})["errcode"] == 45159


def test_a_hundred_tags_and_no_more(sandbox: Client) -> None:
    for number in range(100):
        make_tag(sandbox, f"tag {number}")
    assert sandbox.wechat("tags/create", {"tag": {"name": "one more"}})["errcode"] == 45056


def test_who_cannot_be_tagged(sandbox: Client) -> None:
    tag = make_tag(sandbox, "role:driver")
    assert put_on(sandbox, tag, "oNobodyHere")["errcode"] == 40003
    assert put_on(sandbox, tag, STRANGER)["errcode"] == 49003
    assert put_on(sandbox, tag, *[DRIVER] * 51)["errcode"] == 40032
    assert put_on(sandbox, 9999, DRIVER)["errcode"] == 45159


def test_a_person_wears_twenty_tags_at_most(sandbox: Client) -> None:
    for number in range(20):
        put_on(sandbox, make_tag(sandbox, f"tag {number}"), DRIVER)
    assert put_on(sandbox, make_tag(sandbox, "one more"), DRIVER)["errcode"] == 45059


def test_who_unfollows_loses_the_tags(sandbox: Client) -> None:
    put_on(sandbox, make_tag(sandbox, "role:driver"), DRIVER)
    for subscribed in (False, True):
        sandbox.put(f"/sandbox/personas/{DRIVER}", json={"subscribed": subscribed})
    assert sandbox.wechat("tags/getidlist", {"openid": DRIVER})["tagid_list"] == []


def test_what_is_known_of_followers_and_others(sandbox: Client) -> None:
    follower = sandbox.wechat("user/info", openid=DRIVER)
    assert (follower["subscribe"], follower["tagid_list"]) == (1, [])
    assert not {"nickname", "headimgurl"} & follower.keys()
    other = sandbox.wechat("user/info", openid=STRANGER)
    assert other.keys() == {"subscribe", "openid", "unionid"}
    assert sandbox.wechat("user/info", openid="oNobodyHere")["errcode"] == 40003
    many = {"user_list": [{"openid": DRIVER}, {"openid": STRANGER}]}
    both = sandbox.wechat("user/info/batchget", many)["user_info_list"]
    assert [user["subscribe"] for user in both] == [1, 0]
    listed = sandbox.wechat("user/get", next_openid="")
    assert DRIVER in listed["data"]["openid"]
    assert STRANGER not in listed["data"]["openid"]
    assert listed["total"] == listed["count"] == len(listed["data"]["openid"])


def on_the_phone(sandbox: Client, *, entering: bool) -> tuple[list[str], bool]:
    """The buttons on the driver's phone, and whether WeChat has others by now."""
    asked = {"openid": DRIVER, "entering": str(int(entering))}
    feed = sandbox.get("/phone/feed", params=asked).json()
    return [button["name"] for button in feed["menu"]["buttons"]], feed["menu_is_old"]


def test_a_phone_keeps_its_menu_until_it_enters_after_five_minutes(sandbox: Client) -> None:
    publish(sandbox)
    assert on_the_phone(sandbox, entering=True) == (["我的预约"], False)
    publish(sandbox, CLICK)
    assert on_the_phone(sandbox, entering=True) == (["我的预约"], True)
    sandbox.move_clock(301)
    assert on_the_phone(sandbox, entering=False) == (["我的预约"], True)
    assert on_the_phone(sandbox, entering=True) == (["办事指南"], False)


@pytest.mark.parametrize("way", ["follow", "hurry"])
def test_following_anew_or_a_hurried_hand_pulls_the_menu(sandbox: Client, way: str) -> None:
    publish(sandbox)
    on_the_phone(sandbox, entering=True)
    publish(sandbox, CLICK)
    if way == "follow":
        for subscribed in (False, True):
            change = {"openid": DRIVER, "subscribed": subscribed}
            assert sandbox.put("/phone/following", json=change).ok
    else:
        assert sandbox.post("/phone/menu", json={"openid": DRIVER}).status_code == 204
    assert on_the_phone(sandbox, entering=False) == (["办事指南"], False)
