"""What office commands share: the application without its pages, and errors as sentences."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from wxbackend.app import create_app, settings_from_environment
from wxbackend.config.loading import ConfigurationError
from wxbackend.domain.errors import InvalidForm
from wxbackend.gateways.key_ring import KeyFileError
from wxbackend.services.dependencies import Dependencies


@contextmanager
def office_session() -> Iterator[Dependencies]:
    """The use cases' surroundings, on the database of WXBACKEND_CONFIG.

    Raises: SystemExit with the reason when the configuration cannot be used.
    """
    try:
        app = create_app(settings_from_environment(), with_web=False)
    except (ConfigurationError, KeyFileError) as error:
        raise SystemExit(str(error)) from None
    with app.app_context():
        yield cast(Dependencies, app.extensions["wxbackend"])


def sentences_of(dependencies: Dependencies, wrong: InvalidForm) -> str:
    """One line per wrong value, in the words of the pages."""
    word = dependencies.gateways.wording.text
    return "\n".join(
        f"{name}: {word(f'error.{error.code}', **error.facts)}"
        for name, error in wrong.errors.items()
    )
