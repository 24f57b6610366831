"""The district's short lists: `python -m scripts.district defaults | town | checkpoint | …`.

Towns, checkpoints, denial reasons, and the recipients of notifications.
"""

from __future__ import annotations

import argparse

from models.enterprises import Audience
from scripts.session import office_session, sentences_of
from wxbackend.domain.actors import system_actor
from wxbackend.domain.errors import InvalidForm
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.district_setup import (
    add_checkpoints,
    add_denial_reasons,
    add_recipient,
    add_towns,
)

_ACTOR = system_actor("scripts.district")
_LISTS = {"town": add_towns, "checkpoint": add_checkpoints, "reason": add_denial_reasons}


def main() -> None:
    arguments = _parser().parse_args()
    with office_session() as dependencies:
        if arguments.command == "defaults":
            added = add_defaults(dependencies)
        elif arguments.command == "recipient":
            added = _add_recipient(dependencies, arguments)
        else:
            added = _LISTS[arguments.command](dependencies, arguments.names, actor=_ACTOR)
    print(f"{added} added")


def add_defaults(dependencies: Dependencies) -> int:
    """The nine towns and the six denial reasons that the manual knows."""
    word = dependencies.gateways.wording.text
    towns = add_towns(dependencies, word("default.towns").split(), actor=_ACTOR)
    wordings = word("default.denial_reasons").split()
    return towns + add_denial_reasons(dependencies, wordings, actor=_ACTOR)


def _add_recipient(dependencies: Dependencies, arguments: argparse.Namespace) -> int:
    try:
        return int(
            add_recipient(
                dependencies,
                audience=Audience(arguments.audience),
                town=arguments.town,
                name=arguments.name,
                member_id=arguments.member_id,
                actor=_ACTOR,
            )
        )
    except InvalidForm as wrong:
        raise SystemExit(sentences_of(dependencies, wrong)) from None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("defaults", help="the nine towns and the six denial reasons")
    for command in _LISTS:
        add = commands.add_parser(command, help=f"add each {command} that is not there yet")
        add.add_argument("names", nargs="+")
    recipient = commands.add_parser("recipient", help="tell a 粤政易 member of passages")
    recipient.add_argument("audience", choices=list(Audience))
    recipient.add_argument("name", help="the person's name")
    recipient.add_argument("member_id", help="the person's 粤政易 userid")
    recipient.add_argument("--town", default="", help="for audience town")
    return parser


if __name__ == "__main__":
    main()
