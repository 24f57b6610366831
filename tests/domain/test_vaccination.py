from __future__ import annotations

from datetime import date

import pytest

from wxbackend.domain.vaccination import Vaccination, VaccinationClass, count_doses

TODAY = date(2022, 4, 22)
C = VaccinationClass


@pytest.mark.parametrize(
    ("doses", "highest", "kind"),
    [
        ([], 0, C.NONE),
        ([1], 1, C.ONE),
        ([1, 2], 2, C.TWO),
        ([3], 3, C.THREE_OR_MORE),
        ([2, 3, 1], 3, C.THREE_OR_MORE),
        ([1, 4], 4, C.THREE_OR_MORE),
    ],
)
def test_the_highest_dose_number_counts(doses, highest, kind):
    found = count_doses([Vaccination(dose, date(2021, dose, 1)) for dose in doses], TODAY)
    assert (found.doses, found.kind) == (highest, kind)


def test_a_dose_of_tomorrow_does_not_count_and_one_of_today_does():
    assert count_doses([Vaccination(1, date(2022, 4, 23))], TODAY).kind is C.NONE
    assert count_doses([Vaccination(1, TODAY)], TODAY).last_on == TODAY
