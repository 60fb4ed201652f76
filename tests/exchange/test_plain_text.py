"""The text for another record: narrow, plain, complete, and about nobody by name."""

from datetime import UTC, datetime
from typing import Any

from riskapp.exchange.plain_text import Sheet, plain_text
from riskapp.exchange.wording import SAFETY
from tests.exchange.test_narrative import told, verdict

KNOWN = {
    "femoral_neck_t_score": -2.2,
    "femoral_neck_bmd_g_cm2": 0.6,
    "dxa_manufacturer": "ge_lunar",
    "dxa_date": "2026-05-03",
    "prior_fragility_fracture": True,
    "current_smoker": False,
    "weight_kg": 61.5,
}


def text(**changes: Any) -> str:
    profile = changes.pop("profile", KNOWN)
    guidelines = [verdict(wording="NOGG 2024: high risk. Major 21.6\u00a0% is above 20.3\u00a0%.")]
    sheet: dict[str, Any] = {
        "told": told(profile, guidelines=guidelines),
        "made_at": datetime(2026, 11, 21, 9, 5, tzinfo=UTC),
        "warnings": ("A long warning about femoral_neck_t_score " + "that goes on " * 8 + "here.",),
        "site_values": ({"name": "crp", "label": "CRP", "unit": "mg/L", "value": 4.2},),
        "software": "Trabecula 1.2.3",
    }
    return plain_text(Sheet(**(sheet | changes)))


def test_no_line_is_longer_than_a_terminal_and_every_letter_is_plain() -> None:
    written = text()
    assert max(map(len, written.splitlines())) <= 78
    assert written.isascii()
    assert not any(line != line.rstrip() for line in written.splitlines())
    assert written.endswith("\n")


def test_it_holds_all_that_the_page_says() -> None:
    written = text()
    for said in (
        "Assessed on 21 November 2026, 09:05 UTC",
        "Major osteoporotic fracture      21.6 %  95 % interval 17.4 to 26.6 %",
        "Hip fracture                      5.9 %  95 % interval 4.0 to 8.7 %",
        "Prior fragility fracture                    yes",
        "Current smoking                             no",
        "Weight                                      61.5 kg",
        "Femoral neck BMD                            0.600 g/cm2",
        "DXA manufacturer                            GE Lunar",
        "Date of the DXA                             3 May 2026",
        "CRP                                         4.2 mg/L",
        "parental hip fracture.",
        "Nothing else known                           13.8 %",
        "Prior fragility fracture: yes                +4.9",
        "Current smoking: no                          -0.4",
        "NOGG 2024: high risk. Major 21.6 % is above 20.3 %.",
        "- A long warning about femoral neck T-score that goes on",
        "Trabecula 1.2.3; model evidence-by-hand; evidence set frax-2008",
    ):
        assert said in written, said
    assert " ".join(written.split()).endswith(SAFETY)


def test_nobody_is_named_unless_asked_for() -> None:
    assert "Ada" not in text()
    assert (
        text(identity=("Ada Example, born 1 June 1955, record A-1",))
        .splitlines()[1]
        .startswith("Ada Example")
    )


def test_what_there_is_nothing_of_has_no_heading() -> None:
    bare = told(explanation=None, guidelines=[], unknown=[])
    written = text(told=bare, warnings=())
    for heading in ("WHY", "GUIDELINE", "WARNINGS"):
        assert heading not in written
    assert "Nothing that the estimate uses." in written
