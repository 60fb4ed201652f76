"""What leaves as FHIR says the number that we say, and what it rests on."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskapp.exchange.clinical_codes import Meaning, standard_codes
from riskapp.exchange.fhir.reading import read_record
from riskapp.exchange.fhir.writing import codes
from riskapp.exchange.fhir.writing.bundle import collection, versioned
from riskapp.exchange.fhir.writing.elements import percent, years_later
from riskapp.exchange.fhir.writing.extensions import EXTENSIONS
from riskapp.exchange.fhir.writing.observation import STANDARD, observation
from riskapp.exchange.fhir.writing.prediction import predictions
from riskapp.exchange.fhir.writing.risk_assessment import may_leave, risk_assessment
from riskapp.exchange.wording import SAFETY
from riskapp.risk.limits import RANGES
from tests.fhir.answers import AT, PEOPLE, all_resources, assessed, estimated
from tests.fhir.rules import references

INPUTS = {"Patient/pat-1", "Observation/dxa-7", "urn:uuid:8c3b2d18-4b5e-4c59-8a0f-9d7f4f7a2b10"}


def test_the_ten_years_come_first_and_all_years_follow() -> None:
    estimate, _ = estimated(PEOPLE["density"])
    made = predictions(estimate, AT.date())
    first, second = made[:2]
    assert [one["outcome"]["coding"][0]["code"] for one in (first, second)] == [
        "major_osteoporotic",
        "hip",
    ]
    assert first["whenPeriod"] == {"start": "2026-02-28", "end": "2036-02-28"}
    ends = [one["whenPeriod"]["end"][:4] for one in made[2:]]
    assert ends == 2 * [str(year) for year in range(2027, 2036)]


def test_a_leap_day_ends_on_the_28th_of_a_common_year() -> None:
    leap = AT.date().replace(year=2024, month=2, day=29)
    assert years_later(leap, 1).isoformat() == "2025-02-28"
    assert years_later(leap, 4).isoformat() == "2028-02-29"


@pytest.mark.parametrize("name", PEOPLE)
def test_a_probability_is_a_percentage_with_every_digit(name: str) -> None:
    estimate, _ = estimated(PEOPLE[name])
    made = predictions(estimate, AT.date())
    answer = estimate["outcomes"]["hip"]
    hip = made[1]
    assert hip["probabilityDecimal"] == pytest.approx(100 * answer["probability_10y"], rel=1e-15)
    exact = {
        one["url"].rsplit("/", 1)[1]: one for one in hip["extension"] if "extension" not in one
    }
    assert exact["fraction"]["valueDecimal"] == answer["probability_10y"]
    low, high = (exact["interval-95"]["valueRange"][end]["value"] for end in ("low", "high"))
    assert [low, high] == pytest.approx([100 * end for end in answer["interval_95"]], rel=1e-15)
    curve = dict(map(tuple, answer["curve"]))
    assert made[-1]["probabilityDecimal"] == percent(curve[9])


@given(st.floats(min_value=0, max_value=1))
def test_moving_the_decimal_point_loses_no_digit_that_is_shown(probability: float) -> None:
    moved = Decimal(repr(percent(probability))) / 100
    assert 0 <= percent(probability) <= 100
    assert float(moved) == pytest.approx(probability, rel=4e-16)


def test_what_learned_from_simulated_people_is_never_written() -> None:
    answers = PEOPLE["density"]
    told = assessed(answers, options={"engine": "cox"})
    assert "simulated" in told.estimate["trained_on"]
    with pytest.raises(ValueError, match="never sent"):
        risk_assessment(told, with_observations=False)


def test_a_model_leaves_only_when_it_is_approved_and_met_real_people() -> None:
    evidence = {"engine": "evidence", "model_id": "e", "trained_on": "published"}
    ours = {"engine": "cox", "model_id": "clinic-1", "trained_on": "cohort clinic"}
    assert may_leave(evidence, [])
    assert may_leave(ours, ["clinic-1"])
    assert not may_leave(ours, ["clinic-2"])
    assert not may_leave(ours | {"trained_on": "simulated people"}, ["clinic-1"])


def test_a_category_is_coded_only_where_it_holds_whatever_is_not_known() -> None:
    estimate, _ = estimated(PEOPLE["treated"], guideline="bhof-2022")
    held = estimate["guidelines"][0]
    coded = predictions(estimate, AT.date())[0]["qualitativeRisk"]
    assert held["category"]
    assert coded["coding"][0]["code"] in codes.guideline_categories()
    open_ = estimate | {
        "guidelines": [held | {"category": None, "possible": ["x", held["at_least"]]}]
    }
    left = predictions(open_, AT.date())[0]["qualitativeRisk"]
    assert "coding" not in left
    assert "also possible: x" in left["text"]
    not_for = estimate | {"guidelines": [held | {"applies": False, "at_least": None}]}
    assert "qualitativeRisk" not in predictions(not_for, AT.date())[0]


def test_what_is_not_known_what_was_used_and_what_was_not_is_said() -> None:
    made = risk_assessment(assessed(PEOPLE["everything"]), with_observations=False)
    notes = "\n".join(one["text"] for one in made["note"])
    assert SAFETY in notes
    assert "Trained on: published." in notes
    assert (
        "Femoral neck T-score −2.90: Observation/dxa-7, 2025-12-01" in notes
        or "Observation/dxa-7" in notes
    )
    assert "Not used:\nObservation/dxa-1: Observation/dxa-7 is newer." in notes
    nothing = risk_assessment(assessed(PEOPLE["nothing known"]), with_observations=False)
    assert nothing["note"][0]["text"].startswith("Not known, and averaged over, never read as no:")
    said = {one["url"].rsplit("/", 1)[1] for one in nothing["extension"]}
    assert {"unknown", "trained-on", "passed-over", "input"} <= said


def inputs_of(answers: Mapping[str, object]) -> dict[str, dict[str, Any]]:
    """Field -> part -> its element, of the extensions that tell what was known."""
    made = risk_assessment(assessed(answers), with_observations=False)
    told = [one["extension"] for one in made["extension"] if one["url"].endswith("/input")]
    parts = [{part["url"]: part for part in one} for one in told]
    return {one["field"]["valueCode"]: one for one in parts}


def test_each_input_is_told_in_the_type_that_it_has() -> None:
    told = {
        field: {name: value for name, value in parts["value"].items() if name != "url"}
        for person in ("everything", "oldest", "falls and diabetes")
        for field, parts in inputs_of(PEOPLE[person]).items()
    }
    ucum = {"system": codes.UCUM}
    assert told["weight_kg"] == {"valueQuantity": ucum | {"value": 58, "unit": "kg", "code": "kg"}}
    assert told["femoral_neck_t_score"]["valueQuantity"]["code"] == "1"
    assert told["falls_last_year"]["valueQuantity"]["code"] == "{count}"
    assert told["parent_hip_fracture"] == {"valueBoolean": False}
    assert told["dxa_date"] == {"valueDate": "2025-11-30"}
    assert told["population"] == {"valueCode": "gb"}
    (coded,) = told["osteoporosis_treatment"]["valueCodeableConcept"]["coding"]
    assert coded["code"] == "osteoporosis_treatment.none"


@pytest.mark.parametrize("name", PEOPLE)
def test_each_input_has_the_parts_and_types_of_its_definition(name: str) -> None:
    known = {name.removesuffix("?"): kind for name, kind in EXTENSIONS["input"].parts.items()}
    for field, parts in inputs_of(PEOPLE[name]).items():
        for part, element in parts.items():
            (typed,) = element.keys() - {"url"}
            allowed = [f"value{one[0].upper()}{one[1:]}" for one in known[part].split("|")]
            assert typed in allowed, field


def test_every_source_is_in_the_basis_once() -> None:
    made = risk_assessment(assessed(PEOPLE["everything"]), with_observations=False)
    named = [one["reference"] for one in references(made["basis"])]
    assert named[0] == "Patient/pat-1"
    assert set(named) >= INPUTS
    assert len(named) == len(set(named))


def test_a_name_of_another_system_is_no_reference_in_what_is_stored() -> None:
    made = risk_assessment(assessed(PEOPLE["everything"], is_stored=True), with_observations=False)
    assert "Observation/dxa-7" not in {one["reference"] for one in references(made["basis"])}
    named = [one["identifier"]["value"] for one in made["basis"] if "identifier" in one]
    assert "Observation/dxa-7" in named


@pytest.mark.parametrize("field", STANDARD)
def test_a_standard_code_is_read_back_as_the_field_that_it_was_written_for(field: str) -> None:
    given: Mapping[str, Any] = {"population": "gb", "age_years": 70, "sex": "female"}
    value = -1.5 if field.endswith("t_score") else (RANGES[field].low + RANGES[field].high) / 2
    maker = {"dxa_manufacturer": "hologic"} if "bmd" in field else {}
    profile = {**given, field: value, **maker}
    made = observation(assessed(PEOPLE["nothing known"], profile=profile), field)
    loinc = made["code"]["coding"][0]
    sites = [f"{one['system']}|{one['code']}" for one in made.get("bodySite", {}).get("coding", [])]
    assert Meaning(field) in standard_codes().meanings(loinc["system"], loinc["code"], sites)
    assert made["valueQuantity"]["code"] == RANGES[field].ucum


def test_the_same_is_written_the_same() -> None:
    told = assessed(PEOPLE["density"])
    assert all_resources(told) == all_resources(told)
    first, second = (collection(all_resources(told), AT) for _ in range(2))
    assert first == second
    changed = assessed(PEOPLE["density"], author="somebody else")
    before, after = (
        versioned(all_resources(one)[-2])["meta"]["versionId"] for one in (told, changed)
    )
    assert before != after


@pytest.mark.parametrize("name", PEOPLE)
def test_what_is_written_is_read_back_as_it_was(name: str) -> None:
    told = assessed(PEOPLE[name], chosen=())
    sent = collection(all_resources(told), AT)
    read = read_record([sent], today=AT.date(), patient="pat-1")
    # Of the Patient, who is not among these; a day without a density says nothing.
    of_the_person = {"population", "age_years", "sex"}
    known = {field: value for field, value in told.profile.items() if field not in of_the_person}
    if "dxa_date" in known:
        assert read.chosen[0].effective == known.pop("dxa_date")
    assert {field: read.answers[field] for field in known} == known


@pytest.mark.parametrize(("count", "told_of"), [(500, 500), (501, 500)])
def test_thousands_that_answer_nothing_do_not_swell_the_answer(count: int, told_of: int) -> None:
    over = [{"resource": f"Encounter/{one}", "field": "", "why": "-"} for one in range(count)]
    made = risk_assessment(assessed(PEOPLE["a man"], passed_over=over), with_observations=False)
    urls = [one["url"].rsplit("/", 1)[1] for one in made["extension"]]
    assert urls.count("passed-over") == told_of
    (words,) = [one["text"] for one in made["note"] if one["text"].startswith("Not used:")]
    assert words.endswith(f"And {count - 50:,} more.")
