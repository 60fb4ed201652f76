"""What a measured scan may fill into the record, and why the rest of it may not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from imaging.polygons import BY_HAND
from imaging.result import Finding, Measurement, ScanMeasurement, Severity, Status
from riskapp.risk.bone_density import DxaManufacturer

MAKERS = frozenset(maker.value for maker in DxaManufacturer)
# Regions that carry a side, as reports and images name them; ISCD Official Positions 2019, Adult
# (recalled, to be confirmed): either hip may be used, the mean of both is not for diagnosis.
SIDES = ("left", "right", "mean")
LOW_CONFIDENCE = 0.5  # as imaging.quality.common.uncertain asks a person to look


@dataclass(frozen=True, slots=True)
class Slot:
    """One thing that the record wants to know from a scan."""

    label: str
    fields: tuple[str, ...]
    # (name, region) of the measurements that tell it; a blank region is any.
    told_by: tuple[tuple[str, str], ...]


def _density(site: str, label: str, region: str) -> Slot:
    fields = (f"{site}_bmd_g_cm2", f"{site}_t_score")
    return Slot(label, fields, (("areal_bmd", region), ("t_score", region)))


SLOTS: dict[str, Slot] = {
    "femoral_neck": _density("femoral_neck", "Femoral neck density", "femoral_neck"),
    "total_hip": _density("total_hip", "Total hip density", "total_hip"),
    "lumbar_spine": _density("lumbar_spine", "Lumbar spine density", "L1-L4"),
    "lumbar_texture": Slot(
        "Lumbar texture score", ("lumbar_texture_score",), (("lumbar_texture_score", "L1-L4"),)
    ),
    # Only where the level is known: the name of another region never becomes "L1".
    "l1_attenuation": Slot(
        "L1 attenuation", ("l1_attenuation_hu",), (("trabecular_attenuation_hu", "L1"),)
    ),
    "l1_vbmd": Slot(
        "L1 volumetric density",
        ("l1_vbmd_mg_cm3",),
        (("trabecular_vbmd_mg_cm3", "L1"), ("l1_vbmd_mg_cm3", "L1")),
    ),
    "hip_axis_length": Slot(
        "Hip axis length",
        ("hip_axis_length_mm",),
        (("hip_axis_length", ""), ("hip_axis_length_mm", "")),
    ),
}
DENSITY = ("femoral_neck", "total_hip", "lumbar_spine")
# Findings after which a number stays on the scan's page and is not taken into the record by
# itself. Attenuation is comparable only where it is known that no contrast medium was given (it
# raises L1 by 11 HU on average, SD 19: Pickhardt 2016, Osteoporos Int 27:147-152,
# doi:10.1007/s00198-015-3224-9, abstract) and that the tube voltage was the usual one, and in bone
# that is nothing but bone. Texture is not comparable where pixels are coarse or of
# doubtful size, or the lightest bone is cut off. A person who has looked may still choose or type
# either.
NOT_PLAIN_BONE = frozenset(
    {
        "contrast_medium",
        "contrast_unknown",
        "tube_voltage",
        "tube_voltage_unknown",
        "metal",
        "patchy_bone",
        "l1_deformed",
        "l1_unusual",
        "derived_images",
    }
)
BARRED_BY: dict[str, frozenset[str]] = {
    "l1_attenuation_hu": NOT_PLAIN_BONE,
    "l1_vbmd_mg_cm3": NOT_PLAIN_BONE - {"tube_voltage", "tube_voltage_unknown"},
    "lumbar_texture_score": frozenset({"low_resolution", "saturation", "spacing_contradicts"}),
    # A length is as good as the size of a pixel.
    "hip_axis_length_mm": frozenset({"spacing_contradicts", "no_physical_spacing"}),
    # By the ISCD's rule other vertebrae than all four stand for the spine.
    "lumbar_spine_bmd_g_cm2": frozenset({"vertebrae_left_out", "spine_not_usable"}),
    "lumbar_spine_t_score": frozenset({"vertebrae_left_out", "spine_not_usable"}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What one region of a scan would fill into a slot.

    Attributes
    ----------
    fields : mapping of field name to value
        With ``dxa_manufacturer`` where a density needs it.
    never, why_not : str
        Why it cannot be used at all, or not by itself; blank otherwise.
    """

    fields: Mapping[str, float | str]
    region: str
    method: str
    never: str = ""
    why_not: str = ""
    tried_on: str = "real scans"


def offers(slot: str, measurement: ScanMeasurement, sex: str = "female") -> list[Offer]:
    """Give what a scan offers for a slot; of two sides of the body the lower density first."""
    by_region: dict[str, dict[str, Measurement]] = {}
    for one in measurement.measurements if measurement.status is Status.MEASURED else ():
        for name, region in SLOTS[slot].told_by:
            if one.name == name and region in ("", _without_side(one.region)):
                by_region.setdefault(one.region, {})[name] = one
    made = [_offer(slot, region, told, measurement, sex) for region, told in by_region.items()]
    if slot in DENSITY:
        # The lower of two hips is the one that a diagnosis is read off.
        made.sort(key=lambda offer: min(_numbers(offer), default=0.0))
    return made


def profile_fields(measurement: ScanMeasurement, sex: str = "female") -> dict[str, float | str]:
    """Values that a scan gives by itself for fields of the record.

    Empty unless the scan was measured and no finding says stop.
    """
    fields: dict[str, float | str] = {}
    for slot in SLOTS:
        suitable = [one for one in offers(slot, measurement, sex) if not _reason(one)]
        fields |= suitable[0].fields if suitable else {}
    return fields


def reasons_against(measurement: ScanMeasurement, sex: str = "female") -> tuple[str, ...]:
    """Say why what a scan measured for the record is not used by itself, each reason once."""
    each = (_reason(one) for slot in SLOTS for one in offers(slot, measurement, sex))
    return tuple(dict.fromkeys(reason for reason in each if reason))


def _offer(
    slot: str,
    region: str,
    told: Mapping[str, Measurement],
    measurement: ScanMeasurement,
    sex: str,
) -> Offer:
    used = next(iter(told.values()))
    if slot not in DENSITY:
        name = SLOTS[slot].fields[0]
        offer = Offer(
            fields={name: used.value}, region=region, method=used.method, tried_on=used.tried_on
        )
        return _judged(offer, region, measurement)
    fields, never, used = _density_fields(slot, told, measurement, sex)
    offer = Offer(
        fields=fields, region=region, method=used.method, never=never, tried_on=used.tried_on
    )
    return _judged(offer, region, measurement)


def _density_fields(
    slot: str, told: Mapping[str, Measurement], measurement: ScanMeasurement, sex: str
) -> tuple[dict[str, float | str], str, Measurement]:
    """BMD with its maker, which the estimate needs; else the T-score, if it is of young women."""
    bmd, t_score = told.get("areal_bmd"), told.get("t_score")
    acquired = measurement.acquired
    maker = (acquired.manufacturer if acquired else None) or ""
    reference = acquired.t_reference if acquired else None
    of_women = reference == "nhanes_female" or (reference is None and sex == "female")
    if bmd is not None and maker in MAKERS:
        fields: dict[str, float | str] = {f"{slot}_bmd_g_cm2": bmd.value, "dxa_manufacturer": maker}
        if t_score is not None and slot == "lumbar_spine" and of_women:
            fields[f"{slot}_t_score"] = t_score.value  # no reference of ours to compute it from
        return fields, "", bmd
    if t_score is not None:
        never = "" if of_women else "its T-score is not known to be against young women"
        return {f"{slot}_t_score": t_score.value}, never, t_score
    if bmd is None:
        raise ValueError("A density is told by its BMD or its T-score.")
    return {f"{slot}_bmd_g_cm2": bmd.value}, "the maker of its scanner is not known", bmd


def _judged(offer: Offer, region: str, measurement: ScanMeasurement) -> Offer:
    findings = [one for name in offer.fields for one in _against(name, measurement.quality)]
    reasons = []
    if findings:
        names = dict.fromkeys(one.code.replace("_", " ") for one in findings)
        reasons.append(f"held back because of {', '.join(names)}")
    if region.endswith("_mean"):
        reasons.append("the mean of both hips is not for diagnosis")
    stopped = any(one.severity is Severity.STOP for one in findings)
    unsure = _unsure(region, measurement)
    if unsure:
        reasons.append(f"low confidence in the outline of {', '.join(unsure)}")
    return Offer(
        fields=offer.fields,
        region=offer.region,
        method=offer.method,
        never=offer.never or (reasons[0] if stopped else ""),
        why_not="; ".join(reasons),
        tried_on=offer.tried_on,
    )


def _unsure(region: str, measurement: ScanMeasurement) -> list[str]:
    """Outlines that this number rests on, that are uncertain and that nobody corrected."""
    first, _, last = region.partition("-")
    span = {region}
    if last and first[:1] == last[:1] and first[1:].isdigit() and last[1:].isdigit():
        span = {f"{first[0]}{level}" for level in range(int(first[1:]), int(last[1:]) + 1)}
    return [
        one.id
        for one in measurement.regions
        if one.id in span
        and one.method != BY_HAND
        and one.confidence is not None
        and one.confidence < LOW_CONFIDENCE
    ]


def _against(name: str, quality: Sequence[Finding]) -> tuple[Finding, ...]:
    barred = BARRED_BY.get(name, frozenset())
    return tuple(one for one in quality if one.severity is Severity.STOP or one.code in barred)


def _reason(offer: Offer) -> str:
    return offer.never or offer.why_not


def _numbers(offer: Offer) -> list[float]:
    return [value for value in offer.fields.values() if isinstance(value, float)]


def _without_side(region: str) -> str:
    bone, _, side = region.rpartition("_")
    return bone if side in SIDES else region
