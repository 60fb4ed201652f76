"""The codes that we write: where ours live, and which standard ones say exactly the same.

FRAX's own LOINC codes (90264-3 and below) stand for FRAX's method alone and are never written.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from riskapp.exchange.cds_codes import KINDS as CDS_KINDS
from riskapp.exchange.cds_codes import OVERRIDES, REASONS, TOPICS
from riskapp.exchange.choices import CHOICES
from riskapp.exchange.fields import FIELDS
from riskapp.risk.guideline_data import listed

Json = dict[str, Any]

# The name of everything that is ours. Names under .example belong to nobody (RFC 2606), so that
# no other party can ever answer there; each server gives the definitions under its own /fhir/.
HOME = "https://trabecula.example/fhir"
LOINC = "http://loinc.org"
SNOMED = "http://snomed.info/sct"
UCUM = "http://unitsofmeasure.org"
URIS = "urn:ietf:rfc:3986"
OBSERVATION_CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
PARTICIPANT = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"
IDENTIFIER_TYPE = "http://terminology.hl7.org/CodeSystem/v2-0203"
DATA_OPERATION = "http://terminology.hl7.org/CodeSystem/v3-DataOperation"

# Our code systems, by the last part of their address: code -> what it means.
KINDS = {
    "fracture-risk-10y": "10-year probability of fracture",
    "fracture-risk-report": "Report of fracture risk",
    "fracture-risk-software": "Software that estimates fracture risk",
    "t-score-reference": "Reference population of a T-score",
}
METHODS = {
    "evidence": "Published epidemiology as hazards of fracture and death",
    "cox": "Cox regression learned from a cohort, on published epidemiology",
    "xgboost": "Boosted trees (XGBoost) learned from a cohort, on published epidemiology",
    "lightgbm": "Boosted trees (LightGBM) learned from a cohort, on published epidemiology",
    "neural": "Neural network learned from a cohort, on published epidemiology",
    "ensemble": "Mean of engines learned from a cohort, on published epidemiology",
}
OUTCOMES = {
    "major_osteoporotic": "First fracture of hip, clinical spine, proximal humerus or distal "
    "forearm",
    "hip": "First hip fracture",
}
# SNOMED CT has a concept for one of them, whatever it comes of, as VSAC lists it
# (2.16.840.1.113883.3.464.1003.113.12.1037); "osteoporotic fracture of bone" (443165006) is wider
# than the four sites of a major fracture.
OUTCOMES_IN_SNOMED = {"hip": ("263225007", "Fracture of proximal end of femur")}
SCORE_REFERENCES = {
    "nhanes-iii-women-20-29": "Women of 20 to 29, NHANES III",
    "of-the-device": "Young women, as the densitometer has them",
}


@cache
def guideline_categories() -> dict[str, str]:
    """Each category of each guideline, by a code made of both."""
    return {
        guideline_code(one.code, category.name): f"{one.name}: {category.name}"
        for one in listed()
        for category in one.categories
    }


def guideline_code(guideline: str, category: str) -> str:
    words = "".join(letter if letter.isalnum() else " " for letter in category.lower()).split()
    return f"{guideline}.{'-'.join(words)}"


@cache
def code_systems() -> dict[str, Mapping[str, str]]:
    """Every code system of ours with all of its codes."""
    answers = {
        f"{field}.{code}": f"{FIELDS[field].label}: {words}"
        for field, choices in CHOICES.items()
        if field in FIELDS
        for code, words in choices.items()
    }
    return {
        "kind": KINDS,
        "method": METHODS,
        "outcome": OUTCOMES,
        "field": {name: one.label for name, one in FIELDS.items()},
        "answer": answers,
        "guideline-category": guideline_categories(),
        "score-reference": SCORE_REFERENCES,
        TOPICS: {kind.value: words for kind, words in CDS_KINDS.items()},
        OVERRIDES: REASONS,
    }


def system(name: str) -> str:
    """The address of a code system of ours."""
    return f"{HOME}/CodeSystem/{name}"


def coding(name: str, code: str, display: str | None = None) -> Json:
    """A code of ours; ``display`` where the caller knows it already."""
    shown = display or code_systems()[name].get(code)
    return {"system": system(name), "code": code} | ({"display": shown} if shown else {})


def concept(name: str, code: str, text: str | None = None) -> Json:
    ours = coding(name, code)
    return {"coding": [ours], "text": text or ours.get("display", code)}
