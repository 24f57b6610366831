"""The 核酸 rule: which test decides, and into which class it falls at the moment of the scan."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class NucleicAcidResult(StrEnum):
    NEGATIVE = "negative"
    POSITIVE = "positive"
    SUSPECT = "suspect"
    OTHER = "other"  # a word of an outside registry that is none of the three: never negative


class NucleicAcidClass(StrEnum):
    NEGATIVE_24H = "negative_24h"
    NEGATIVE_48H = "negative_48h"
    NEGATIVE_72H = "negative_72h"
    NEGATIVE_7D = "negative_7d"
    OLDER = "nucleic_older"
    NOT_NEGATIVE = "nucleic_not_negative"
    NO_RECORD = "nucleic_none"
    UNAVAILABLE = "nucleic_unavailable"


@dataclass(frozen=True, slots=True)
class NucleicAcidTest:
    """One test; `other_word` is the laboratory's own word where the result is none of ours."""

    tested_at: datetime
    result: NucleicAcidResult
    other_word: str = ""


@dataclass(frozen=True, slots=True)
class NucleicAcidFinding:
    """What the gate shows for one person: a class, and the test that decided it, if any."""

    kind: NucleicAcidClass
    test: NucleicAcidTest | None = None


# Each class reaches up to and including its age. Source: product.md section 5, manual 2.2.
_NEGATIVE_CLASSES = (
    (timedelta(hours=24), NucleicAcidClass.NEGATIVE_24H),
    (timedelta(hours=48), NucleicAcidClass.NEGATIVE_48H),
    (timedelta(hours=72), NucleicAcidClass.NEGATIVE_72H),
    (timedelta(hours=168), NucleicAcidClass.NEGATIVE_7D),
)


def classify_tests(tests: Iterable[NucleicAcidTest], at: datetime) -> NucleicAcidFinding:
    """The newest test not dated after `at` decides.

    Of two tests of the same moment the one that is not negative decides: a contradiction in the
    register must not open the gate unseen.
    """
    past = [test for test in tests if test.tested_at <= at]
    if not past:
        return NucleicAcidFinding(NucleicAcidClass.NO_RECORD)
    newest = max(past, key=lambda t: (t.tested_at, t.result is not NucleicAcidResult.NEGATIVE))
    return NucleicAcidFinding(_class_of(newest, at), newest)


def negative_between(
    kind: NucleicAcidClass, at: datetime
) -> tuple[datetime | None, datetime | None]:
    """When the newest test of this negative class was made: from (included), to (excluded).

    None stands for no bound. Raises: LookupError for a class that is not an age of a negative test.
    """
    end: datetime | None = None
    for limit, known in _NEGATIVE_CLASSES:
        start = at - limit
        if known is kind:
            return start, end
        end = start
    if kind is NucleicAcidClass.OLDER:
        return None, end
    raise LookupError(kind)


def _class_of(test: NucleicAcidTest, at: datetime) -> NucleicAcidClass:
    if test.result is not NucleicAcidResult.NEGATIVE:
        return NucleicAcidClass.NOT_NEGATIVE
    age = at - test.tested_at
    for limit, kind in _NEGATIVE_CLASSES:
        if age <= limit:
            return kind
    return NucleicAcidClass.OLDER
