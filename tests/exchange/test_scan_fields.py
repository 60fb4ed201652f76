"""What a scan may fill into the record: known levels, no contrast, nothing that says stop."""

from dataclasses import replace

import pytest

from imaging.result import Finding, Kind, Measurement, ScanMeasurement, Severity, Status
from riskapp.exchange.scan_fields import BARRED_BY, profile_fields


def _number(name: str, region: str, value: float) -> Measurement:
    return Measurement(
        name=name, region=region, value=value, unit="-", method="-", source="-", precision="-"
    )


def _scan(*numbers: Measurement, finding: Finding | None = None) -> ScanMeasurement:
    return ScanMeasurement(
        status=Status.MEASURED,
        kind=Kind(modality="ct"),
        measurements=numbers,
        quality=() if finding is None else (finding,),
    )


L1 = _number("trabecular_attenuation_hu", "L1", 142.3)
TEXTURE = _number("lumbar_texture_score", "L1-L4", 0.61)


def test_attenuation_of_l1_and_texture_of_the_spine_are_filled_in_unrounded() -> None:
    assert profile_fields(_scan(L1, TEXTURE)) == {
        "l1_attenuation_hu": 142.3,
        "lumbar_texture_score": 0.61,
    }


@pytest.mark.parametrize("region", ["L2", "V1", "unknown", "L1-L4"])
def test_attenuation_of_another_or_an_unknown_level_is_not(region: str) -> None:
    assert profile_fields(_scan(replace(L1, region=region))) == {}


@pytest.mark.parametrize("field", ["l1_attenuation_hu", "lumbar_texture_score"])
def test_a_number_that_is_not_comparable_is_not_but_the_other_still_is(field: str) -> None:
    other = {"l1_attenuation_hu": 142.3, "lumbar_texture_score": 0.61}
    del other[field]
    for code in BARRED_BY[field]:
        finding = Finding(code=code, severity=Severity.WARNING, advice="-")
        assert profile_fields(_scan(L1, TEXTURE, finding=finding)) == other, code


def test_not_knowing_the_technique_bars_as_much_as_a_wrong_one() -> None:
    assert {"contrast_medium", "contrast_unknown", "tube_voltage", "tube_voltage_unknown"} <= (
        BARRED_BY["l1_attenuation_hu"]
    )
    assert {"low_resolution", "saturation", "spacing_contradicts"} <= BARRED_BY[
        "lumbar_texture_score"
    ]


def test_attenuation_with_another_finding_is_filled_in() -> None:
    thick = Finding(code="thick_slices", severity=Severity.WARNING, advice="-")
    assert profile_fields(_scan(L1, finding=thick)) == {"l1_attenuation_hu": 142.3}


def test_nothing_is_filled_in_where_a_finding_says_stop() -> None:
    stop = Finding(code="any", severity=Severity.STOP, advice="-")
    assert profile_fields(_scan(L1, finding=stop)) == {}


@pytest.mark.parametrize("status", [Status.REFUSED, Status.UNREADABLE])
def test_a_scan_without_a_measurement_fills_in_nothing(status: Status) -> None:
    assert profile_fields(ScanMeasurement(status=status, reason="Because.")) == {}
