"""Cards by themselves: short enough, sound by schema, and silent where there is nothing to say."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from fhir.resources.R4B.servicerequest import ServiceRequest

from riskapp.exchange.cds_cards import Card, cards
from riskapp.exchange.cds_codes import KINDS, REASONS, REASONS_FOR, Kind
from riskapp.exchange.cds_situation import Orders, Situation, Where
from riskapp.exchange.cds_suggestions import dxa_request
from riskapp.exchange.cds_timing import early_scan
from riskapp.exchange.cds_wording import LONGEST_SUMMARY, escaped, summary
from riskapp.exchange.reading import read_profile
from riskapp.risk.estimate import EstimateOptions
from riskapp.risk.evidence import EvidenceEngine
from riskapp.risk.guideline_data import listed
from riskapp.risk.profile import FACTORS, Treatment
from tests.api.cds.schemas import CARD, holds

TODAY = date(2026, 3, 2)
SOMEBODY = {"population": "gb", "age_years": 72, "sex": "female"}
THIN = {"femoral_neck_t_score": -3.1, "prior_fragility_fracture": True}
WELL = {"femoral_neck_t_score": 0.5} | dict.fromkeys(FACTORS, False)
ON_DRUG = {"osteoporosis_treatment": "denosumab", "osteoporosis_treatment_years": 6}
SCAN, DRUG = Orders(dxa=("ServiceRequest/1",)), Orders(medicines=(Treatment.DENOSUMAB,))


def situation(answers: dict[str, Any], code: str = "nogg-2024", **more: Any) -> Situation:
    profile = read_profile(SOMEBODY | answers).profile
    options = EstimateOptions(explain=False, guideline=code)
    return Situation(
        estimate=EvidenceEngine().estimate(profile, options),
        profile=profile,
        patient="Patient/7",
        today=TODAY,
        where=Where("https://site.example/"),
        **more,
    )


def kinds(made: tuple[Card, ...]) -> list[Kind]:
    return [one.kind for one in made]


def every_situation() -> Iterator[Situation]:
    for guideline in listed():
        for answers in ({}, THIN, WELL, THIN | ON_DRUG, {"age_years": 52}):
            for orders in (None, DRUG):
                yield situation(answers, guideline.code, orders=orders)


def test_every_card_of_every_guideline_is_as_the_specification_has_it() -> None:
    seen = set()
    for one in every_situation():
        for card in cards(one):
            holds(CARD, card.content)
            seen.add(card.kind)
    assert seen == set(Kind) - {Kind.EARLY_SCAN}


def test_what_is_long_is_cut_at_the_longest_that_is_allowed() -> None:
    assert summary("x" * 139) == "x" * 139
    assert len(summary("x" * 140)) == LONGEST_SUMMARY
    assert summary("x" * 140, "short") == "short"


@pytest.mark.parametrize(
    ("answers", "orders", "expected"),
    [
        (THIN, None, [Kind.HIGH_RISK]),
        (THIN, DRUG, []),
        ({}, None, [Kind.MISSING]),
        (WELL, None, []),
        (WELL, DRUG, [Kind.BELOW]),
        (THIN | ON_DRUG, None, [Kind.TREATED]),
        (WELL | ON_DRUG, None, [Kind.TREATED]),
        (WELL | ON_DRUG | {"osteoporosis_treatment_years": 4}, None, []),
        (WELL | ON_DRUG | {"osteoporosis_treatment_years": 4}, DRUG, [Kind.TREATED]),
        (WELL | {"dxa_date": "2025-12-01"}, SCAN, [Kind.EARLY_SCAN]),
        (WELL, SCAN, []),
        ({"age_years": 52}, None, []),
        ({"age_years": 52}, DRUG, [Kind.MISSING]),
    ],
)
def test_what_is_said_when(
    answers: dict[str, Any], orders: Orders | None, expected: list[Kind]
) -> None:
    assert kinds(cards(situation(answers, orders=orders))) == expected


def test_level_three_is_critical_and_level_two_a_warning() -> None:
    (very_high,) = cards(situation(THIN))
    assert very_high.content["indicator"] == "critical"
    (high,) = cards(situation({"prior_fragility_fracture": True, "femoral_neck_t_score": -2.0}))
    assert high.content["indicator"] == "warning"


@pytest.mark.parametrize(
    ("changes", "is_early"),
    [
        # A quarter before the year is over counts as done.
        ({"dxa_date": "2025-06-03"}, True),
        ({"dxa_date": "2025-06-02"}, False),
        ({"dxa_date": "2026-03-02"}, True),
        ({"dxa_date": "2026-03-03"}, False),
        ({}, False),
        ({"dxa_date": "2025-12-01", "glucocorticoids": True}, False),
        (
            {
                "dxa_date": "2025-12-01",
                "prior_fragility_fracture": True,
                "prior_fracture_months_ago": 1,
            },
            False,
        ),
        (
            {
                "dxa_date": "2025-12-01",
                "prior_fragility_fracture": True,
                "prior_fracture_months_ago": 40,
            },
            True,
        ),
    ],
)
def test_when_a_scan_is_too_early(changes: dict[str, Any], is_early: bool) -> None:
    profile = read_profile(SOMEBODY | {"femoral_neck_t_score": -1.0} | changes).profile
    assert (early_scan(profile, TODAY) is not None) is is_early


def test_the_rule_is_another_one_on_treatment() -> None:
    told = SOMEBODY | {"femoral_neck_t_score": -1.0, "dxa_date": "2025-12-01"} | ON_DRUG
    early = early_scan(read_profile(told).profile, TODAY)
    assert early is not None
    assert early.rule.code == "scan_on_treatment"


def test_an_order_without_more_than_the_patient_is_a_valid_resource() -> None:
    told = dxa_request(situation({}), "Asked for by the guideline")
    assert {"encounter", "requester"}.isdisjoint(told)
    assert ServiceRequest.model_validate(told).status == "draft"


@pytest.mark.parametrize(
    "text", ["<script>", "[a](javascript:x)", "**b**", "a\n# b", "![x](y)", "`c`", "| d |"]
)
def test_what_others_wrote_is_plain_text(text: str) -> None:
    told = escaped(text)
    assert "<" not in told
    assert "\n" not in told
    assert "](" not in told
    assert "**" not in told


def test_each_kind_has_words_and_reasons() -> None:
    assert set(KINDS) == set(REASONS_FOR) == set(Kind)
    assert {code for codes in REASONS_FOR.values() for code in codes} == set(REASONS)
