"""What the pages show is what other programs get for the same person, to the shown rounding."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from django.contrib.auth.models import User
from django.test import Client

from riskapp.actions.registering import register_patient
from riskapp.models import Patient
from tests.web.markup import read, text_of
from tests.web.reading import text_of as page_of
from tests.web.record import answer, new

pytestmark = pytest.mark.django_db
MAJOR, HIP = "major_osteoporotic", "hip"
# Born so, of this sex, with these answers: from nothing known to everything, from low to high.
PEOPLE: dict[str, tuple[str, str, dict[str, str]]] = {
    "nothing known": ("1956-02-03", "female", {"population": "gb"}),
    "a man of whom nothing is known": ("1951-05-06", "male", {"population": "us-white"}),
    "young and well": (
        "1980-01-01",
        "female",
        {
            "population": "us-asian",
            "prior_fragility_fracture": "false",
            "current_smoker": "false",
            "femoral_neck_t_score": "0.4",
        },
    ),
    "nearly 90": ("1937-01-01", "female", {"population": "gb", "femoral_neck_t_score": "-3.9"}),
    "fractures": (
        "1949-03-04",
        "female",
        {
            "population": "gb",
            "prior_fragility_fracture": "true",
            "number_of_prior_fractures": "2",
            "prior_fracture_site": "vertebra",
            "prior_fracture_months_ago": "9",
        },
    ),
    "glucocorticoids": (
        "1958-07-08",
        "male",
        {"population": "gb", "glucocorticoids": "true", "glucocorticoid_dose_mg_daily": "10"},
    ),
    "density": (
        "1955-09-09",
        "female",
        {"population": "us-black", "femoral_neck_bmd_g_cm2": "0.61", "dxa_manufacturer": "hologic"},
    ),
    "diabetes and falls": (
        "1950-10-11",
        "female",
        {"population": "gb", "type_2_diabetes_years": "12", "falls_last_year": "3"},
    ),
    "light": (
        "1953-12-12",
        "female",
        {"population": "gb", "weight_kg": "41", "height_cm": "171"},
    ),
    "other evidence": (
        "1953-12-12",
        "female",
        {
            "population": "gb",
            "evidence_set": "meta-2025",
            "current_smoker": "true",
            "femoral_neck_t_score": "-2.5",
        },
    ),
    "treated": (
        "1952-01-30",
        "female",
        {
            "population": "gb",
            "osteoporosis_treatment": "zoledronate",
            "femoral_neck_t_score": "-2.9",
        },
    ),
    "everything": (
        "1954-04-04",
        "male",
        {
            "population": "gb",
            "weight_kg": "80",
            "height_cm": "180",
            "prior_fragility_fracture": "false",
            "parent_hip_fracture": "true",
            "current_smoker": "true",
            "glucocorticoids": "false",
            "rheumatoid_arthritis": "true",
            "secondary_osteoporosis": "false",
            "alcohol_3_or_more_units_daily": "true",
            "femoral_neck_t_score": "-1.1",
        },
    ),
}


def percent(probability: float) -> str:
    text = f"{100 * probability:.1f}"
    return f"{'under 0.1' if probability > 0 and text == '0.0' else text} %"


def interval(ends: list[float]) -> str:
    return " to ".join(dict.fromkeys(percent(end).removesuffix(" %") for end in ends)) + " %"


def points(probability: float) -> str:
    text = f"{abs(100 * probability):.1f}"
    return text if text == "0.0" else ("+" if probability > 0 else "\N{MINUS SIGN}") + text


def of_class(tree: Element, name: str) -> Iterator[Element]:
    return (one for one in tree.iter() if name in one.get("class", "").split())


def check_answer(page: str, estimate: Mapping[str, Any]) -> None:
    """The two figures with their intervals, and every line of the two waterfalls."""
    tree = read(page).tree
    shown = [text_of(one) for one in of_class(tree, "outcome-figure")]
    for outcome, text in zip((MAJOR, HIP), shown, strict=True):
        told = estimate["outcomes"][outcome]
        assert text.startswith(percent(told["probability_10y"])), outcome
        assert interval(told["interval_95"]) in text
    whole = text_of(tree)
    for outcome in (MAJOR, HIP):
        for part in ("interval_95_model", "interval_95_unknown"):
            if estimate["unknown"] or part == "interval_95_model":
                assert interval(estimate["outcomes"][outcome][part]) in whole
    explanation = estimate["explanation"]
    drawn = [one for one in tree.iter("table") if "waterfall" in one.get("class", "").split()]
    for outcome, table in zip((MAJOR, HIP), drawn, strict=True):
        first, *_, last = of_class(table, "sum-row")
        assert percent(explanation["baseline"][outcome]) in text_of(first)
        assert percent(estimate["outcomes"][outcome]["probability_10y"]) in text_of(last)
        changes = sorted(
            text_of(row.findall("td")[-1])
            for row in table.iter("tr")
            if not {"sum-row", "group-row"} & {*row.get("class", "").split()}
            and row.find("th[@scope='row']") is not None
        )
        told = [one["probability"][outcome] for one in explanation["contributions"]]
        assert changes == sorted(points(one) for one in told), outcome


@pytest.mark.parametrize("name", PEOPLE)
def test_each_page_shows_the_numbers_of_the_api(pages: Client, owner: User, name: str) -> None:
    born, sex, answers = PEOPLE[name]
    patient = register_patient(
        by=owner,
        name="Ada Example",
        record_number="A-9",
        date_of_birth=date.fromisoformat(born),
        sex=sex,
    )
    live = pages.post(answer(patient), answers).content.decode()
    saved = pages.post(new(patient), answers)
    assert saved.status_code == 302
    stored = page_of(pages, saved["Location"])
    estimate = told_by_the_api(pages, patient)
    check_answer(stored, estimate)
    check_answer(live, estimate)
    major, hip = (estimate["outcomes"][one]["probability_10y"] for one in (MAJOR, HIP))
    history = text_of(read(page_of(pages, f"/patients/{patient.pk}/")).tree)
    for outcome in (MAJOR, HIP):
        assert f"({interval(estimate['outcomes'][outcome]['interval_95'])[:-2]})" in history
    for address in ("/", f"/patients/{patient.pk}/"):
        words = text_of(read(page_of(pages, address)).tree)
        for probability in (major, hip):
            assert percent(probability).removesuffix(" %") in words, address
    together = text_of(read(page_of(pages, f"{saved['Location']}decide/")).tree)
    for probability in (major, hip):
        assert percent(probability) in together
        count = round(100 * probability)
        assert (f"about {count} of" if count else "fewer than 1 of") in together


def told_by_the_api(client: Client, patient: Patient) -> dict[str, Any]:
    """Stored and asked anew, which are the same."""
    reply = client.get(f"/api/v1/assessments/{patient.assessments.get().pk}/").json()
    (stored,) = (one for one in reply["estimates"] if one["engine"] == "evidence")
    body = {"profile": reply["profile"], "evidence_set": stored["evidence_set"], "explain": True}
    asked = client.post("/api/v1/scores/", body, content_type="application/json").json()
    (anew,) = asked["results"][0]["estimates"]
    for outcome in (MAJOR, HIP):
        assert anew["outcomes"][outcome] == stored["outcomes"][outcome]
    return stored
