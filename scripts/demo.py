"""The demo district: made once per data folder, with random passwords, never in production."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from models.enterprises import Audience
from scripts.demo_digests import add_past_digests
from scripts.demo_history import add_history
from scripts.district import add_defaults
from scripts.import_data import take_whole_file
from scripts.make_samples import write_files
from scripts.sample_district import District, SampleEmployee, make_district
from wxbackend.app import create_app
from wxbackend.config.settings import Settings
from wxbackend.domain.actors import system_actor
from wxbackend.domain.errors import InvalidForm
from wxbackend.domain.import_columns import ImportKind
from wxbackend.domain.nucleic_acid import NucleicAcidClass
from wxbackend.domain.roles import Role
from wxbackend.services.accounts import NewAccount, create_account, reset_password
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.district_setup import add_checkpoints, add_recipient

_ACTOR = system_actor("demo")
_ENTERPRISES, _EMPLOYEES = 40, 600
_IMPORT_ORDER = (
    ImportKind.ENTERPRISES,
    ImportKind.EMPLOYEES,
    ImportKind.NUCLEIC_ACID_TESTS,
    ImportKind.VACCINATIONS,
)


def prepare_demo(settings: Settings, *, accounts_file: Path, personas_file: Path) -> None:
    """Fill an empty database; the accounts' file says that it was done.

    Raises: RuntimeError in production.
    """
    if settings.is_production:
        raise RuntimeError("demo data does not belong into production")
    if accounts_file.exists():
        return
    print("making the demo district (once per data folder)", flush=True)
    app = create_app(settings, with_web=False)
    dependencies: Dependencies = app.extensions["wxbackend"]
    with app.app_context():
        district = make_district(
            dependencies.clock(), enterprises=_ENTERPRISES, employees=_EMPLOYEES
        )
        accounts = _fill(dependencies, district)
        add_history(dependencies, district)
        add_past_digests(dependencies)
    _write_json(personas_file, _personas(district))
    # Written last: a run that was stopped half-way begins again.
    _write_json(accounts_file, accounts)
    accounts_file.chmod(0o600)


def _fill(dependencies: Dependencies, district: District) -> list[dict[str, Any]]:
    add_defaults(dependencies)
    word = dependencies.gateways.wording.text
    checkpoints = word("default.demo_checkpoints").split()
    add_checkpoints(dependencies, checkpoints, actor=_ACTOR)
    with TemporaryDirectory() as folder:
        write_files(district, Path(folder))
        for kind in _IMPORT_ORDER:
            take_whole_file(dependencies, kind, Path(folder) / f"{kind}.xlsx", actor=_ACTOR)
    _add_recipients(dependencies, word("default.towns").split())
    return _accounts(dependencies, district, checkpoints)


def _add_recipients(dependencies: Dependencies, towns: Iterable[str]) -> None:
    """Somebody to tell in every town, in the bureau and in the task force."""
    word = dependencies.gateways.wording.text
    wanted = [(Audience.TOWN, town, f"town-{number}") for number, town in enumerate(towns, 1)]
    wanted += [(Audience.BUREAU, "", "bureau-1"), (Audience.TASK_FORCE, "", "task-force-1")]
    for audience, town, member_id in wanted:
        add_recipient(
            dependencies,
            audience=audience,
            town=town,
            name=word("demo.recipient", place=town or word(f"demo.{audience.value}")),
            member_id=member_id,
            actor=_ACTOR,
        )


# ---- accounts ----------------------------------------------------------------------------------


def _accounts(
    dependencies: Dependencies, district: District, checkpoints: list[str]
) -> list[dict[str, Any]]:
    """One entry for every role but the driver, ready to use."""
    word = dependencies.gateways.wording.text
    first, second = district.enterprises[0], district.enterprises[1]
    new = [
        NewAccount(f"gate{number}", Role.CHECKPOINT, name, place)
        for number, (name, place) in enumerate(
            zip(word("demo.staff").split(), checkpoints, strict=True), 1
        )
    ]
    new += [
        NewAccount("town1", Role.TOWN, word("demo.town_user"), first.town),
        NewAccount("town2", Role.TOWN, word("demo.town_user"), _another_town(district)),
        NewAccount("bureau1", Role.BUREAU, word("demo.bureau_user")),
        NewAccount("admin1", Role.ADMIN, word("role.admin")),
        NewAccount("auditor1", Role.AUDITOR, word("role.auditor")),
        NewAccount("lead1", Role.ENTERPRISE, first.lead_name, first.lead_phone),
    ]
    by_phone = [
        {
            "role": Role.ENTERPRISE.value,
            "phone": enterprise.lead_phone,
            "scope": enterprise.name,
            "note": word("demo.note_lead"),
        }
        for enterprise in (first, second)
    ]
    return [*(_entry(dependencies, one, district) for one in new), *by_phone]


def _entry(dependencies: Dependencies, new: NewAccount, district: District) -> dict[str, Any]:
    word = dependencies.gateways.wording.text
    scope = new.place or dependencies.policy.district.name
    if new.role is Role.ENTERPRISE:
        scope = district.enterprises[0].name
    return {
        "role": new.role.value,
        "account": new.name,
        "password": _password(dependencies, new),
        "scope": scope,
        "note": word(f"demo.note_{new.role.value}"),
    }


def _password(dependencies: Dependencies, new: NewAccount) -> str:
    """The account's password; a run that was stopped half-way may have made it before."""
    try:
        return create_account(dependencies, new, must_change=False, actor=_ACTOR)
    except InvalidForm:
        return reset_password(dependencies, new.name, must_change=False, actor=_ACTOR)


def _another_town(district: District) -> str:
    first = district.enterprises[0].town
    return next(one.town for one in district.enterprises if one.town != first)


# ---- the people who can hold the sandbox's phone ------------------------------------------------


def _personas(district: District) -> list[dict[str, Any]]:
    """A driver of every 核酸 class, one from elsewhere, and those who work with them."""
    people = json.loads((Path(__file__).parent / "demo_personas.json").read_text(encoding="utf-8"))
    drivers = people["drivers"]
    chosen = _one_of_each_class(district)
    personas = [
        {
            "openid": _openid(number),
            "nickname": one.name,
            "name": one.name,
            "id_number": one.id_number,
            "phone": one.phone,
            "subscribed": True,
            "note": drivers[kind],
        }
        for number, (kind, one) in enumerate(chosen.items(), 1)
    ]
    lead = district.enterprises[0]
    for number, other in enumerate(people["others"], len(personas) + 1):
        persona = {"openid": _openid(number), "subscribed": True, **other}
        if other.get("is_lead"):
            persona |= {"name": lead.lead_name, "nickname": lead.lead_name}
            persona |= {"phone": lead.lead_phone}
        persona.pop("is_lead", None)
        personas.append(persona)
    return personas


def _one_of_each_class(district: District) -> dict[str, SampleEmployee]:
    """The first employee with a resident ID of each class; three doses where there is a choice."""
    found: dict[str, SampleEmployee] = {}
    for kind in NucleicAcidClass:
        of_kind = [
            one
            for one in district.employees
            if one.nucleic_acid is kind and one.id_type == "resident_id"
        ]
        if of_kind:
            found[kind.value] = next((one for one in of_kind if one.doses == 3), of_kind[0])
    return found


def _openid(number: int) -> str:
    return f"oDemo{number:02}NanshaFreightGate0"[:28].ljust(28, "0")


def _write_json(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
