"""The driver's unfinished form on the server: what was typed, and its pictures."""

from __future__ import annotations

from flask import Blueprint, request

from handlers.answers import jpeg
from handlers.api.form_shapes import DraftForm, DraftShown, raw_of, shown_draft
from handlers.api.guards import drivers
from handlers.api.operations import operation
from handlers.api.shapes import Answer, Asked, PublicId
from handlers.api.values import driver_scope, image_kind
from handlers.context import dependencies
from handlers.guards import guarded
from wxbackend.domain.errors import InvalidForm, InvalidValue
from wxbackend.services import drafts, reservations

blueprint = guarded(Blueprint("api_driver_drafts", __name__, url_prefix="/api/v1/driver"), drivers)


class PosterScan(Asked):
    """The end of a poster's address: `/d/c/{poster_key}`."""

    poster_key: PublicId


class ImageAdded(Answer):
    image_id: PublicId


class MessageTemplates(Answer):
    template_ids: list[str]


@blueprint.get("/message-templates")
@operation("Messages to ask the person to agree to", gives=MessageTemplates)
def message_templates() -> dict[str, object]:
    """For `wx.requestSubscribeMessage`, when they tap 提交预约; each agreement is good for one."""
    return {"template_ids": dependencies().gateways.mini_program.template_ids}


@blueprint.get("/drafts/<subject>")
@operation("The form so far", gives=DraftShown)
def show(subject: str) -> dict[str, object]:
    """`new` for a new reservation, or the id of one whose identity is not proved yet."""
    return shown_draft(drafts.load_form(driver_scope(), subject))


@blueprint.put("/drafts/<subject>")
@operation("Keep what was typed", takes=DraftForm, is_once=True)
def save(subject: str, body: DraftForm) -> None:
    """Nothing is checked; pictures stay."""
    drafts.save_fields(dependencies(), driver_scope(), subject, raw_of(body))


@blueprint.post("/drafts/new/poster")
@operation("Begin at a checkpoint's poster", takes=PosterScan, is_once=True, refuses=(404,))
def poster(body: PosterScan) -> None:
    """The checkpoint of the poster stands in the new reservation's form."""
    checkpoint_id = reservations.checkpoint_of_poster(body.poster_key)
    drafts.choose_checkpoint(dependencies(), driver_scope(), checkpoint_id)


@blueprint.post("/drafts/<subject>/images/<kind>")
@operation("Add a picture", uploads="image", gives=ImageAdded, status=201, is_once=True)
def add_image(subject: str, kind: str) -> dict[str, str]:
    """JPEG, PNG or WebP; one of the same kind takes its place."""
    chosen, upload = image_kind(kind), request.files.get("image")
    if upload is None:
        raise InvalidForm({kind: InvalidValue("image.missing")})
    try:
        image_id = drafts.add_image(
            dependencies(), driver_scope(), subject, kind=chosen, content=upload.read()
        )
    except InvalidValue as wrong:
        raise InvalidForm({kind: wrong}) from None
    return {"image_id": image_id}


@blueprint.delete("/drafts/<subject>/images/<kind>")
@operation("Take a picture away", is_once=True)
def remove_image(subject: str, kind: str) -> None:
    drafts.remove_image(dependencies(), driver_scope(), subject, image_kind(kind))


@blueprint.get("/images/<image_id>")
@operation("One of the driver's pictures", gives="image/jpeg")
def image(image_id: str) -> object:
    return jpeg(drafts.read_own_image(dependencies(), driver_scope(), image_id))
