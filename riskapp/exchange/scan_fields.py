"""What a measured scan may fill into the record, and why the rest of it may not."""

from imaging.result import ScanMeasurement, Severity, Status

# A scan's own number -> the contract's field: (name, region) must both be exactly these.
FIELDS: dict[tuple[str, str], str] = {
    ("lumbar_texture_score", "L1-L4"): "lumbar_texture_score",
    # Only where the level is known: the name of another region never becomes "L1".
    ("trabecular_attenuation_hu", "L1"): "l1_attenuation_hu",
}
# Contrast medium raises attenuation, by about 11 HU in L1 (Pickhardt 2016,
# doi:10.2214/AJR.15.15500, RECALLED): the number stands on the scan's page but not in the record.
BARRED_BY: dict[str, str] = {"l1_attenuation_hu": "contrast"}


def profile_fields(measurement: ScanMeasurement) -> dict[str, float]:
    """Values that a scan gives for fields of the record.

    Empty unless the scan was measured and no finding says stop.
    """
    if measurement.status is not Status.MEASURED:
        return {}
    if any(finding.severity is Severity.STOP for finding in measurement.quality):
        return {}
    codes = [finding.code for finding in measurement.quality]
    filled: dict[str, float] = {}
    for number in measurement.measurements:
        field = FIELDS.get((number.name, number.region))
        barred_by = BARRED_BY.get(field or "")
        if field is None or (barred_by and any(barred_by in code for code in codes)):
            continue
        filled[field] = number.value
    return filled
