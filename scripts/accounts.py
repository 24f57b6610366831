"""Accounts from the command line: `python -m scripts.accounts create | reset | disable NAME …`.

A new or reset account's password is printed once, and must be changed at the first sign-in.
"""

from __future__ import annotations

import argparse

from scripts.session import office_session, sentences_of
from wxbackend.domain.actors import system_actor
from wxbackend.domain.errors import InvalidForm, NotFound
from wxbackend.domain.roles import ACCOUNT_ROLES, Role
from wxbackend.services.accounts import (
    NewAccount,
    create_account,
    disable_account,
    reset_password,
)

_ACTOR = system_actor("scripts.accounts")


def main() -> None:
    arguments = _parser().parse_args()
    with office_session() as dependencies:
        try:
            if arguments.command == "create":
                role = Role(arguments.role)
                new = NewAccount(arguments.name, role, arguments.display_name, arguments.place)
                print(create_account(dependencies, new, actor=_ACTOR))
            elif arguments.command == "reset":
                print(reset_password(dependencies, arguments.name, actor=_ACTOR))
            else:
                disable_account(dependencies, arguments.name, actor=_ACTOR)
        except InvalidForm as wrong:
            raise SystemExit(sentences_of(dependencies, wrong)) from None
        except NotFound:
            raise SystemExit(f"there is no account {arguments.name}") from None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    create = commands.add_parser("create", help="make an account and print its password")
    create.add_argument("name")
    create.add_argument("--role", required=True, choices=sorted(ACCOUNT_ROLES))
    create.add_argument("--display-name", required=True, help="the person's name, as pages show it")
    create.add_argument(
        "--place", default="", help="the checkpoint, the town or the lead's phone, by role"
    )
    for command, text in (
        ("reset", "print a new password; every session of the account ends"),
        ("disable", "end the account's sessions and let it sign in no more"),
    ):
        commands.add_parser(command, help=text).add_argument("name")
    return parser


if __name__ == "__main__":
    main()
