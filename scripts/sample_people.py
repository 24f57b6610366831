"""Invented people, numbers and companies whose check digits are right; the same for one seed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from random import Random

from scripts.sample_words import CREDIT_LETTERS, PLATE_LETTERS, words
from wxbackend.domain.gb_checks import credit_check_character, resident_check_character
from wxbackend.domain.identity_documents import IdType

_OLDEST, _YOUNGEST = date(1964, 1, 1), date(1999, 12, 31)
_OTHER_DOCUMENTS = (IdType.HK_MACAO_PERMIT, IdType.TAIWAN_PERMIT, IdType.PASSPORT)


class Inventor:
    """Never the same number twice."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)  # noqa: S311 – invented data; the same seed, the same data
        self._words: dict[str, list[str]] = {}
        self._used: set[str] = set()

    def person_name(self) -> str:
        return self.word("surnames") + self.word("given_names")

    def foreign_name(self) -> str:
        return self.word("roman_names")

    def company_name(self) -> str:
        return self._new(lambda: f"广州{self.word('brands')}{self.word('trades')}有限公司")

    def credit_code(self) -> str:
        return self._new(self._credit_code)

    def document(self) -> tuple[IdType, str]:
        """Nearly always a resident ID."""
        if self.random.random() < 0.97:
            return IdType.RESIDENT_ID, self._new(self._resident_id)
        kind = self.random.choice(_OTHER_DOCUMENTS)
        return kind, self._new(lambda: self._other_number(kind))

    def mobile(self) -> str:
        return self._new(lambda: self.word("mobile_starts") + self._digits(8))

    def plate(self) -> str:
        """A tractor's or a truck's plate, now and then of a new-energy vehicle or a trailer."""
        return self._new(self._plate)

    def _plate(self) -> str:
        start, letters = self.word("plate_starts"), self.random.choice(PLATE_LETTERS)
        shape = self.random.random()
        if shape < 0.08:
            return f"{start}{self.random.choice('DF')}{self._digits(5)}"
        if shape < 0.14:
            return f"{start}{self._digits(5)}{self.random.choice('DF')}"
        if shape < 0.18:
            return f"{start}{self._digits(4)}挂"
        if shape < 0.6:
            return f"{start}{self._digits(1)}{letters}{self._digits(3)}"
        return f"{start}{self._digits(5)}"

    def _resident_id(self) -> str:
        born = _OLDEST + timedelta(days=self.random.randrange((_YOUNGEST - _OLDEST).days))
        digits = f"{self.word('regions')}{born:%Y%m%d}{self._digits(3)}"
        return digits + resident_check_character(digits)

    def _other_number(self, kind: IdType) -> str:
        if kind is IdType.HK_MACAO_PERMIT:
            return self.random.choice("HM") + self._digits(8)
        return self._digits(8) if kind is IdType.TAIWAN_PERMIT else "E" + self._digits(8)

    def _credit_code(self) -> str:
        body = "".join(self.random.choice(CREDIT_LETTERS) for _ in range(6))
        code = f"91440115MA5{body}"
        return code + credit_check_character(code)

    def word(self, kind: str) -> str:
        if kind not in self._words:
            self._words[kind] = words(kind)
        return self.random.choice(self._words[kind])

    def _digits(self, count: int) -> str:
        return "".join(self.random.choice("0123456789") for _ in range(count))

    def _new(self, invent: Callable[[], str]) -> str:
        while (value := invent()) in self._used:
            pass
        self._used.add(value)
        return value
