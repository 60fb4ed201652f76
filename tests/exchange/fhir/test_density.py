"""Densities and T-scores: of which bone, on whose scale, and of which visit."""

from typing import Any

import pytest

from tests.exchange.fhir.resources import (
    LOINC,
    NECK,
    SNOMED,
    WHO,
    concept,
    measured,
    read,
    why,
)

SCANNER = {"resourceType": "Device", "id": "d", "manufacturer": "HOLOGIC, Inc."}
LUNAR = {"resourceType": "Device", "id": "l", "manufacturer": "GE Healthcare"}
BMD, T_SCORE = "24701-5", "38263-0"


def neck(code: str, value: float, id: str, day: str = "2026-10-01", **more: Any) -> dict[str, Any]:
    unit = "g/cm2" if code == BMD else "{T-score}"
    return measured(code, value, unit, id, day, **{"bodySite": NECK, **more})


OF_SCANNER, OF_LUNAR = {"device": {"reference": "Device/d"}}, {"device": {"reference": "Device/l"}}


def test_a_density_needs_its_scanner_and_the_t_score_is_used_without_one() -> None:
    record = read(neck(BMD, 0.65, "b"), neck(T_SCORE, -1.9, "t"))
    assert record.answers["femoral_neck_t_score"] == -1.9
    assert "femoral_neck_bmd_g_cm2" not in record.answers
    assert "The maker of its scanner is not told" in why(record, "Observation/b")


def test_the_density_of_one_day_goes_before_its_t_score() -> None:
    record = read(SCANNER, neck(BMD, 0.65, "b", **OF_SCANNER), neck(T_SCORE, -1.2, "t"))
    assert record.answers["femoral_neck_bmd_g_cm2"] == 0.65
    assert record.answers["dxa_manufacturer"] == "hologic"
    assert "femoral_neck_t_score" not in record.answers


def test_a_later_t_score_goes_before_an_earlier_density() -> None:
    record = read(
        SCANNER, neck(BMD, 0.65, "b", "2020-01-01", **OF_SCANNER), neck(T_SCORE, -2.0, "t")
    )
    assert record.answers["femoral_neck_t_score"] == -2.0
    assert not {"femoral_neck_bmd_g_cm2", "dxa_manufacturer"} & set(record.answers)


def test_densities_of_two_makers_do_not_stand_in_one_profile() -> None:
    spine = measured("24966-4", 0.9, "g/cm2", "s", **OF_LUNAR)
    record = read(SCANNER, LUNAR, neck(BMD, 0.65, "b", **OF_SCANNER), spine)
    assert record.answers["dxa_manufacturer"] == "hologic"
    assert "lumbar_spine_bmd_g_cm2" not in record.answers
    assert "on the scale of ge_lunar" in why(record, "Observation/s")


def test_a_t_score_beside_men_is_not_one_beside_women() -> None:
    men, women = ([{"text": f"NHANES III, {who}, young adult"}] for who in ("male", "female"))
    record = read(neck(T_SCORE, -1.9, "m", referenceRange=men))
    assert "femoral_neck_t_score" not in record.answers
    assert "is of men" in why(record, "Observation/m")
    record = read(neck(T_SCORE, -1.9, "f", referenceRange=women))
    assert record.answers["femoral_neck_t_score"] == -1.9


def test_of_two_hips_of_one_day_the_lower_is_used() -> None:
    left, right = neck(T_SCORE, -1.9, "l"), neck(T_SCORE, -2.3, "r")
    record = read(left, right)
    assert record.answers["femoral_neck_t_score"] == -2.3
    assert "is as low or lower." in why(record, "Observation/l")


@pytest.mark.parametrize(
    ("code", "site", "field"),
    [
        (T_SCORE, "29627003", "femoral_neck_t_score"),
        (T_SCORE, "29627003:272741003=7771000", "femoral_neck_t_score"),
        ("80948-3", "29627003", "femoral_neck_t_score"),
        ("38264-8", None, "total_hip_t_score"),
        ("38264-8", "29627003", "femoral_neck_t_score"),
        (T_SCORE, "24136001", "total_hip_t_score"),
        ("38267-1", None, "lumbar_spine_t_score"),
        (T_SCORE, None, None),
        (T_SCORE, "71341001", None),  # the femur, and which part is not told
        ("38267-1", "66794005", None),  # L1 alone
    ],
)
def test_the_site_is_told_by_code_and_body_site(
    code: str, site: str | None, field: str | None
) -> None:
    place = {"bodySite": concept(SNOMED, site)} if site else {}
    record = read(measured(code, -2.2, "{T-score}", **place))
    found = [name for name in record.answers if name.endswith("_t_score")]
    assert found == ([field] if field else [])
    assert field or why(record, "Observation/o")


def test_a_component_may_name_the_site_and_a_panel_hold_the_values() -> None:
    panel = {
        "resourceType": "Observation",
        "id": "panel",
        "status": "final",
        "subject": WHO,
        "code": concept(LOINC, "83311-1"),
        "effectiveDateTime": "2026-10-01",
        "contained": [{"resourceType": "Device", "id": "scanner", "manufacturer": "Hologic"}],
        "device": {"reference": "#scanner"},
        "component": [
            {"code": concept("x", "region"), "valueCodeableConcept": NECK},
            {"code": concept(LOINC, BMD), "valueQuantity": {"value": 650, "code": "mg/cm2"}},
        ],
    }
    record = read(panel)
    assert record.answers["femoral_neck_bmd_g_cm2"] == 0.65
    assert record.answers["dxa_manufacturer"] == "hologic"


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"method": {"text": "QCT"}}, "not by DXA"),
        ({"valueQuantity": {"value": -2, "code": "g/cm2"}}, "a plain number was expected"),
        ({"valueQuantity": {"value": -8.1}}, "expected −8 to 6"),
    ],
)
def test_a_t_score_that_is_none_is_passed_over(more: dict[str, Any], reason: str) -> None:
    record = read(neck(T_SCORE, -2, "t", **more))
    assert "femoral_neck_t_score" not in record.answers
    assert reason in why(record, "Observation/t")


def test_the_day_of_the_scan_is_that_of_the_oldest_value_in_use() -> None:
    record = read(neck(T_SCORE, -2, "t"), measured("38267-1", -1, "", "s", "2024-05-06"))
    assert record.answers["dxa_date"].isoformat() == "2024-05-06"
    undated = read(neck(T_SCORE, -2, "t", "2024"))
    assert "dxa_date" not in undated.answers
    assert undated.answers["femoral_neck_t_score"] == -2
