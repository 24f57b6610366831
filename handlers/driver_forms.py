"""【新增预约】: the form, its draft on the server, its pictures, and submitting it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from handlers.context import actor, dependencies
from handlers.driver import scope
from handlers.guards import drivers, guarded
from handlers.passenger_blocks import with_passenger, without_passenger
from handlers.refusals import refuse_form
from wxbackend.domain.errors import InvalidForm, InvalidValue, NotFound
from wxbackend.domain.reservation import ImageKind
from wxbackend.domain.reservation_form import passenger_numbers
from wxbackend.services import drafts, identity, reservations
from wxbackend.services.reservations import Submitted, is_submission_key, new_submission_key

blueprint = guarded(Blueprint("driver_forms", __name__, url_prefix="/d"), drivers)

_CHANGES = {"add_passenger", "remove_passenger", "remove_image"}


@blueprint.get("/new")
def new() -> ResponseReturnValue:
    return form_page(drafts.NEW)


@blueprint.post("/new")
def submit() -> ResponseReturnValue:
    return submit_form(drafts.NEW, _reserve)


@blueprint.get("/reservations/<public_id>/edit")
def edit(public_id: str) -> ResponseReturnValue:
    return form_page(public_id)


@blueprint.post("/reservations/<public_id>/edit")
def resubmit(public_id: str) -> ResponseReturnValue:
    return submit_form(
        public_id,
        lambda raw: reservations.correct(
            dependencies(), scope(), public_id, raw, actor=actor(), riding=riding()
        ),
    )


@blueprint.get("/c/<poster_key>")
def poster(poster_key: str) -> ResponseReturnValue:
    """A checkpoint's poster: a new reservation with that checkpoint filled in."""
    checkpoint_id = reservations.checkpoint_of_poster(poster_key)
    drafts.choose_checkpoint(dependencies(), scope(), checkpoint_id)
    return redirect(url_for("driver_forms.new"))


@blueprint.post("/drafts/<subject>")
def save(subject: str) -> ResponseReturnValue:
    """What was typed so far; the page's script sends it while the driver types."""
    drafts.save_fields(dependencies(), scope(), subject, request.form.to_dict())
    return "", 204


@blueprint.post("/drafts/<subject>/images/<kind>")
def add_image(subject: str, kind: str) -> ResponseReturnValue:
    upload = request.files.get("image")
    try:
        if upload is None:
            raise InvalidValue("image.missing")
        public_id = drafts.add_image(
            dependencies(), scope(), subject, kind=_kind(kind), content=upload.read()
        )
    except InvalidValue as wrong:
        return refuse_form(wrong, kind)
    return jsonify(url=url_for("driver.image", public_id=public_id)), 201


@blueprint.post("/drafts/<subject>/images/<kind>/remove")
def remove_image(subject: str, kind: str) -> ResponseReturnValue:
    drafts.remove_image(dependencies(), scope(), subject, _kind(kind))
    return "", 204


def submit_form(
    subject: str, reserve: Callable[[Mapping[str, str]], Submitted]
) -> ResponseReturnValue:
    """Keep everything first; then check, reserve and go to the identity check."""
    raw = request.form.to_dict()
    drafts.save_fields(dependencies(), scope(), subject, raw)
    errors = _keep_images(subject)
    if request.form.get("change", "").partition(":")[0] in _CHANGES:
        return _change(subject, raw)
    try:
        if errors:
            raise InvalidForm(errors)
        submitted = reserve(raw)
    except InvalidForm as wrong:
        return form_page(subject, raw, wrong.errors), 422
    return go_on(submitted)


def riding() -> list[int]:
    """Which of a lead's passengers ride along, by their numbers."""
    return [int(text) for text in request.form.getlist("riding") if text.isdecimal()]


def _reserve(raw: Mapping[str, str]) -> Submitted:
    key = raw.get("submission_key", "")
    return reservations.submit(
        dependencies(),
        scope(),
        raw,
        submission_key=key if is_submission_key(key) else new_submission_key(),
        actor=actor(),
    )


def go_on(submitted: Submitted) -> ResponseReturnValue:
    if submitted.needs_identity_check:
        return redirect(
            identity.begin_check(dependencies(), scope(), submitted.public_id, actor=actor())
        )
    return redirect(url_for("driver.show", public_id=submitted.public_id))


def _keep_images(subject: str) -> dict[str, InvalidValue]:
    """Pictures that came with the form itself: a browser without scripts sends them so."""
    errors = {}
    for kind in ImageKind:
        upload = request.files.get(kind.value)
        if upload is None or not upload.filename:
            continue
        try:
            drafts.add_image(dependencies(), scope(), subject, kind=kind, content=upload.read())
        except InvalidValue as wrong:
            errors[kind.value] = wrong
    return errors


def _change(subject: str, raw: dict[str, str]) -> ResponseReturnValue:
    """A button inside the form, for browsers without scripts: one passenger or picture less."""
    action, _, which = request.form["change"].partition(":")
    if action == "remove_image":
        drafts.remove_image(dependencies(), scope(), subject, _kind(which))
    elif action == "remove_passenger":
        raw = without_passenger(raw, which)
        drafts.save_fields(dependencies(), scope(), subject, raw)
    else:
        raw = with_passenger(raw)
        drafts.save_fields(dependencies(), scope(), subject, raw)
    return form_page(subject, raw)


def _kind(text: str) -> ImageKind:
    try:
        return ImageKind(text)
    except ValueError:
        raise NotFound from None


def form_page(
    subject: str,
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, InvalidValue] | None = None,
) -> str:
    form = drafts.load_form(scope(), subject)
    values = dict(typed if typed is not None else form.fields)
    towns, checkpoints = reservations.places()
    policy = dependencies().policy.reservation
    return render_template(
        "driver/form.html",
        subject=subject,
        values=values,
        images=form.images,
        errors=errors or {},
        fixed=form.fixed,
        riding=riding() if typed is not None else None,
        passenger_numbers=passenger_numbers(values),
        most_passengers=policy.most_passengers,
        town_options=[(str(town.id), town.name) for town in towns],
        checkpoint_options=[(str(point.id), point.name) for point in checkpoints],
        days_ahead=policy.bookable_ahead.days,
        submission_key=values.get("submission_key") or new_submission_key(),
    )
