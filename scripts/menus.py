"""The Official Account's menus: `python -m scripts.menus plan | apply | verify`.

The menus stand in templates/menus.toml. `plan` says what differs at WeChat, `apply` changes it
(new menus before old ones go), `verify` asks WeChat what somebody of each role sees.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable

from scripts.session import office_session
from wxbackend.domain.actors import system_actor
from wxbackend.domain.menus import MenuPlan
from wxbackend.gateways.errors import GatewayError
from wxbackend.gateways.interfaces.menus import NotAFollower
from wxbackend.gateways.interfaces.stores import LockNotFree
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.menu_tags import find_tag_drift
from wxbackend.services.menus import (
    Evidence,
    MenuNotSeen,
    WrongMenus,
    apply_menus,
    budget_of_today,
    plan_menus,
    verify_menus,
)

_ACTOR = system_actor("scripts.menus")
_SAYS = {
    Evidence.PROVEN: "proven: WeChat shows this menu",
    Evidence.WRONG: "WRONG: WeChat shows another menu",
    Evidence.NOBODY: "not proven: no follower has this role; name a probe with --probe",
}


def main() -> None:
    arguments = _parser().parse_args()
    with office_session() as dependencies:
        try:
            if arguments.command == "plan":
                _plan(dependencies)
            elif arguments.command == "apply":
                _apply(dependencies)
            else:
                _verify(dependencies, arguments.probe)
        except WrongMenus as wrong:
            raise SystemExit("\n".join(["templates/menus.toml:", *wrong.problems])) from None
        except MenuNotSeen as unseen:
            raise SystemExit(
                f"{unseen.role}: published, but WeChat still shows another menu; "
                "nothing was deleted, run it again"
            ) from None
        except NotAFollower:
            raise SystemExit("the probe does not follow the account") from None
        except LockNotFree:
            raise SystemExit("another process is changing the menus at this moment") from None
        except GatewayError as error:
            raise SystemExit(f"WeChat refused or did not answer: {error.code}") from None


def _plan(dependencies: Dependencies) -> None:
    _print_lines(_lines(plan_menus(dependencies), done=""))
    for budget in budget_of_today(dependencies):
        print(f"today: {budget.call} {budget.used} of {budget.most}")


def _apply(dependencies: Dependencies) -> None:
    _print_lines(_lines(apply_menus(dependencies, actor=_ACTOR), done="done: "))
    print(f"followers whose tag will be looked at: {find_tag_drift(dependencies)}")


def _verify(dependencies: Dependencies, probe: str) -> None:
    found = verify_menus(dependencies, probe=probe)
    for role, evidence in found.items():
        print(f"{role}: {_SAYS[evidence]}")
    if any(evidence is not Evidence.PROVEN for evidence in found.values()):
        raise SystemExit(1)


def _lines(plan: MenuPlan, *, done: str) -> Iterable[str]:
    yield from (f"{done}create the tag of {role}" for role in plan.missing_tags)
    if plan.is_default_changed:
        yield f"{done}publish the default menu (driver)"
    yield from (f"{done}add the menu of {role}" for role in plan.adds)
    yield from (f"{done}delete menu {menu_id}" for menu_id in plan.deletes)


def _print_lines(lines: Iterable[str]) -> None:
    print("\n".join(lines) or "nothing differs")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("plan", help="say what differs at WeChat, and today's budget")
    commands.add_parser("apply", help="publish what is missing, delete what is too much")
    verify = commands.add_parser("verify", help="ask WeChat what each role sees; 1 if not proven")
    verify.add_argument(
        "--probe", default="", help="openid of a follower who may wear each tag for a moment"
    )
    return parser


if __name__ == "__main__":
    main()
