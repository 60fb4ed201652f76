"""Every number, age and T-score that a printed rule names is true of the person."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskapp.risk.guideline_data import listed
from riskapp.risk.guidelines import facts_of, judge
from riskapp.risk.profile import RiskProfile
from tests.risk.guideline_cases import PROFILES, THREE_SITES, T, says

Facts = dict[str, Any]
Claim = Callable[[Facts, re.Match[str]], bool]
NUMBER = r"(−?\d+(?:\.\d+)?)"
# What a sentence says of the guideline, not of the person.
OF_THE_GUIDELINE = (
    r"these lines are meant for people whose T-score lies between −1\.0 and −2\.5",
    r"Once made by a T-score of −2\.5 or lower, the diagnosis stays .*",
    r"A change between two scans counts only beyond .* 2\.77 .*",
    r"At the least precision that is accepted, .*",
    r"suggests an image of the spine where major lies between 15 and 19\.9 %",
    r"the guideline’s limits are 14 units a week for women and 21 for men",
    r"NICE NG259 \(July 2026\) is said to replace .*",
)


def number(text: str) -> float:
    return float(text.replace("−", "-"))


def known_t_scores(facts: Facts) -> list[float]:
    return [facts[site] for site in THREE_SITES if facts[site] is not None]


def shown(facts: Facts, outcome: str, text: str) -> bool:
    """The percentage as printed, to the decimals that it is printed with."""
    decimals = len(text.partition(".")[2])
    return bool(abs(facts[f"{outcome}_percent"] - float(text)) <= 0.5001 * 10**-decimals)


def is_past_menopause(facts: Facts) -> bool:
    return facts["postmenopausal"] is True or facts["age_years"] >= 60


CLAIMS: tuple[tuple[str, Claim], ...] = (
    (r"^A woman\b(?! before)", lambda f, m: f["sex"] == "female"),
    (r"^A man\b", lambda f, m: f["sex"] == "male"),
    (r"^A woman past the menopause", lambda f, m: is_past_menopause(f)),
    (
        r"^A woman before the menopause, or a man under 50",
        lambda f, m: f["age_years"] < 50 if f["sex"] == "male" else f["postmenopausal"] is not True,
    ),
    (
        rf"\b(?:woman|man|Age) (?:of )?{NUMBER} or over",
        lambda f, m: f["age_years"] >= number(m[1]),
    ),
    (
        rf"past the menopause, {NUMBER} to {NUMBER}\b",
        lambda f, m: number(m[1]) <= f["age_years"] < number(m[2]) + 1,
    ),
    (
        rf"(?:(?<!a man )[Uu]nder|Below age) {NUMBER}\b",
        lambda f, m: f["age_years"] < number(m[1]),
    ),
    (rf"^Above {NUMBER},", lambda f, m: f["age_years"] > number(m[1])),
    (
        rf"\bT-score between {NUMBER} and {NUMBER}",
        lambda f, m: number(m[2]) < min(known_t_scores(f)) <= number(m[1]),
    ),
    (
        rf"T-score of {NUMBER} at the femoral neck, between {NUMBER} and {NUMBER}",
        lambda f, m: number(m[3]) < f[T] == number(m[1]) < number(m[2]),
    ),
    (
        rf"T-score of {NUMBER} at the femoral neck(?:, | \(){NUMBER} or lower",
        lambda f, m: f[T] == number(m[1]) <= number(m[2]),
    ),
    (
        rf"T-score of {NUMBER} at the femoral neck, {NUMBER} or higher",
        lambda f, m: f[T] == number(m[1]) >= number(m[2]),
    ),
    (
        rf"(?:T-score of|\(T-score) {NUMBER} or lower(?! at the femoral neck)",
        lambda f, m: min(known_t_scores(f)) <= number(m[1]),
    ),
    (
        rf"T-score of {NUMBER} or lower at the femoral neck",
        lambda f, m: min(known_t_scores(f)) <= number(m[1]),
    ),
    (
        rf"^No T-score (?:known )?is {NUMBER} or lower",
        lambda f, m: all(t > number(m[1]) for t in known_t_scores(f)),
    ),
    (rf"T-score lower than {NUMBER}", lambda f, m: min(known_t_scores(f)) < number(m[1])),
    (
        r"without a T-score|^No T-score, and|^No T-score at the femoral neck is known|"
        r"bone density is not known|without bone density|and none is known",
        lambda f, m: f[T] is None,
    ),
    (
        r"total hip T-score is known",
        lambda f, m: f["total_hip_t_score"] is not None and f[T] is None,
    ),
    (
        rf"(?i)\b(major|hip) {NUMBER} %",
        lambda f, m: shown(f, m[1].lower(), m[2]),
    ),
    (
        rf"(?i)\b(major|hip) {NUMBER} %(?: without bone density)?,? (?:is )?at or above "
        rf"(?:the \w+ (?:assessment )?threshold of )?{NUMBER} %",
        lambda f, m: f[f"{m[1].lower()}_percent"] >= number(m[3]) - 1e-9,
    ),
    (
        rf"(?i)\b(major|hip) {NUMBER} %, above {NUMBER} %",
        lambda f, m: f[f"{m[1].lower()}_percent"] > number(m[3]),
    ),
    (
        rf"(?i)\b(major|hip) {NUMBER} %,? (?:is )?below "
        rf"(?:the \w+ (?:assessment )?threshold of )?{NUMBER} %",
        lambda f, m: f[f"{m[1].lower()}_percent"] < number(m[3]),
    ),
    (
        rf"Major {NUMBER} % lies between (?:the assessment thresholds of )?{NUMBER} and {NUMBER} %",
        lambda f, m: number(m[2]) - 1e-9 <= f["major_percent"] < number(m[3]),
    ),
    (
        rf"Major {NUMBER} and hip {NUMBER} % are below (?:the intervention thresholds of )?"
        rf"{NUMBER} and {NUMBER} %",
        lambda f, m: (
            shown(f, "major", m[1])
            and shown(f, "hip", m[2])
            and f["major_percent"] < number(m[3])
            and f["hip_percent"] < number(m[4])
        ),
    ),
    (
        rf"Major {NUMBER} and hip {NUMBER} % against {NUMBER} and {NUMBER} %",
        lambda f, m: f["major_percent"] >= number(m[3]) or f["hip_percent"] >= number(m[4]),
    ),
    (
        rf"is met: a prior fragility fracture, or major at or above {NUMBER} %",
        lambda f, m: (
            f["prior_fragility_fracture"] is True or f["major_percent"] >= number(m[1]) - 1e-9
        ),
    ),
    (
        rf"above the upper assessment threshold \({NUMBER} %\)",
        lambda f, m: f["major_percent"] >= number(m[1]) - 1e-9,
    ),
    (
        rf"within the last {NUMBER} (months|years)",
        lambda f, m: (
            f["prior_fracture_months_ago"] < number(m[1]) * {"months": 1, "years": 12}[m[2]]
        ),
    ),
    (
        rf"with {NUMBER} falls in the last year \({NUMBER} or more\)",
        lambda f, m: f["falls_last_year"] == number(m[1]) >= number(m[2]),
    ),
    (
        rf"{NUMBER} mg of prednisolone daily \({NUMBER} mg or more\) for {NUMBER} months "
        rf"\({NUMBER} or more\)",
        lambda f, m: (
            f["glucocorticoid_dose_mg_daily"] == number(m[1]) >= number(m[2])
            and f["glucocorticoid_duration_months"] == number(m[3]) >= number(m[4])
        ),
    ),
    (rf"body mass index below {NUMBER}", lambda f, m: f["body_mass_index"] < number(m[1])),
    (
        rf"^Alcohol: {NUMBER} units or more daily",
        lambda f, m: f["alcohol_3_or_more_units_daily"] is True and m[1] == "3",
    ),
    (r"^No fragility fracture", lambda f, m: f["prior_fragility_fracture"] is False),
)


def untrue(sentence: str, facts: Facts) -> list[str]:
    """Claims of a sentence that the person does not bear out, and numbers in it that none reads."""
    text = sentence.replace("\u00a0", " ")
    for words in OF_THE_GUIDELINE:
        text = re.sub(words, "", text)
    found, read = [], set()
    for pattern, holds in CLAIMS:
        for match in re.finditer(pattern, text):
            read |= set(range(*match.span()))
            if not holds(facts, match):
                found.append(match[0])
    return found + [one[0] for one in re.finditer(r"\d+", text) if one.start() not in read]


PERCENT = st.sampled_from([0.0, 3.0, 7.3, 9.3, 11.1, 12.0, 15.0, 19.95, 20.0, 24.4, 31.0, 45.0])


@settings(deadline=None, max_examples=400)
@given(PROFILES, PERCENT, st.sampled_from([0.0, 0.9, 2.9999, 3.0, 3.4, 5.0, 9.0]))
def test_what_a_printed_rule_says_is_true_of_the_person(
    answers: dict[str, Any], major: float, hip: float
) -> None:
    facts = facts_of(RiskProfile(**answers), major / 100, hip / 100)
    for one in listed():
        told = judge(one, facts)
        for rule in (*told.rules, *told.remarks):
            assert not untrue(rule.says, facts), (one.code, rule.says)


def printed(code: str, major: float = 0.01, hip: float = 0.001, **answers: Any) -> str:
    """The rules of a verdict in one text; a woman of 72 unless told otherwise."""
    return " ".join(rule.says for rule in says(code, major, hip, **answers).rules)


@pytest.mark.parametrize(
    ("code", "words"), [("uspstf-2018", "50 to 64"), ("uspstf-2025", "65 with")]
)
def test_rules_below_65_are_not_told_of_a_woman_of_65(code: str, words: str) -> None:
    reason = {"current_smoker": True, "postmenopausal": True, "prior_fragility_fracture": False}
    younger, older = (printed(code, major=0.12, age_years=age, **reason) for age in (64.9, 65))
    assert words in younger
    assert words not in older
    assert "65 or over" in older


@pytest.mark.parametrize("site", THREE_SITES)
def test_low_bone_mass_is_not_told_of_osteoporosis_at_any_site(site: str) -> None:
    thin = THREE_SITES | {T: -1.5, "prior_fragility_fracture": False, "falls_last_year": 0}
    words = "between −1.0 and −2.5 with hip"
    assert words in printed("aace-2020", hip=0.034, **thin)
    assert words in printed("aace-2020", hip=0.034, **thin | {site: -2.4})
    assert words not in printed("aace-2020", hip=0.034, **thin | {site: -2.5})
    # Low bone mass at one site with the probability decides, whatever the other two are.
    alone = {T: -1.5, "prior_fragility_fracture": False, "falls_last_year": 0}
    assert words in printed("aace-2020", hip=0.034, **alone)


@pytest.mark.parametrize("code", ["nogg-2024", "esceo-2013"])
def test_why_a_total_hip_alone_does_not_count_is_told(code: str) -> None:
    def is_told(**scores: float) -> bool:
        return any("total hip" in one.says for one in says(code, **scores).remarks)

    assert is_told(total_hip_t_score=-2.0)
    assert not is_told(total_hip_t_score=-2.0, femoral_neck_t_score=-2.0)
    assert not is_told()


# 0.858 - 2.4 * 0.120 = 0.570 and so on (Looker 1998): T-scores of -2.44, -2.46 and -2.5.
@pytest.mark.parametrize(
    ("bmd", "expected"), [(0.5652, "osteopenia"), (0.5628, "osteoporosis"), (0.558, "osteoporosis")]
)
def test_a_computed_t_score_classifies_as_a_densitometer_prints_it(
    bmd: float, expected: str
) -> None:
    told = says(
        "who-1994",
        femoral_neck_bmd_g_cm2=bmd,
        dxa_manufacturer="hologic",
        prior_fragility_fracture=False,
    )
    assert told.category == expected
    assert ("−2.5 at" in told.rules[0].says) == (expected == "osteoporosis")


@pytest.mark.parametrize(("printed_t", "expected"), [(-2.4, "osteopenia"), (-2.5, "osteoporosis")])
@pytest.mark.parametrize("bmd", [0.5652, 0.5628])
def test_where_bmd_and_a_printed_t_score_agree_the_printed_one_classifies(
    printed_t: float, bmd: float, expected: str
) -> None:
    told = says(
        "who-1994",
        femoral_neck_bmd_g_cm2=bmd,
        dxa_manufacturer="hologic",
        femoral_neck_t_score=printed_t,
        prior_fragility_fracture=False,
    )
    assert told.category == expected
