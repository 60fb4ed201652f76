"""Records of a clinic become a cohort: what was known at baseline, and what came after."""

import json
import shutil
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import numpy as np
import pytest

from riskapp.cohorts.follow_up import UnreadableCohort, UnusableCohort
from riskapp.cohorts.limits import SMALL_ENOUGH_BYTES
from riskapp.cohorts.reading import read_cohort
from riskapp.exchange.clinical_codes import Meaning, standard_codes
from tests.cohorts.clinic import (
    CRP,
    END,
    FHIR_CODES,
    INDEX,
    NECK,
    OMOP_CODES,
    clinic,
    condition,
    people,
    resources,
    scan_day,
    told,
    write_fhir,
    write_omop,
)

ICD = "http://hl7.org/fhir/sid/icd-10"


def test_fhir_omop_and_a_zip_give_one_cohort(tmp_path: Path) -> None:
    everybody = people(60)
    folder = write_fhir(tmp_path / "fhir", [r for one in everybody for r in resources(one)])
    fhir = read_cohort(told(folder, columns=[CRP], codes=FHIR_CODES))
    shutil.make_archive(str(tmp_path / "zipped"), "zip", folder)
    zipped = read_cohort(told(tmp_path / "zipped.zip", columns=[CRP], codes=FHIR_CODES))
    write_omop(tmp_path / "omop", everybody)
    omop = read_cohort(told(tmp_path / "omop", columns=[CRP], codes=OMOP_CODES))
    for other in (zipped, omop):
        assert other.profiles == fhir.profiles
        assert other.people.tolist() == fhir.people.tolist()
        for name, each in fhir.follow_up.items():
            np.testing.assert_array_equal(other.follow_up[name].event, each.event)
            np.testing.assert_array_equal(other.follow_up[name].years, each.years)
    assert len(fhir.profiles) == 60
    assert "Baseline: the first record of femoral_neck_t_score" in " ".join(fhir.remarks)


def test_events_and_ends_are_those_of_the_records(tmp_path: Path) -> None:
    cohort = clinic(tmp_path)
    for i, one in enumerate(people(40)):
        end = min(END, one["died"] or END)
        expected = one["hip"] is not None and one["hip"] <= end
        assert cohort.follow_up["hip"].event[i] == expected
        day = one["hip"] if expected else end
        years = (day - one["scan"]).days / 365.25
        assert cohort.follow_up["hip"].years[i] == pytest.approx(years, abs=1e-5)
        firsts = [d for d in (one["hip"], one["forearm"]) if d is not None and d <= end]
        assert cohort.follow_up["any"].event[i] == bool(firsts)
        profile = cohort.profiles[i]
        assert profile.femoral_neck_t_score == one["t"]
        assert profile.weight_kg == one["weight"][1]
        assert profile.rheumatoid_arthritis == (True if one["arthritis"] else None)
        assert profile.site_values == {"crp": one["crp"][1]}
        assert profile.age_years == pytest.approx(
            (one["scan"] - one["born"]).days / 365.25, abs=1e-3
        )


@pytest.mark.parametrize(
    ("days", "more", "known"),
    [
        (0, {}, True),
        (-1, {}, True),
        (1, {}, None),
        (-30, {"recordedDate": "2030-01-01"}, None),
        (-30, {"verificationStatus": {"coding": [{"code": "refuted"}]}}, None),
    ],
)
def test_only_what_was_known_by_baseline_is_a_predictor(
    tmp_path: Path, days: int, more: Any, known: bool | None
) -> None:
    other = condition(ICD, "M05.8", scan_day() + timedelta(days=days), "1000", **more)
    one = [each for each in resources(people(1)[0]) if "M05" not in json.dumps(each)]
    rest = [each for person in people(40)[1:] for each in resources(person)]
    write_fhir(tmp_path / "export", [*one, other, *rest])
    cohort = read_cohort(told(tmp_path / "export"))
    assert cohort.profiles[0].rheumatoid_arthritis is known
    answered = read_cohort(told(
        tmp_path / "export", index=INDEX | {"absent_means_no": ["rheumatoid_arthritis"]}
    ))  # fmt: skip
    assert answered.profiles[0].rheumatoid_arthritis is (known or False)


@pytest.mark.parametrize(
    ("days", "prior", "event"),
    [
        ((-400,), True, False),
        ((0,), True, False),
        ((1,), None, True),
        ((-10, 60, 170), True, False),  # the same fracture, coded at each visit
        ((-10, 60, 300), True, True),
    ],
)
def test_a_fracture_is_prior_or_new_and_its_later_codes_are_no_new_one(
    tmp_path: Path, days: tuple[int, ...], prior: bool | None, event: bool
) -> None:
    one = people(1)[0] | {"hip": None, "forearm": None, "died": None}
    rest = [each for person in people(40)[1:] for each in resources(person)]
    codes = [condition(ICD, "S72.1", scan_day() + timedelta(days=day), "1000") for day in days]
    write_fhir(tmp_path / "export", [*resources(one), *codes, *rest])
    cohort = read_cohort(told(tmp_path / "export"))
    assert cohort.profiles[0].prior_fragility_fracture is prior
    assert bool(cohort.follow_up["hip"].event[0]) is event
    if event:
        assert cohort.follow_up["hip"].years[0] == pytest.approx(days[-1] / 365.25, abs=1e-5)


def _observation(code: str, **more: Any) -> Any:
    return {
        "resourceType": "Observation",
        "status": "final",
        "subject": {"reference": "Patient/1000"},
        "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
        "effectiveDateTime": scan_day().isoformat(),
        **more,
    }


def _smoking(code: str) -> Any:
    coding = [{"system": "http://snomed.info/sct", "code": code}]
    return _observation("72166-2", valueCodeableConcept={"coding": coding})


@pytest.mark.parametrize(
    ("resource", "field", "value"),
    [
        (_smoking("449868002"), "current_smoker", True),
        (_smoking("8517006"), "current_smoker", False),
        (_smoking("999"), "current_smoker", None),
        (_observation("72166-2", valueString="yes"), "current_smoker", None),
        (_observation("29463-7", valueQuantity={"value": 154, "code": "[lb_av]"}), "weight_kg",
         69.853225),
        (_observation("38261-4", valueQuantity={"value": 812, "code": "mg/cm2"}),
         "total_hip_bmd_g_cm2", 0.812),
        (_observation("38264-8", valueQuantity={"value": -1.5}), "total_hip_t_score", -1.5),
        (_observation("38264-8", valueQuantity={"value": -1.5, "comparator": "<"}),
         "total_hip_t_score", None),
        (_observation("83311-1", bodySite=NECK, component=[
            {"code": {"coding": [{"system": "http://loinc.org", "code": "38267-1"}]},
             "valueQuantity": {"value": -2.0}}]), "lumbar_spine_t_score", -2.0),
        ({"resourceType": "FamilyMemberHistory", "status": "completed", "date": "2009-01-01",
          "patient": {"reference": "Patient/1000"},
          "relationship": {"coding": [{"code": "MTH"}]},
          "condition": [{"code": {"coding": [{"system": ICD, "code": "S72.0"}]}}]},
         "parent_hip_fracture", True),
        ({"resourceType": "MedicationRequest", "status": "active", "intent": "order",
          "subject": {"reference": "Patient/1000"},
          "authoredOn": (scan_day() - timedelta(days=100)).isoformat(),
          "medicationCodeableConcept": {
              "coding": [{"system": "http://www.whocc.no/atc", "code": "H02AB06"}]}},
         "glucocorticoids", True),
    ],
)  # fmt: skip
def test_each_kind_of_resource_is_read(
    tmp_path: Path, resource: Any, field: str, value: Any
) -> None:
    more = {"constants": {"population": "gb", "dxa_manufacturer": "hologic"}}
    # Of two of one day the later in the file counts; the clinic's own weight is a month old.
    cohort = clinic(tmp_path, resource, **more)
    assert getattr(cohort.profiles[0], field) == value


def test_codes_stand_for_what_lies_below_them_only_where_the_terminology_is_so_written() -> None:
    codes = standard_codes()
    hip = {Meaning("hip_fracture")}
    for written in ("S72.0", "s72.001A", "S72001A", "S72.141"):
        assert codes.meanings("http://hl7.org/fhir/sid/icd-10-cm", written) == hip
    for written in ("S72", "S72.3", "S7"):
        assert codes.meanings(ICD, written) != hip
    assert codes.meanings("http://snomed.info/sct", "59130001") == set()
    neck = "http://snomed.info/sct|29627003"
    assert codes.meanings("http://loinc.org", "24701-5") == set()
    assert codes.meanings("http://loinc.org", "24701-5", [neck]) == {
        Meaning("femoral_neck_bmd_g_cm2")
    }
    own = codes.with_own({"hip_fracture": ["icd-10|Z99"]})
    assert own.meanings("icd-10", "S72.0") == set()
    assert own.meanings("icd-10", "Z99.1") == hip


def test_what_no_record_tells_is_no_outcome(tmp_path: Path) -> None:
    everybody = [one | {"forearm": None, "died": None} for one in people(40)]
    write_fhir(tmp_path / "export", [r for one in everybody for r in resources(one)])
    cohort = read_cohort(told(tmp_path / "export"))
    assert set(cohort.follow_up) == {"hip"}
    assert any("no outcome here: major, death" in remark for remark in cohort.remarks)


def test_people_without_baseline_or_date_of_death_are_counted(tmp_path: Path) -> None:
    nobody = {"resourceType": "Patient", "id": "n", "gender": "female", "birthDate": "1950"}
    dead = nobody | {"id": "d", "deceasedBoolean": True}
    other = nobody | {"id": "o", "gender": "other"}
    remarks = " ".join(clinic(tmp_path, nobody, dead, other).remarks)
    assert "1 died, but not known when, 1 no baseline, 1 sex or birth not known" in remarks


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("{", "Line 1 of Patient.ndjson is no JSON"),
        ("[1]", "no FHIR resource"),
        ('{"resourceType": "Patient"}', "holds no Patient"),
        ("[" * 100_000, "no JSON"),
        ("x" * 2_000_002, "too long for a resource"),
    ],
)
def test_broken_exports_are_unreadable(tmp_path: Path, content: str, sentence: str) -> None:
    (tmp_path / "export").mkdir()
    (tmp_path / "export" / "Patient.ndjson").write_text(content, encoding="utf-8")
    with pytest.raises(UnreadableCohort, match=sentence):
        read_cohort(told(tmp_path / "export"))
    (tmp_path / "broken.zip").write_bytes(b"PK\x03\x04 and no more")
    with pytest.raises(UnreadableCohort, match="cannot be read as a FHIR export"):
        read_cohort(told(tmp_path / "broken.zip"))


@pytest.mark.parametrize(
    ("blank_bytes", "sentence"),
    [(SMALL_ENOUGH_BYTES + 1, "packed too tightly"), (SMALL_ENOUGH_BYTES, "holds no Patient")],
)
def test_a_zip_that_unpacks_to_nothing_is_refused_unread(
    tmp_path: Path, blank_bytes: int, sentence: str
) -> None:
    path = tmp_path / "bomb.zip"
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        blank = b"\n".rjust(1000) * (blank_bytes // 1000) + b"\n" * (blank_bytes % 1000)
        archive.writestr("Patient.ndjson", blank)
    with pytest.raises(UnreadableCohort, match=sentence):
        read_cohort(told(path))


def test_records_need_a_rule_and_an_end(tmp_path: Path) -> None:
    folder = write_fhir(tmp_path / "bare", resources(people(1)[0]))
    with pytest.raises(UnusableCohort, match="need a rule for each person’s baseline"):
        read_cohort(folder)
    with pytest.raises(UnusableCohort, match=r"say index\.end"):
        clinic(tmp_path, index={"first": "femoral_neck_t_score"})
    with pytest.raises(UnusableCohort, match=r"index\.end is no date"):
        clinic(tmp_path, index=INDEX | {"end": "soon"})
    with pytest.raises(UnusableCohort, match="Nobody has a baseline"):
        clinic(tmp_path, index=INDEX | {"first": "hip_axis_length_mm"})
    fixed = clinic(tmp_path, index={"date": "2014-06-01", "end": END.isoformat()})
    assert fixed.follow_up["any"].years.max() <= (END - date(2014, 6, 1)).days / 365.25 + 1e-5


def test_a_baseline_lies_inside_observation_and_its_look_back(tmp_path: Path) -> None:
    folder = write_omop(tmp_path / "omop", people(40))
    periods = ["person_id,observation_period_start_date,observation_period_end_date"]
    for i, one in enumerate(people(40)):
        start = one["scan"] - timedelta(days=100 if i == 0 else 400)
        end = date(2016, 1, 1) if i == 1 else date(2023, 1, 1)
        periods.append(f"{one['id']},{start},{end}")
    (folder / "observation_period.csv").write_text("\n".join(periods) + "\n", encoding="utf-8")
    cohort = read_cohort(told(
        folder, codes=OMOP_CODES, columns=[CRP],
        index=INDEX | {"observed_before_years": 1},
    ))  # fmt: skip
    assert "1000" not in cohort.people.tolist()
    longest = (date(2016, 1, 1) - people(2)[1]["scan"]).days / 365.25
    where = cohort.people.tolist().index("1001")
    assert cohort.follow_up["any"].years[where] <= longest + 1e-5
