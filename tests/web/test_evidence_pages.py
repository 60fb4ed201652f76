"""Evidence sets side by side: chosen, remembered, named beside the number and kept as it was."""

import re
import time
from typing import Any

import pytest
from django.test import Client

from riskapp.actions import comparing
from riskapp.actions.scoring import score
from riskapp.models import Assessment, Patient
from riskapp.risk.errors import OutsideModelRange
from riskapp.risk.estimate import EstimateOptions
from riskapp.web.presenters.people import natural_frequency
from tests.web.reading import text_of
from tests.web.record import ANSWERS, answer, figures, new

pytestmark = pytest.mark.django_db
NEWER = {"evidence_set": "meta-2025"}
PARENT = ANSWERS | {"parent_hip_fracture": "true"}


def by(evidence_set: str, answers: dict[str, str], sex: str = "female") -> list[str]:
    """The two numbers of one evidence set, as pages write them, major first."""
    told = score(answers | {"sex": sex}, options=EstimateOptions(evidence_set=evidence_set))
    outcomes = told.estimates[0].outcomes
    return [
        f"{100 * outcomes[name].probability_10y:.1f}\u00a0%"
        for name in ("major_osteoporotic", "hip")
    ]


def compared(page: str) -> list[str]:
    """The two small numbers below the big ones."""
    section = page.split('aria-label="By other evidence"')[1].split("</section>")[0]
    return re.findall(r"<p>(?:Major|Hip) <strong>([^<]*)</strong></p>", section)


@pytest.mark.parametrize(
    ("chosen", "other"), [("frax-2008", "meta-2025"), ("meta-2025", "frax-2008")]
)
def test_the_other_set_stands_below_the_numbers_of_the_one_chosen(
    pages: Client, patient: Patient, chosen: str, other: str
) -> None:
    page = pages.post(answer(patient), PARENT | {"evidence_set": chosen}).content.decode()
    assert figures(page.encode()) == by(chosen, PARENT)
    assert compared(page) == by(other, PARENT)
    assert figures(page.encode()) != compared(page)


def test_the_chosen_set_is_named_beside_the_number(pages: Client, patient: Patient) -> None:
    usual = pages.post(answer(patient), ANSWERS).content.decode()
    headline = usual.split("other-evidence")[0]
    assert "FRAX\u2019s effects (2008): comparable with FRAX, not FRAX itself." in headline
    newer = pages.post(answer(patient), ANSWERS | NEWER).content.decode()
    assert "Newer meta-analyses (2023\u201325)" in newer.split("other-evidence")[0]


def test_the_choice_is_remembered_and_can_be_taken_back(pages: Client, patient: Patient) -> None:
    picked = '<option value="meta-2025" selected>'
    assert '<option value="frax-2008" selected>' in pages.get(new(patient)).content.decode()
    pages.post(answer(patient), ANSWERS | NEWER)
    assert picked in pages.get(new(patient)).content.decode()
    pages.post(answer(patient), ANSWERS | {"evidence_set": "frax-2008"})
    assert picked not in pages.get(new(patient)).content.decode()


def test_a_set_that_is_not_held_is_read_as_the_usual_one(pages: Client, patient: Patient) -> None:
    page = pages.post(answer(patient), ANSWERS | {"evidence_set": "<script>"})
    assert figures(page.content) == by("frax-2008", ANSWERS)
    assert "<script>" not in page.content.decode()


def test_what_the_other_set_borrows_is_said_of_what_is_known(
    pages: Client, patient: Patient
) -> None:
    page = pages.post(answer(patient), ANSWERS).content.decode()
    borrowed = page.split("borrowed from FRAX\u2019s effects: ")[1].split("</p>")[0]
    assert "femoral neck T-score" in borrowed
    assert "body mass index in part" in borrowed
    assert "parental hip fracture" not in borrowed
    assert "glucocorticoids" not in borrowed  # not known
    newer = pages.post(answer(patient), ANSWERS | NEWER).content.decode()
    why = newer.split('id="why-heading"')[1].split("</section>")[0]
    lines = [line for line in why.split("<summary") if "(borrowed)" in line]
    assert any(">Femoral neck T-score:" in line for line in lines)
    assert not any(">Prior fragility fracture:" in line for line in lines)


def test_the_verdict_says_that_its_thresholds_were_set_for_frax(
    pages: Client, patient: Patient
) -> None:
    said = "Its thresholds were set for FRAX’s probabilities"
    newer = pages.post(answer(patient), ANSWERS | NEWER).content.decode()
    assert said in newer.split('id="guidelines-heading"')[1].split("Sources of these rules")[0]
    assert "No guideline set its thresholds for these numbers" in newer
    back = ANSWERS | {"evidence_set": "frax-2008"}
    usual = pages.post(answer(patient), back).content.decode()
    assert said not in usual
    assert "Comparable with FRAX, but not FRAX" in usual


def test_a_stored_assessment_keeps_both_numbers_whatever_is_calibrated_later(
    pages: Client, patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages.post(new(patient), PARENT | NEWER)
    stored = Assessment.objects.get()
    assert stored.evidence_set == stored.options["evidence_set"] == "meta-2025"
    (other,) = stored.other_evidence
    assert other["model_id"].startswith("evidence-frax-2008-")

    def never(*_: Any) -> None:
        raise AssertionError("asked again")

    monkeypatch.setattr(comparing, "other_evidence", never)
    monkeypatch.setattr("riskapp.web.asking.other_evidence", never)
    page = text_of(pages, f"/assessments/{stored.pk}/")
    assert figures(page.encode()) == by("meta-2025", PARENT)
    assert compared(page) == by("frax-2008", PARENT)
    # An assessment from before has no such line, and nothing is made up for it.
    for one in Assessment.objects.all():
        one.other_evidence = []
        one.save()
    assert "By other evidence" not in text_of(pages, f"/assessments/{stored.pk}/")


def test_a_new_assessment_starts_with_the_set_of_the_one_it_is_made_from(
    pages: Client, patient: Patient
) -> None:
    pages.post(new(patient), ANSWERS | NEWER)
    stored = Assessment.objects.get()
    pages.post(answer(patient), ANSWERS | {"evidence_set": "frax-2008"})
    page = pages.get(f"{new(patient)}?from={stored.pk}").content.decode()
    assert '<option value="meta-2025" selected>' in page
    assert figures(page.encode()) == by("meta-2025", ANSWERS)
    # Only looked at: what is remembered stays.
    assert '<option value="frax-2008" selected>' in pages.get(new(patient)).content.decode()


def test_other_engines_stand_beside_the_set_that_was_chosen(
    pages: Client, patient: Patient
) -> None:
    page = pages.post(f"/patients/{patient.pk}/assessments/engines/", PARENT | NEWER)
    major, hip = by("meta-2025", PARENT)
    row = page.content.decode().split("Evidence (used above)")[1].split("</tr>")[0]
    assert major.split("\u00a0")[0] in row
    assert "evidence-meta-2025" in row


def test_the_patients_page_counts_by_the_chosen_set_and_says_nothing_of_it(
    pages: Client, patient: Patient
) -> None:
    sent = PARENT | {"femoral_neck_t_score": "-3.3"}
    counts = {}
    for name in ("frax-2008", "meta-2025"):
        pages.post(new(patient), sent | {"evidence_set": name})
        stored = Assessment.objects.get()
        page = text_of(pages, f"/assessments/{stored.pk}/decide/")
        told = natural_frequency(stored.estimates[0]["outcomes"]["hip"])
        assert f'<span class="count">{told.count} of 100</span>' in page
        counts[name] = told.count
        to_the_patient = re.sub(r'<(p|div) class="clinician-words".*?</\1>', "", page)
        for word in ("meta-", "FRAX", "evidence set"):
            assert word not in to_the_patient
        stored.delete()
    assert counts["frax-2008"] != counts["meta-2025"]


def test_a_set_without_an_answer_says_so_in_a_sentence(
    pages: Client, patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    from riskapp.risk import predicting

    point = predicting.estimate

    def silent(profile: Any, options: EstimateOptions, *more: Any) -> Any:
        if options.evidence_set == "meta-2025":
            raise OutsideModelRange("Evidence set 'meta-2025' is not calibrated for 'gb'.")
        return point(profile, options, *more)

    monkeypatch.setattr(predicting, "estimate", silent)
    page = pages.post(answer(patient), ANSWERS).content.decode()
    assert len(figures(page.encode())) == 2
    section = page.split('aria-label="By other evidence"')[1].split("</section>")[0]
    assert "is not calibrated for" in section
    chosen = pages.post(answer(patient), ANSWERS | NEWER).content.decode()
    assert "No answer for this person" in chosen
    assert "is not calibrated for" in chosen


def test_both_parts_of_the_interval_are_named_in_words(pages: Client, patient: Patient) -> None:
    page = pages.post(answer(patient), ANSWERS).content.decode()
    assert "Why the interval is this wide" in page
    assert "Doubt about the published effects alone" in page
    assert "What is not known about this person alone" in page


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("hip_axis_length_mm", "104", "Hip axis length is given but not used"),
        ("number_of_prior_fractures", "2", "Number of prior fractures is given but not used"),
        ("glucocorticoid_duration_months", "9", "Glucocorticoid duration is given but not used"),
        ("lumbar_texture_score", "0.9", "Lumbar texture score is given but not used"),
        ("total_hip_t_score", "-2.1", "the femoral neck is known"),
        ("prior_fracture_site", "hip", "The site of the fracture is given but not used"),
    ],
)
def test_an_answer_that_does_not_count_is_a_note_unless_it_hides_a_higher_risk(
    pages: Client, patient: Patient, field: str, value: str, said: str
) -> None:
    page = pages.post(answer(patient), ANSWERS | {field: value}).content.decode()
    section = page.partition('id="warnings-heading"')[2].partition("</section>")[0]
    warned, _, notes = section.partition('id="left-out"')
    is_warning = field == "number_of_prior_fractures"  # the true risk is higher
    assert (said in notes) != is_warning
    assert (said in warned) == is_warning
    assert said not in pages.post(answer(patient), ANSWERS).content.decode()


def test_a_question_says_in_one_line_that_its_answer_does_not_count(
    pages: Client, patient: Patient
) -> None:
    page = pages.post(answer(patient), ANSWERS | {"total_hip_t_score": "-2.1"}).content.decode()
    short = 'data-cost-for="total_hip_t_score" data-cost="Does not count in this estimate" hidden'
    assert page.count(short) == 1
    assert (
        'data-cost-for="total_hip_t_score"'
        not in pages.post(answer(patient), ANSWERS).content.decode()
    )


def test_populations_are_grouped_and_race_is_named_where_it_is_used(
    pages: Client, patient: Patient
) -> None:
    page = pages.get(new(patient)).content.decode()
    listed = page.split('<select class="select" id="population"')[1].split("</select>")[0]
    order = re.findall(r'optgroup label="([^"]*)"|option value="([^"]+)"', listed)
    told = [heading or code for heading, code in order]
    assert told[:3] == ["gb", "United States, race not used", "us"]
    assert told[3] == "United States, where the service uses race or ethnicity"
    assert told[4:8] == ["us-asian", "us-black", "us-hispanic", "us-white"]
    assert told[8:] == [
        *("Asia, women only", "cn", "hk", "jp", "kr", "tw", "th"),
        *("Other countries", "ee"),
    ]
    assert "does not use race" in page


def test_both_sets_together_are_quick(pages: Client, patient: Patient) -> None:
    pages.post(answer(patient), ANSWERS | NEWER)  # the first reads the data files
    took = []
    for _ in range(5):
        start = time.process_time()
        pages.post(answer(patient), {"population": "gb", "age_years": "71"} | NEWER)
        took.append(time.process_time() - start)
    assert min(took) < 0.15
