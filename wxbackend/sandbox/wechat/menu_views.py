"""/cgi-bin/menu/: the default menu and the personalised ones."""

from __future__ import annotations

from typing import Any

from flask import Response

from wxbackend.sandbox.exchange import this_world
from wxbackend.sandbox.wechat.answers import answer, json_body, ok
from wxbackend.sandbox.wechat.api import blueprint
from wxbackend.sandbox.wechat.errors import WeChatError
from wxbackend.sandbox.wechat.menu_rules import Button, check_buttons, check_rule
from wxbackend.sandbox.wechat.menus import ConditionalMenu


@blueprint.post("/cgi-bin/menu/create")
def create_menu() -> Response:
    """Publish the default menu; a match rule in it is ignored without a word."""
    wechat = this_world().wechat
    buttons = check_buttons(json_body())
    wechat.quota.spend("menu/create")
    wechat.menus.publish(buttons)
    return ok()


@blueprint.get("/cgi-bin/menu/get")
def get_menu() -> Response:
    wechat = this_world().wechat
    wechat.quota.spend("menu/get")
    default = wechat.menus.default
    if default is None:
        raise WeChatError(46003)
    payload: dict[str, Any] = {"menu": {"button": default.buttons, "menuid": default.id}}
    if wechat.menus.conditionals:
        payload["conditionalmenu"] = [_conditional(menu) for menu in wechat.menus.conditionals]
    return answer(payload)


def _conditional(menu: ConditionalMenu) -> dict[str, Any]:
    """As it is read back: the tag under its old name, ids as numbers."""
    rule: dict[str, Any] = {k: v for k, v in menu.rule.items() if k == "client_platform_type"}
    if menu.tag_id is not None:
        rule["group_id"] = int(menu.tag_id)
    return {"button": menu.buttons, "matchrule": rule, "menuid": menu.id}


@blueprint.get("/cgi-bin/menu/delete")
def delete_menu() -> Response:
    """Take the default menu away, and with it all personalised ones."""
    wechat = this_world().wechat
    wechat.quota.spend("menu/delete")
    wechat.menus.remove_all()
    return ok()


@blueprint.post("/cgi-bin/menu/addconditional")
def add_conditional() -> Response:
    wechat = this_world().wechat
    body = json_body()
    buttons, rule = check_buttons(body), check_rule(body)
    tag = rule.get("tag_id") or rule.get("group_id")
    if tag is not None and not wechat.tags.exists(tag):
        raise WeChatError(45159)
    wechat.quota.spend("menu/addconditional")
    return answer({"menuid": str(wechat.menus.add(buttons, rule))})


@blueprint.post("/cgi-bin/menu/delconditional")
def delete_conditional() -> Response:
    wechat = this_world().wechat
    try:
        menu_id = str(json_body().get("menuid", ""))
    except WeChatError:
        # A form in place of JSON: the platform says this, not 47001.
        raise WeChatError(65301) from None
    wechat.quota.spend("menu/delconditional")
    wechat.menus.remove(menu_id)
    return ok()


@blueprint.post("/cgi-bin/menu/trymatch")
def try_match() -> Response:
    world = this_world()
    user = str(json_body().get("user_id", ""))
    world.wechat.quota.spend("menu/trymatch")
    persona = world.personas.find(user)
    if persona is None or not persona.subscribed:
        raise WeChatError(65302)
    menu = world.wechat.menu_of(persona.openid)
    if menu is None:
        raise WeChatError(65303)
    return answer({"button": menu.buttons})


@blueprint.get("/cgi-bin/get_current_selfmenu_info")
def current_menu() -> Response:
    default = this_world().wechat.menus.default
    if default is None:
        return answer({"is_menu_open": 0})
    buttons = [_listed(button) for button in default.buttons]
    return answer({"is_menu_open": 1, "selfmenu_info": {"button": buttons}})


def _listed(button: Button) -> Button:
    kept = {key: value for key, value in button.items() if key != "sub_button"}
    if button["sub_button"]:
        kept["sub_button"] = {"list": [_listed(sub) for sub in button["sub_button"]]}
    return kept
