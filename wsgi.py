"""The WSGI entry: `gunicorn --chdir DIR wsgi:app`; settings from WXBACKEND_CONFIG."""

from __future__ import annotations

import sys

from wxbackend.app import create_app, settings_from_environment
from wxbackend.config.loading import ConfigurationError
from wxbackend.gateways.key_ring import KeyFileError

try:
    app = create_app(settings_from_environment())
except (ConfigurationError, KeyFileError) as error:
    sys.exit(str(error))
