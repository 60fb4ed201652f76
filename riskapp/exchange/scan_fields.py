"""What a measured scan may fill into the record, and why the rest of it may not."""

from imaging.result import Finding, ScanMeasurement, Severity, Status

# A scan's own number -> the contract's field: (name, region) must both be exactly these.
FIELDS: dict[tuple[str, str], str] = {
    ("lumbar_texture_score", "L1-L4"): "lumbar_texture_score",
    # Only where the level is known: the name of another region never becomes "L1".
    ("trabecular_attenuation_hu", "L1"): "l1_attenuation_hu",
}
# Findings after which a number stays on the scan's page and is not taken into the record by
# itself. Attenuation is comparable only where it is known that no contrast medium was given (it
# raises L1 by 11 HU on average, SD 19: Pickhardt 2016, Osteoporos Int 27:147-152,
# doi:10.1007/s00198-015-3224-9, abstract) and that the tube voltage was the usual one, and in bone
# that is nothing but bone. Texture is not comparable where pixels are coarse or of
# doubtful size, or the lightest bone is cut off. A person who has looked may still type either.
BARRED_BY: dict[str, frozenset[str]] = {
    "l1_attenuation_hu": frozenset(
        {
            "contrast_medium",
            "contrast_unknown",
            "tube_voltage",
            "tube_voltage_unknown",
            "metal",
            "patchy_bone",
        }
    ),
    "lumbar_texture_score": frozenset({"low_resolution", "saturation", "spacing_contradicts"}),
}


def profile_fields(measurement: ScanMeasurement) -> dict[str, float]:
    """Values that a scan gives for fields of the record.

    Empty unless the scan was measured and no finding says stop.
    """
    if measurement.status is not Status.MEASURED:
        return {}
    barred = barring(measurement)
    return {field: value for field, value in _measured(measurement).items() if not barred[field]}


def barring(measurement: ScanMeasurement) -> dict[str, tuple[Finding, ...]]:
    """Fields that were measured, each with the findings that keep it from the record."""
    return {
        field: tuple(
            finding
            for finding in measurement.quality
            if finding.severity is Severity.STOP or finding.code in BARRED_BY[field]
        )
        for field in _measured(measurement)
    }


def _measured(measurement: ScanMeasurement) -> dict[str, float]:
    return {
        FIELDS[number.name, number.region]: number.value
        for number in measurement.measurements
        if (number.name, number.region) in FIELDS
    }
