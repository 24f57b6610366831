"""The driver's unfinished form on the server: nothing typed or chosen is lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from models.database import Session, reading, transaction
from models.drafts import (
    Draft,
    UploadedImage,
    delete_drafts,
    delete_loose_images,
    find_draft,
    find_own_image,
    find_own_images,
    list_reservation_images,
    touch_images,
)
from models.reservations import Reservation, find_reservation, list_reservations
from wxbackend.domain.errors import InvalidValue, NotFound
from wxbackend.domain.moments import to_local
from wxbackend.domain.reservation import ImageKind
from wxbackend.domain.reservation_form import FIELDS, known_fields, passenger_field
from wxbackend.domain.scope import DriverScope
from wxbackend.services.dependencies import Dependencies

NEW = "new"  # the subject of the form for a new reservation; else a reservation's public id
# What a driver types once: taken from the last reservation into the next form.
_REMEMBERED = (
    "name",
    "id_type",
    "id_number",
    "phone",
    "plate_number",
    "vehicle_type",
    "trailer_plate",
    "enterprise_name",
)
# 再次预约 takes the trip and the passengers too; when and how healthy must be said anew.
_REPEATED = (
    *_REMEMBERED,
    "origin",
    "via",
    "destination_town",
    "destination_address",
    "checkpoint",
    "cargo",
)


@dataclass(frozen=True, slots=True)
class FormContent:
    """A form as it stands: raw texts by field name, and picture ids by kind."""

    fields: Mapping[str, str]
    images: Mapping[ImageKind, str] = field(default_factory=dict)


def load_form(scope: DriverScope, subject: str) -> FormContent:
    """The draft if there is one; else what is known: the reservation, or the driver's last one.

    Raises: NotFound for a reservation that is not theirs.
    """
    with reading() as session:
        draft = find_draft(session, scope, subject)
        if subject == NEW:
            return _content_of(draft) if draft else _remembered(session, scope)
        reservation = find_reservation(session, scope, subject)
        if reservation is None:
            raise NotFound
        if draft is not None:
            return _content_of(draft)
        return _content_of_reservation(session, reservation, FIELDS)


def save_fields(
    dependencies: Dependencies, scope: DriverScope, subject: str, raw: Mapping[str, str]
) -> None:
    """Keep what was typed; pictures chosen before stay."""
    with transaction() as session:
        draft = _get_or_make(session, dependencies, scope, subject)
        draft.fields = {**draft.fields, "fields": known_fields(raw)}
        draft.updated_at = dependencies.clock()
        touch_images(session, _content_of(draft).images.values(), now=draft.updated_at)


def add_image(
    dependencies: Dependencies,
    scope: DriverScope,
    subject: str,
    *,
    kind: ImageKind,
    content: bytes,
) -> str:
    """Draw the picture anew, store it and put it into the draft; its public id.

    Raises: InvalidValue for what is no picture, or one too large.
    """
    if len(content) > dependencies.policy.images.most_bytes:
        raise InvalidValue("image.size", most=dependencies.policy.images.most_bytes // 10**6)
    clean = dependencies.gateways.images.clean(content)
    now = dependencies.clock()
    with transaction() as session:
        image = UploadedImage(
            wechat_user_id=scope.wechat_user_id,
            kind=kind,
            width=clean.width,
            height=clean.height,
            touched_at=now,
        )
        session.add(image)
        session.flush()
        dependencies.gateways.files.write(_file_name(image.public_id), clean.content)
        draft = _get_or_make(session, dependencies, scope, subject)
        _set_image(draft, kind, image.public_id, now=now)
        return image.public_id


def remove_image(
    dependencies: Dependencies, scope: DriverScope, subject: str, kind: ImageKind
) -> None:
    """Take the picture out of the draft; the file goes when nothing needs it any more."""
    with transaction() as session:
        draft = _get_or_make(session, dependencies, scope, subject)
        _set_image(draft, kind, None, now=dependencies.clock())


def read_own_image(dependencies: Dependencies, scope: DriverScope, public_id: str) -> bytes:
    """Raises: NotFound."""
    with reading() as session:
        if find_own_image(session, scope, public_id) is None:
            raise NotFound
    return read_image_file(dependencies, public_id)


def read_image_file(dependencies: Dependencies, public_id: str) -> bytes:
    """The JPEG of a picture that the caller may see. Raises: NotFound when it was erased."""
    try:
        return dependencies.gateways.files.read(_file_name(public_id))
    except FileNotFoundError:
        raise NotFound from None


def repeat_reservation(dependencies: Dependencies, scope: DriverScope, public_id: str) -> None:
    """再次预约: the draft for a new reservation becomes what the old one said.

    Raises: NotFound.
    """
    with transaction() as session:
        reservation = find_reservation(session, scope, public_id)
        if reservation is None:
            raise NotFound
        draft = _get_or_make(session, dependencies, scope, NEW)
        content = _content_of_reservation(session, reservation, _REPEATED)
        draft.fields = {"fields": dict(content.fields), "images": {}}
        draft.updated_at = dependencies.clock()


def choose_checkpoint(dependencies: Dependencies, scope: DriverScope, checkpoint_id: int) -> None:
    """A checkpoint's poster fills its checkpoint into the form."""
    form = load_form(scope, NEW)
    save_fields(dependencies, scope, NEW, {**form.fields, "checkpoint": str(checkpoint_id)})


def images_for_reservation(
    session: Session, scope: DriverScope, subject: str
) -> dict[ImageKind, int] | None:
    """The draft's pictures as (kind → row id), those of the driver only; None without a draft."""
    draft = find_draft(session, scope, subject)
    if draft is None:
        return None
    chosen = _content_of(draft).images
    own = find_own_images(session, scope, chosen.values())
    return {kind: own[image].id for kind, image in chosen.items() if image in own}


def erase_old_drafts(dependencies: Dependencies) -> int:
    """Drafts untouched for their time, and pictures that nothing needs any more."""
    untouched_since = dependencies.clock() - dependencies.policy.reservation.draft_kept_for
    with transaction() as session:
        count = delete_drafts(session, untouched_since=untouched_since)
        loose = delete_loose_images(session, untouched_since=untouched_since)
    for public_id in loose:
        dependencies.gateways.files.delete(_file_name(public_id))
    return count + len(loose)


def _file_name(public_id: str) -> str:
    return f"{public_id}.jpg"


def _get_or_make(
    session: Session, dependencies: Dependencies, scope: DriverScope, subject: str
) -> Draft:
    draft = find_draft(session, scope, subject)
    if draft is None:
        content = _remembered(session, scope)
        if subject != NEW:
            reservation = find_reservation(session, scope, subject)
            if reservation is None:
                raise NotFound
            content = _content_of_reservation(session, reservation, FIELDS)
        draft = Draft(
            wechat_user_id=scope.wechat_user_id,
            subject=subject,
            fields={"fields": dict(content.fields), "images": _plain(content.images)},
            updated_at=dependencies.clock(),
        )
        session.add(draft)
    return draft


def _set_image(draft: Draft, kind: ImageKind, public_id: str | None, *, now: datetime) -> None:
    images = dict(draft.fields.get("images", {}))
    images.pop(kind.value, None)
    if public_id is not None:
        images[kind.value] = public_id
    draft.fields = {**draft.fields, "images": images}
    draft.updated_at = now


def _content_of(draft: Draft) -> FormContent:
    images = draft.fields.get("images", {})
    return FormContent(
        fields=draft.fields.get("fields", {}),
        images={kind: images[kind.value] for kind in ImageKind if kind.value in images},
    )


def _plain(images: Mapping[ImageKind, str]) -> dict[str, str]:
    return {kind.value: public_id for kind, public_id in images.items()}


def _remembered(session: Session, scope: DriverScope) -> FormContent:
    last = next(iter(list_reservations(session, scope, limit=1)), None)
    if last is None:
        return FormContent({})
    texts = _texts_of(last)
    return FormContent({name: texts[name] for name in _REMEMBERED if texts[name]})


def _content_of_reservation(
    session: Session, reservation: Reservation, names: tuple[str, ...]
) -> FormContent:
    texts = _texts_of(reservation)
    fields = {name: texts[name] for name in names if texts[name]}
    for number, passenger in enumerate(reservation.passengers):
        fields[passenger_field(number, "name")] = passenger.name
        fields[passenger_field(number, "id_type")] = passenger.id_type.value
        fields[passenger_field(number, "id_number")] = passenger.id_number
        fields[passenger_field(number, "phone")] = passenger.phone or ""
    images = list_reservation_images(session, reservation.id)
    return FormContent(fields, {kind: image.public_id for kind, image in images.items()})


def _texts_of(reservation: Reservation) -> dict[str, str]:
    """A stored reservation as the form's raw texts."""
    return {
        "name": reservation.name,
        "id_type": reservation.id_type.value,
        "id_number": reservation.id_number,
        "phone": reservation.phone,
        "plate_number": reservation.plate_number,
        "vehicle_type": reservation.vehicle_type.value if reservation.vehicle_type else "",
        "trailer_plate": reservation.trailer_plate,
        "enterprise_name": reservation.enterprise_name,
        "origin": reservation.origin,
        "via": reservation.via,
        "destination_town": str(reservation.destination_town_id),
        "destination_address": reservation.destination_address,
        "checkpoint": str(reservation.checkpoint_id),
        "arrival_at": to_local(reservation.arrival_at).strftime("%Y-%m-%dT%H:%M"),
        "cargo": reservation.cargo,
        "health_code": reservation.health_code.value,
        "high_risk_travel": "yes" if reservation.high_risk_travel else "no",
        "symptoms": "yes" if reservation.symptoms else "no",
    }
