"""Rows of one file that speak of the same thing; kept small, for files of a million rows."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b

from wxbackend.domain.errors import InvalidForm, InvalidValue
from wxbackend.domain.import_rows import EnterpriseRecord, Record

_KEY_BYTES = 12
_CONTENT_BITS = 64


class Repeats:
    """Remembers of every row a digest of its key and of its content, and nothing personal."""

    def __init__(self) -> None:
        self._seen: dict[int, int] = {}

    def is_repeat(self, record: Record, *, number: int, key_column: str) -> bool:
        """Whether an earlier row said the same; otherwise `record` is remembered as row `number`.

        Raises: InvalidForm where an earlier row of the same key says something else.
        """
        claims = list(_claims(record, key_column))
        earlier = [self._seen.get(key) for _, _, key, _ in claims]
        for (column, code, _, content), seen in zip(claims, earlier, strict=True):
            if seen is not None and seen & (2**_CONTENT_BITS - 1) != content:
                raise InvalidForm({column: InvalidValue(code, row=seen >> _CONTENT_BITS)})
        for (_, _, key, content), seen in zip(claims, earlier, strict=True):
            if seen is None:
                self._seen[key] = number << _CONTENT_BITS | content
        return earlier[0] is not None


Claim = tuple[str, str, int, int]


def _claims(record: Record, key_column: str) -> Iterator[Claim]:
    """What a row says that no other row may contradict: (column, code, key, content)."""
    yield key_column, "import.row.repeated", _digest(record.key), _content(record)
    if isinstance(record, EnterpriseRecord):
        key, content = ("lead", record.lead_phone), record.lead_name
        yield "lead_name", "import.row.other_lead_name", _digest(key), _content(content)


def _digest(value: object) -> int:
    return int.from_bytes(blake2b(repr(value).encode(), digest_size=_KEY_BYTES).digest())


def _content(value: object) -> int:
    return int.from_bytes(blake2b(repr(value).encode(), digest_size=_CONTENT_BITS // 8).digest())
