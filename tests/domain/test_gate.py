from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.configuration import EXAMPLE
from wxbackend.config.settings import load_settings
from wxbackend.domain.gate import (
    Declaration,
    GateFindings,
    Level,
    PersonFindings,
    RosterMatch,
    assess,
    declared_remarks,
)
from wxbackend.domain.nucleic_acid import NucleicAcidClass, NucleicAcidFinding
from wxbackend.domain.reservation import HealthCode, IdentityAssurance
from wxbackend.domain.vaccination import VaccinationClass, VaccinationFinding

LEVELS = load_settings([EXAMPLE]).gate.levels
N, V = NucleicAcidClass, VaccinationClass
CLEAN = PersonFindings(NucleicAcidFinding(N.NEGATIVE_24H), VaccinationFinding(V.TWO, 2))


def findings(
    *people: PersonFindings,
    roster: bool = True,
    code: HealthCode = HealthCode.GREEN,
    travel: bool = False,
    symptoms: bool = False,
    identity: IdentityAssurance = IdentityAssurance.CHECKED,
) -> GateFindings:
    return GateFindings(
        roster=(RosterMatch(1, "企业", 1),) if roster else (),
        people=people or (CLEAN,),
        declaration=Declaration(code, travel, symptoms),
        identity=identity,
        nucleic_data_until=datetime(2022, 4, 22, tzinfo=UTC) - timedelta(hours=1),
    )


def person(
    nucleic: NucleicAcidClass = N.NEGATIVE_24H, doses: VaccinationClass = V.TWO
) -> PersonFindings:
    return PersonFindings(NucleicAcidFinding(nucleic), VaccinationFinding(doses))


@pytest.mark.parametrize("nucleic", [N.NEGATIVE_24H, N.NEGATIVE_48H, N.NEGATIVE_72H])
@pytest.mark.parametrize("doses", [V.TWO, V.THREE_OR_MORE])
def test_a_clean_driver_is_green_without_remarks(nucleic, doses):
    found = assess(findings(person(nucleic, doses)), LEVELS)
    assert (found.level, found.remarks) == (Level.GO, ())


@pytest.mark.parametrize(
    "seen",
    [
        findings(person(nucleic=N.NEGATIVE_7D)),
        findings(person(nucleic=N.OLDER)),
        findings(person(nucleic=N.NO_RECORD)),
        findings(person(nucleic=N.UNAVAILABLE)),
        findings(person(doses=V.NONE)),
        findings(person(doses=V.ONE)),
        findings(person(doses=V.UNAVAILABLE)),
        findings(roster=False),
        findings(code=HealthCode.YELLOW),
        findings(travel=True),
        findings(symptoms=True),
        findings(identity=IdentityAssurance.NOT_CHECKABLE),
    ],
)
def test_what_is_not_clean_is_amber_with_one_remark(seen):
    found = assess(seen, LEVELS)
    assert found.level is Level.LOOK
    assert len(found.remarks) == 1


@pytest.mark.parametrize(
    "seen", [findings(person(nucleic=N.NOT_NEGATIVE)), findings(code=HealthCode.RED)]
)
def test_a_test_not_negative_and_a_red_code_are_red(seen):
    assert assess(seen, LEVELS).level is Level.STOP


def test_a_passenger_counts_as_much_as_the_driver():
    found = assess(findings(CLEAN, person(), person(nucleic=N.NEGATIVE_7D)), LEVELS)
    assert found.level is Level.LOOK
    assert [(remark.fact, remark.person) for remark in found.remarks] == [(N.NEGATIVE_7D, 2)]


def test_the_gravest_remark_comes_first():
    seen = findings(
        person(doses=V.ONE), person(nucleic=N.NOT_NEGATIVE), roster=False, code=HealthCode.YELLOW
    )
    found = assess(seen, LEVELS)
    assert found.level is Level.STOP
    assert found.remarks[0].fact is N.NOT_NEGATIVE
    assert found.remarks[0].person == 1
    assert len(found.remarks) == 4


def test_the_table_is_configuration():
    strict = {**LEVELS, N.NEGATIVE_48H: Level.STOP}
    assert assess(findings(person(nucleic=N.NEGATIVE_48H)), strict).level is Level.STOP


def test_declared_facts_are_listed_only_when_not_clean():
    assert declared_remarks(Declaration(HealthCode.GREEN, False, False), LEVELS) == ()
    everything = declared_remarks(Declaration(HealthCode.RED, True, True), LEVELS)
    assert [str(remark.fact) for remark in everything] == [
        "red_code",
        "high_risk_travel",
        "symptoms",
    ]
