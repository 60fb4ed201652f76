"""What HAZARDS.md promises of the JSON doors, hazard by hazard."""

from typing import Any

import pytest

from riskapp.exchange.wording import SAFETY
from riskapp.models import Patient, Scan

ANN = {"population": "gb", "age_years": 70, "sex": "female"}
ENGINES = ["evidence", "cox", "xgboost", "lightgbm"]


@pytest.mark.parametrize("treatment", ["denosumab", "other"])
def test_h9_every_engine_warns_of_a_treated_person(as_owner: Any, treatment: str) -> None:
    asked = {
        "profile": ANN | {"osteoporosis_treatment": treatment},
        "engines": ENGINES,
        "explain": False,
        "interval": False,
    }
    (result,) = as_owner.post("/api/v1/scores/", asked).json()["results"]
    assert [each["engine"] for each in result["estimates"]] == ENGINES
    for estimate in result["estimates"]:
        assert any("On osteoporosis treatment" in said for said in estimate["warnings"])


def test_h9_a_treatment_that_is_not_known_is_said_by_every_engine(as_owner: Any) -> None:
    asked = {"profile": ANN, "engines": ENGINES, "explain": False, "interval": False}
    (result,) = as_owner.post("/api/v1/scores/", asked).json()["results"]
    for estimate in result["estimates"]:
        assert any("treatment is not known" in said for said in estimate["warnings"])


def test_h8_every_estimate_names_its_evidence_and_never_frax_as_its_engine(as_owner: Any) -> None:
    asked = {"profile": ANN, "engines": ENGINES, "explain": False, "interval": False}
    (result,) = as_owner.post("/api/v1/scores/", asked).json()["results"]
    for estimate in result["estimates"]:
        assert estimate["model_id"]
        assert estimate["evidence_set"] == "frax-2008" or estimate["engine"] != "evidence"
        assert "frax" not in estimate["engine"].lower()


def test_h10_every_result_carries_the_safety_sentence(
    as_owner: Any, patient: Patient, measured_scan: Scan
) -> None:
    asked = {"patient": str(patient.id), "profile": {"population": "gb"}}
    made = as_owner.post("/api/v1/assessments/", asked)
    replies = [
        made,
        as_owner.get(made["Location"]),
        as_owner.get(made["Location"] + "explanation/"),
        as_owner.post("/api/v1/scores/", {"profile": ANN}),
        as_owner.get(f"/api/v1/scans/{measured_scan.id}/"),
    ]
    assert [reply.json()["safety"] for reply in replies] == [SAFETY] * len(replies)
