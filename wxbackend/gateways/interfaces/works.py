"""Work that a library does, as the use cases see it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class CleanImage:
    """A picture drawn anew as JPEG: no metadata, upright, at most 2,000 pixels a side."""

    content: bytes
    width: int
    height: int


class ImageCleaner(Protocol):
    def clean(self, content: bytes) -> CleanImage:
        """Raises: InvalidValue (image.format, image.pixels)."""
        ...


class QrPainter(Protocol):
    def png(self, text: str) -> bytes:
        """A black on white QR code with its quiet zone, at level M."""
        ...


class PasswordHasher(Protocol):
    def hash(self, password: str) -> str: ...

    def matches(self, password_hash: str, password: str) -> bool: ...

    def spend_time(self, password: str) -> None:
        """Take as long as `matches` does, so that an unknown account answers no faster."""
        ...


class Wording(Protocol):
    """All Chinese that is not on a page's template: messages to people, reasons, labels."""

    def text(self, key: str, **facts: object) -> str:
        """Raises: KeyError for a key or a placeholder that does not exist."""
        ...

    def __contains__(self, key: str) -> bool: ...

    def under(self, prefix: str) -> Sequence[str]:
        """The names that have a text directly under this prefix, in the order of their file."""
        ...
