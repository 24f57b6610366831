"""The database's schema: `python -m scripts.db upgrade | check | revision MESSAGE`."""

from __future__ import annotations

import argparse

from models import schema
from wxbackend.app import settings_from_environment
from wxbackend.config.loading import ConfigurationError


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("upgrade", help="bring the database to the newest schema")
    commands.add_parser("check", help="say what differs from the declared tables; 1 if anything")
    revision = commands.add_parser("revision", help="write a migration for the differences")
    revision.add_argument("message")
    arguments = parser.parse_args()
    try:
        url = str(settings_from_environment().database.url)
    except ConfigurationError as error:
        raise SystemExit(str(error)) from None
    if arguments.command == "upgrade":
        schema.upgrade(url)
    elif arguments.command == "revision":
        schema.write_revision(url, arguments.message)
    elif differences := schema.differences(url):
        raise SystemExit("\n".join(str(difference) for difference in differences))


if __name__ == "__main__":
    main()
