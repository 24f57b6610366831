"""The driver's unfinished form on the server: nothing typed or chosen is lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
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
    touch_images,
)
from models.reservations import find_reservation
from wxbackend.domain.errors import InvalidValue, NotFound
from wxbackend.domain.reservation import ImageKind
from wxbackend.domain.reservation_form import (
    FIELDS,
    known_fields,
)
from wxbackend.domain.scope import DriverScope
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.draft_contents import (
    REPEATED,
    FormContent,
    as_stored,
    content_of,
    content_of_reservation,
    fixed_of_form,
    remembered,
)

NEW = "new"  # the subject of the form for a new reservation; else a reservation's public id


def load_form(scope: DriverScope, subject: str) -> FormContent:
    """The draft if there is one; else what is known: the reservation, or the driver's last one.

    Raises: NotFound for a reservation that is not theirs.
    """
    with reading() as session:
        draft = find_draft(session, scope, subject)
        if subject == NEW:
            return content_of(draft) if draft else remembered(session, scope)
        reservation = find_reservation(session, scope, subject)
        if reservation is None and draft is None:
            raise NotFound
        content = content_of(draft) if draft else None
        if content is None and reservation is not None:
            content = content_of_reservation(session, reservation, FIELDS)
        return replace(
            content or FormContent({}), fixed=fixed_of_form(session, reservation, subject)
        )


def save_fields(
    dependencies: Dependencies, scope: DriverScope, subject: str, raw: Mapping[str, str]
) -> None:
    """Keep what was typed; pictures chosen before stay."""
    with transaction() as session:
        draft = _get_or_make(session, dependencies, scope, subject)
        draft.fields = {**draft.fields, "fields": known_fields(raw)}
        draft.updated_at = dependencies.clock()
        touch_images(session, content_of(draft).images.values(), now=draft.updated_at)


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
        content = content_of_reservation(session, reservation, REPEATED)
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
    chosen = content_of(draft).images
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
        content = remembered(session, scope)
        if subject != NEW:
            reservation = find_reservation(session, scope, subject)
            if reservation is None:
                raise NotFound
            content = content_of_reservation(session, reservation, FIELDS)
        draft = Draft(
            wechat_user_id=scope.wechat_user_id,
            subject=subject,
            fields={"fields": dict(content.fields), "images": as_stored(content.images)},
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
