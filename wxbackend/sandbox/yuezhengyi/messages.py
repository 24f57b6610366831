"""A message as 粤政易 takes it: who gets it, and what they read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from wxbackend.sandbox.yuezhengyi.office import Media, MessageOffice, YuezhengyiError

MOST_RECIPIENTS = 1_000
MOST_TEXT_BYTES = 2_048
MOST_TITLE_BYTES = 128
MOST_DESCRIPTION_BYTES = 512
UNKNOWN_PREFIX = "invalid"


@dataclass(frozen=True)
class Content:
    text: str
    url: str | None = None
    file: Media | None = None
    cut: bool = False


def recipients(touser: Any) -> tuple[list[str], list[str]]:
    """The members that exist and those that do not, each once.

    Raises:
        YuezhengyiError: 82001 nobody named, 40032 too many, 81013 none exists.
    """
    named = touser.split("|") if isinstance(touser, str) else []
    members = list(dict.fromkeys(member for member in named if member))
    if not members:
        raise YuezhengyiError(82001)
    if len(members) > MOST_RECIPIENTS:
        raise YuezhengyiError(40032)
    unknown = [member for member in members if member.lower().startswith(UNKNOWN_PREFIX)]
    if len(unknown) == len(members):
        raise YuezhengyiError(81013)
    return [member for member in members if member not in unknown], unknown


def read_content(body: dict[str, Any], office: MessageOffice) -> Content:
    """What the message says; like the platform, it cuts what is too long and says nothing.

    Raises:
        YuezhengyiError: 40008 unknown kind, 44004 empty, 40058 a part is missing, 40007 no file.
    """
    kind = str(body.get("msgtype"))
    part = body.get(kind)
    if kind not in READERS:
        raise YuezhengyiError(40008)
    return READERS[kind](part if isinstance(part, dict) else {}, office)


def _text(part: dict[str, Any], _office: MessageOffice) -> Content:
    content = part.get("content")
    if not isinstance(content, str) or not content:
        raise YuezhengyiError(44004)
    text = cut_bytes(content, MOST_TEXT_BYTES)
    return Content(text, cut=text != content)


def _textcard(part: dict[str, Any], _office: MessageOffice) -> Content:
    title, description, url = (part.get(name) for name in ("title", "description", "url"))
    if not all(isinstance(value, str) and value for value in (title, description, url)):
        raise YuezhengyiError(40058)
    lines = (
        cut_bytes(str(title), MOST_TITLE_BYTES),
        cut_bytes(str(description), MOST_DESCRIPTION_BYTES),
    )
    return Content("\n".join(lines), url=str(url), cut=lines != (title, description))


def _file(part: dict[str, Any], office: MessageOffice) -> Content:
    media = office.find_file(str(part.get("media_id", "")))
    if media is None:
        raise YuezhengyiError(40007)
    return Content(media.file_name, url=f"/sandbox/media/{media.media_id}", file=media)


READERS = {"text": _text, "textcard": _textcard, "file": _file}


def cut_bytes(text: str, most_bytes: int) -> str:
    """As much of the text as fits, whole characters only."""
    return text.encode()[:most_bytes].decode("utf-8", "ignore")
