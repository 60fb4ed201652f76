"""The paragraph about a scan: numbers and findings by rule, and nothing that calms or diagnoses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imaging.polygons import BY_HAND
from imaging.presenting.narrative import (
    LAST_WORDS,
    TOLD,
    confidence_in_words,
    narrative,
    value_with_unit,
)
from imaging.result import (
    Finding,
    Kind,
    Measurement,
    Region,
    ScanMeasurement,
    Severity,
    Status,
)

SQUARE = ((1.0, 1.0), (9.0, 1.0), (9.0, 9.0), (1.0, 9.0))


def region(id: str, confidence: float | None = 0.9, method: str = "by shape") -> Region:
    return Region(id=id, label=id, method=method, confidence=confidence, polygon=SQUARE)


def number(name: str, region: str, value: float, unit: str, **more: object) -> Measurement:
    return Measurement(
        name=name, region=region, value=value, unit=unit, method="m", source="s", precision="p",
        **more,  # type: ignore[arg-type]
    )  # fmt: skip


def scan(**more: object) -> ScanMeasurement:
    kind = Kind(modality="ct", body_part="lumbar_spine")
    return ScanMeasurement(status=Status.MEASURED, kind=kind, **more)  # type: ignore[arg-type]


def test_a_ct_is_told_in_order() -> None:
    told = narrative(
        scan(
            regions=(region("L1", 0.9), region("L2", 0.6), region("L3", None, BY_HAND)),
            measurements=(
                number("trabecular_attenuation_hu", "L1", 142.4, "[hnsf'U]"),
                number("trabecular_attenuation_hu", "L2", -12.34, "[hnsf'U]"),
                number("trabecular_voxels", "L1", 900, "1"),
            ),
            quality=(
                Finding(code="a", severity=Severity.INFO, advice="Not told."),
                Finding(code="b", severity=Severity.WARNING, advice="Look here"),
                Finding(code="c", severity=Severity.STOP, advice="Stop here."),
            ),
        )
    )
    assert told == (
        "CT of the lumbar spine. Placed automatically: L1 and L2; confidence moderate to high. "
        "Placed by a person: L3. Mean attenuation of trabecular bone: L1 142 HU and L2 "
        "\u221212 HU. 1 other kind of measurement stands in the table. Stop here. Look here. "
        f"{LAST_WORDS}"
    )


def test_of_many_regions_those_are_told_by_which_bone_is_judged() -> None:
    judged = ("L1-L4", "femoral_neck_left", "total_hip_right")
    names = [*(f"arm_{at}" for at in range(9)), *judged]
    told = narrative(
        scan(measurements=tuple(number("areal_bmd", name, 0.9, "g/cm2") for name in names))
    )
    assert "L1-L4 0.900 g/cm², left femoral neck 0.900 g/cm² and right total hip" in told
    assert "arm" not in told.replace("areal", "")


def test_a_refusal_is_told_with_its_reason() -> None:
    told = narrative(ScanMeasurement(status=Status.REFUSED, reason="The spine is cut off"))
    assert told == f"Scan. Bone was not measured: The spine is cut off. {LAST_WORDS}"


@pytest.mark.parametrize(
    ("confidence", "word"),
    [(1.0, "high"), (0.8, "high"), (0.799, "moderate"), (0.5, "moderate"), (0.499, "low"),
     (0.0, "low"), (None, "not given")],
)  # fmt: skip
def test_a_confidence_is_said_in_words(confidence: float | None, word: str) -> None:
    assert confidence_in_words(confidence) == word


@pytest.mark.parametrize(("stability", "is_said"), [(None, False), (0.05, False), (0.051, True)])
def test_an_unsteady_number_is_said_to_be_so(stability: float | None, is_said: bool) -> None:
    one = number("lumbar_texture_score", "L1-L4", 0.7, "1", stability=stability)
    assert ("when its region moves" in narrative(scan(measurements=(one,)))) is is_said


def test_a_method_tried_on_generated_images_alone_says_so() -> None:
    one = number("hip_axis_length", "left", 101.0, "mm", tried_on="generated images")
    assert "Not tried on real scans: hip axis length." in narrative(scan(measurements=(one,)))


@pytest.mark.parametrize(
    ("name", "value", "unit", "text"),
    [
        ("areal_bmd", 0.7536, "g/cm2", "0.754 g/cm²"),
        ("areal_bmd", 1.0449, "g/cm2", "1.045 g/cm²"),
        ("t_score", -2.46, "1", "\u22122.5"),
        ("trabecular_voxels", 3000.0, "1", "3000"),
        ("hip_axis_length", 101.26, "mm", "101 mm"),
    ],
)
def test_numbers_are_written_as_reports_print_them(
    name: str, value: float, unit: str, text: str
) -> None:
    assert value_with_unit(number(name, "L1", value, unit)) == text


@given(
    name=st.sampled_from([*TOLD, "glcm_contrast", "anything"]),
    value=st.floats(-1e4, 1e4),
    confidence=st.none() | st.floats(0, 1),
)
def test_nothing_is_ever_called_normal(name: str, value: float, confidence: float | None) -> None:
    told = narrative(
        scan(regions=(region("L1", confidence),), measurements=(number(name, "L1", value, "1"),))
    ).lower()
    assert told.endswith(LAST_WORDS.lower())
    assert all(word not in told for word in ("normal", "healthy", "no fracture", "osteopenia"))
