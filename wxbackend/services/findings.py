"""What a scan found out, to and from the JSON that is kept with it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from wxbackend.domain.gate import Declaration, GateFindings, PersonFindings, RosterMatch
from wxbackend.domain.nucleic_acid import (
    NucleicAcidClass,
    NucleicAcidFinding,
    NucleicAcidResult,
    NucleicAcidTest,
)
from wxbackend.domain.reservation import HealthCode, IdentityAssurance
from wxbackend.domain.vaccination import VaccinationClass, VaccinationFinding


def to_json(findings: GateFindings) -> dict[str, Any]:
    """Plain values for the database; `from_json` is its inverse."""
    until = findings.nucleic_data_until
    return {
        "roster": [
            [match.enterprise_id, match.enterprise_name, match.town_id] for match in findings.roster
        ],
        "people": [_person_to_json(person) for person in findings.people],
        "declaration": {
            "health_code": findings.declaration.health_code.value,
            "high_risk_travel": findings.declaration.high_risk_travel,
            "symptoms": findings.declaration.symptoms,
        },
        "identity": findings.identity.value,
        "nucleic_data_until": until.isoformat() if until else None,
    }


def from_json(stored: dict[str, Any]) -> GateFindings:
    declared, until = stored["declaration"], stored["nucleic_data_until"]
    return GateFindings(
        roster=tuple(RosterMatch(*match) for match in stored["roster"]),
        people=tuple(_person_from_json(person) for person in stored["people"]),
        declaration=Declaration(
            HealthCode(declared["health_code"]),
            declared["high_risk_travel"],
            declared["symptoms"],
        ),
        identity=IdentityAssurance(stored["identity"]),
        nucleic_data_until=datetime.fromisoformat(until) if until else None,
    )


def _person_to_json(person: PersonFindings) -> dict[str, Any]:
    test, doses = person.nucleic_acid.test, person.vaccination
    return {
        "nucleic_acid": person.nucleic_acid.kind.value,
        "test": [test.tested_at.isoformat(), test.result.value, test.other_word] if test else None,
        "vaccination": doses.kind.value,
        "doses": doses.doses,
        "last_on": doses.last_on.isoformat() if doses.last_on else None,
    }


def _person_from_json(stored: dict[str, Any]) -> PersonFindings:
    test, last_on = stored["test"], stored["last_on"]
    return PersonFindings(
        NucleicAcidFinding(
            NucleicAcidClass(stored["nucleic_acid"]),
            NucleicAcidTest(datetime.fromisoformat(test[0]), NucleicAcidResult(test[1]), test[2])
            if test
            else None,
        ),
        VaccinationFinding(
            VaccinationClass(stored["vaccination"]),
            stored["doses"],
            date.fromisoformat(last_on) if last_on else None,
        ),
    )
