"""代预约 for its driver: opening a lead's form by its link, and submitting it."""

from __future__ import annotations

from flask import Blueprint

from handlers.api.form_shapes import DraftShown, PreparedForm, raw_of, shown_draft
from handlers.api.guards import drivers
from handlers.api.operations import operation
from handlers.api.reservation_shapes import Submission
from handlers.api.shapes import Answer, PublicId
from handlers.api.values import driver_scope
from handlers.context import actor, dependencies
from handlers.guards import guarded
from wxbackend.services import drafts, prepared_forms
from wxbackend.services.reservations import Submitted

blueprint = guarded(
    Blueprint("api_driver_prepared", __name__, url_prefix="/api/v1/driver/prepared"), drivers
)


class OpenedForm(Answer):
    """`reservation_id` once this driver has submitted it; until then `draft`, kept as `subject`."""

    subject: PublicId
    reservation_id: PublicId | None
    draft: DraftShown | None


@blueprint.get("/<token>")
@operation("Open a lead's form", gives=OpenedForm, refuses=(409,))
def show(token: str) -> dict[str, object]:
    """`token` is the end of the link: `/d/prepared/{token}`."""
    opened = prepared_forms.open_prepared(dependencies(), driver_scope(), token, actor=actor())
    is_open = opened.reservation_id is None
    return {
        "subject": opened.subject,
        "reservation_id": opened.reservation_id,
        "draft": shown_draft(drafts.load_form(driver_scope(), opened.subject)) if is_open else None,
    }


@blueprint.post("/<token>/reservation")
@operation("Submit a lead's form", takes=PreparedForm, gives=Submission, status=201, is_once=True)
def submit(token: str, body: PreparedForm) -> Submitted:
    """Who drives is as the lead said; the pictures are those of the draft."""
    return prepared_forms.submit_prepared(
        dependencies(), driver_scope(), token, raw_of(body), riding=body.riding, actor=actor()
    )
