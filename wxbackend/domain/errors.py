"""Errors of the domain: each carries a stable code; the wording stands in templates/wording/."""

from __future__ import annotations

from collections.abc import Mapping

FactValue = str | int
Facts = Mapping[str, FactValue]


class InvalidValue(ValueError):
    """One value breaks one rule.

    `code` names the rule (`plate.characters`), `facts` fill the wording's placeholders.
    """

    def __init__(self, code: str, **facts: FactValue) -> None:
        super().__init__(code)
        self.code = code
        self.facts: Facts = facts


class InvalidForm(Exception):
    """Several fields of one form are wrong; `errors` has one error per field name."""

    def __init__(self, errors: Mapping[str, InvalidValue]) -> None:
        super().__init__(", ".join(f"{name}: {error.code}" for name, error in errors.items()))
        self.errors = dict(errors)


class ProductError(Exception):
    """A use case refuses; subclasses name why by `code`, the handlers' table gives the status."""

    code = "refused"

    def __init__(self, **facts: FactValue) -> None:
        super().__init__(self.code)
        self.facts: Facts = facts


class NotFound(ProductError):
    """The thing does not exist, or lies outside the asker's scope: nobody can tell which."""

    code = "not_found"


class ImpossibleValue(ProductError):
    """Something was asked for by a value that no row can have: a NUL, an endless number."""

    code = "http_400"


class Conflict(ProductError):
    """The thing has moved on: another state, another winner."""

    code = "conflict"


class TooMany(ProductError):
    """A limit on attempts is reached."""

    code = "too_many"


class Forbidden(ProductError):
    """The role has no right to this."""

    code = "forbidden"
