"""/cgi-bin/tags/ and /cgi-bin/user/: tags and followers."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from wxbackend.sandbox.exchange import this_world
from wxbackend.sandbox.personas import Persona
from wxbackend.sandbox.wechat.answers import answer, json_body, ok
from wxbackend.sandbox.wechat.api import blueprint
from wxbackend.sandbox.wechat.errors import WeChatError
from wxbackend.sandbox.wechat.oauth import union_id

MOST_TAGGED_AT_ONCE = 50
MOST_USERS_AT_ONCE = 100
PAGE = 10_000
FOLLOWED_AT = 1_640_966_400


@blueprint.post("/cgi-bin/tags/create")
def create_tag() -> Response:
    name = _tag(json_body()).get("name")
    if not isinstance(name, str):
        raise WeChatError(45157)
    return answer({"tag": {"id": this_world().wechat.tags.create(name), "name": name}})


@blueprint.get("/cgi-bin/tags/get")
def get_tags() -> Response:
    return answer({"tags": this_world().wechat.tags.listing()})


@blueprint.post("/cgi-bin/tags/update")
def update_tag() -> Response:
    tag = _tag(json_body())
    this_world().wechat.tags.rename(_tag_id(tag.get("id")), str(tag.get("name", "")))
    return ok()


@blueprint.post("/cgi-bin/tags/delete")
def delete_tag() -> Response:
    this_world().wechat.tags.delete(_tag_id(_tag(json_body()).get("id")))
    return ok()


@blueprint.post("/cgi-bin/tags/members/batchtagging")
def tag_many() -> Response:
    body = json_body()
    this_world().wechat.tags.apply(_tag_id(body.get("tagid")), _followers(body))
    return ok()


@blueprint.post("/cgi-bin/tags/members/batchuntagging")
def untag_many() -> Response:
    body = json_body()
    this_world().wechat.tags.take_off(_tag_id(body.get("tagid")), _followers(body))
    return ok()


@blueprint.post("/cgi-bin/tags/getidlist")
def tags_of() -> Response:
    persona = _person(json_body().get("openid"))
    return answer({"tagid_list": this_world().wechat.tags.worn_by(persona.openid)})


@blueprint.post("/cgi-bin/user/tag/get")
def wearers() -> Response:
    body = json_body()
    openids = this_world().wechat.tags.wearers(_tag_id(body.get("tagid")))
    return answer(_page(openids, str(body.get("next_openid") or "")))


@blueprint.get("/cgi-bin/user/get")
def followers() -> Response:
    openids = [p.openid for p in this_world().personas.everyone() if p.subscribed]
    page = _page(openids, request.args.get("next_openid", ""))
    return answer({"total": len(openids), **page})


@blueprint.get("/cgi-bin/user/info")
def user_info() -> Response:
    return answer(_particulars(_person(request.args.get("openid"))))


@blueprint.post("/cgi-bin/user/info/batchget")
def user_infos() -> Response:
    users = json_body().get("user_list")
    if not isinstance(users, list) or not 1 <= len(users) <= MOST_USERS_AT_ONCE:
        raise WeChatError(40032)
    people = [_person(user.get("openid") if isinstance(user, dict) else None) for user in users]
    return answer({"user_info_list": [_particulars(person) for person in people]})


def _particulars(persona: Persona) -> dict[str, Any]:
    if not persona.subscribed:
        return {"subscribe": 0, "openid": persona.openid, "unionid": union_id(persona.openid)}
    return {
        "subscribe": 1,
        "openid": persona.openid,
        "language": "zh_CN",
        "subscribe_time": FOLLOWED_AT,
        "unionid": union_id(persona.openid),
        "remark": "",
        "groupid": 0,
        "tagid_list": this_world().wechat.tags.worn_by(persona.openid),
        "subscribe_scene": "ADD_SCENE_QR_CODE",
        "qr_scene": 0,
        "qr_scene_str": "",
    }


def _page(openids: list[str], after: str) -> dict[str, Any]:
    start = openids.index(after) + 1 if after in openids else 0
    page = openids[start : start + PAGE]
    if not page:
        return {"count": 0, "next_openid": ""}
    return {"count": len(page), "data": {"openid": page}, "next_openid": page[-1]}


def _tag(body: dict[str, Any]) -> dict[str, Any]:
    tag = body.get("tag")
    if not isinstance(tag, dict):
        raise WeChatError(47001)
    return tag


def _tag_id(value: Any) -> int:
    if not str(value).isdecimal():
        raise WeChatError(45159)
    return int(value)


def _person(openid: Any) -> Persona:
    persona = this_world().personas.find(openid if isinstance(openid, str) else None)
    if persona is None:
        raise WeChatError(40003)
    return persona


def _followers(body: dict[str, Any]) -> list[str]:
    openids = body.get("openid_list")
    if not isinstance(openids, list) or not 1 <= len(openids) <= MOST_TAGGED_AT_ONCE:
        raise WeChatError(40032)
    if not all(_person(openid).subscribed for openid in openids):
        raise WeChatError(49003)
    return openids
