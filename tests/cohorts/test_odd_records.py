"""Records as real systems hold them: deaths to the month, older numbers, periods in pieces."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from riskapp.cohorts.follow_up import UnusableCohort
from riskapp.cohorts.reading import read_cohort
from tests.cohorts.clinic import (
    CRP,
    OMOP_CODES,
    clinic,
    people,
    resources,
    scan_day,
    told,
    write_omop,
)


def test_a_death_told_to_the_month_counts_and_many_undated_ones_are_refused(
    tmp_path: Path,
) -> None:
    day = scan_day()
    dead = [
        {"resourceType": "Patient", "id": f"d{i}", "gender": "female", "birthDate": "1940-05",
         "deceasedBoolean": True}
        for i in range(11)
    ]  # fmt: skip
    assert "10 died, but not known when" in " ".join(clinic(tmp_path, *dead[:10]).remarks)
    with pytest.raises(UnusableCohort, match="only survivors would be left"):
        clinic(tmp_path, *dead)
    measured = [
        resource | {"subject": {"reference": "Patient/d0"}}
        for resource in resources(people(1)[0])
        if resource["resourceType"] == "Observation"
    ]
    for written, years in (("2019-03", (date(2019, 3, 15) - day).days / 365.25), ("2019", None)):
        told_so = dead[0] | {"deceasedDateTime": written}
        cohort = clinic(tmp_path, told_so, *measured)
        here = np.flatnonzero(cohort.people == "d0")
        assert len(here) == (years is not None)
        if years is not None:
            assert cohort.follow_up["death"].event[here[0]]
            assert cohort.follow_up["death"].years[here[0]] == pytest.approx(years, abs=1e-4)


def test_of_two_numbers_that_say_the_same_the_newer_is_kept(tmp_path: Path) -> None:
    day = scan_day()

    def observed(code: str, unit: str, value: float, when: date, **more: Any) -> Any:
        return {
            "resourceType": "Observation", "status": "final", **more,
            "subject": {"reference": "Patient/1000"},
            "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
            "effectiveDateTime": when.isoformat(), "valueQuantity": {"value": value, "code": unit},
        }  # fmt: skip

    def one(*changes: Any) -> Any:
        cohort = clinic(tmp_path, *changes)
        assert cohort.left_out == {}
        return cohort.profiles[int(np.flatnonzero(cohort.people == "1000")[0])]

    weight = people(1)[0]["weight"][1]
    old = one(observed("39156-5", "kg/m2", 45.0, day - timedelta(days=600)))
    assert (old.weight_kg, old.body_mass_index) == (weight, None)
    new = one(observed("39156-5", "kg/m2", 45.0, day))
    assert (new.weight_kg, new.body_mass_index) == (None, 45.0)


def test_periods_that_touch_are_one_and_a_gap_ends_observation(tmp_path: Path) -> None:
    folder = write_omop(tmp_path / "omop", people(40))
    header = "person_id,observation_period_start_date,observation_period_end_date"

    def followed(*parts: tuple[date, date]) -> float:
        rows = [header]
        for one in people(40):
            rows += [f"{one['id']},{start},{end}" for start, end in parts]
        (folder / "observation_period.csv").write_text("\n".join(rows), encoding="utf-8")
        cohort = read_cohort(told(folder, codes=OMOP_CODES, columns=[CRP]))
        return float(cohort.follow_up["any"].years.max())

    first, last = (date(2009, 1, 1), date(2015, 12, 31)), (date(2016, 1, 1), date(2023, 1, 1))
    whole = followed((first[0], last[1]))
    assert followed(first, last) == whole
    assert followed(first, (date(2013, 1, 1), last[1])) == whole
    assert followed((date(2016, 1, 2), last[1]), first) < whole - 5
