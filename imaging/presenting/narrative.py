"""A paragraph that says what was measured, built from the measurements by rule.

It repeats numbers and findings and names no disease: what a number means for a person is not
decided here, and no sentence calls anything normal.
"""

import re
from collections.abc import Sequence

from imaging.polygons import BY_HAND
from imaging.result import Finding, Measurement, Region, ScanMeasurement, Severity, Status
from imaging.wording import decimals_of, in_words, listed, rounded

LAST_WORDS = (
    "These are measurements of a picture and no diagnosis; they cannot rule out osteoporosis or "
    "fracture."
)
MODALITIES = {"dxa": "DXA", "ct": "CT", "mri": "MRI", "radiograph": "Radiograph"}
VIEWS = {"ap": "front view", "lateral": "side view"}
# What a reader asks for first, with the words for it; everything else stands in the table.
TOLD = {
    "areal_bmd": "areal bone mineral density",
    "t_score": "T-score",
    "z_score": "Z-score",
    "lumbar_texture_score": "lumbar texture score (own scale, not the trabecular bone score)",
    "trabecular_attenuation_hu": "mean attenuation of trabecular bone",
    "trabecular_vbmd_mg_cm3": "volumetric bone mineral density",
    "hip_axis_length": "hip axis length",
    "neck_shaft_angle": "neck-shaft angle",
    "femoral_neck_width": "width of the femoral neck",
    "vertebral_bone_quality_score": "vertebral bone quality score",
    "femoral_cortical_index": "femoral cortical index",
    "metacarpal_cortical_index": "metacarpal cortical index",
    "canal_to_calcar_ratio": "canal-to-calcar ratio",
    "vertebral_deformity_grade": "grade of vertebral deformity",
    "spinal_deformity_index": "spinal deformity index",
}
# Of many regions those are told by which bone is judged; the rest stand in the table.
JUDGED_BY = re.compile(r"L1-L4|(femoral_neck|total_hip|radius_33)(_left|_right)?")
MOST_TOLD = 10
UNITS = {"1": "", "[hnsf'U]": "HU", "g/cm2": "g/cm²", "mg/cm3": "mg/cm³", "deg": "degrees"}
# Own words for a confidence, of which every method has its own scale; below the lower limit the
# page asks a person to look (imaging.quality.common.uncertain).
CONFIDENCE = ((0.8, "high"), (0.5, "moderate"), (0.0, "low"))
# A number that moves by more than this when its region moves a little is said to be unsteady.
# Own choice: half of the difference of 10 % that a reader would act on.
UNSTEADY = 0.05


def narrative(result: ScanMeasurement) -> str:
    """Tell one scan in a paragraph.

    Parameters
    ----------
    result : ScanMeasurement
        Measured, refused or unreadable.

    Returns
    -------
    str
        Sentences in the order kind, regions, numbers, what to look at, limits.
    """
    return " ".join(
        [
            what_was_measured(result),
            *_to_look_at(result.quality),
            *not_tried(result.measurements),
            LAST_WORDS,
        ]
    )


def what_was_measured(result: ScanMeasurement) -> str:
    """Kind, regions and numbers alone, for a page that has findings and limits beside them."""
    sentences = [f"{kind_in_words(result)}."]
    if result.status is not Status.MEASURED:
        sentences.append(f"Bone was not measured: {_as_sentence(result.reason or '')}")
    else:
        sentences += _regions(result.regions)
        sentences += _numbers(result.measurements)
    return " ".join(sentences)


def kind_in_words(result: ScanMeasurement) -> str:
    """``DXA of the lumbar spine, front view``; what is not known is not said."""
    kind = result.kind
    words = MODALITIES.get(kind.modality, "Scan")
    if kind.body_part == "several":
        return f"{words} report of several regions"
    if kind.body_part != "unknown":
        words += f" of the {kind.body_part.replace('_', ' ')}"
    if kind.view in VIEWS:
        words += f", {VIEWS[kind.view]}"
    if kind.laterality != "unknown":
        words += f", {kind.laterality} side"
    return words


def confidence_in_words(confidence: float | None) -> str:
    """``high``, ``moderate`` or ``low``; ``not given`` where a method gives none."""
    if confidence is None:
        return "not given"
    return next(word for least, word in CONFIDENCE if confidence >= least)


def value_with_unit(one: Measurement) -> str:
    """A number as it is read, with its unit: ``142 HU``."""
    unit = UNITS.get(one.unit, one.unit)
    size = abs(one.value)
    decimals = decimals_of(one.name, one.unit, size)
    if decimals is None:
        digits = 0 if size >= 100 else 1 if size >= 10 else 2 if size >= 1 else 3
        decimals = 0 if one.value == int(one.value) and size >= 10 else digits
    text = rounded(one.value, decimals)
    return f"{text} {unit}" if unit else text


def _regions(regions: Sequence[Region]) -> list[str]:
    by_hand = [in_words(region.id) for region in regions if region.method == BY_HAND]
    by_rule = [region for region in regions if region.method != BY_HAND]
    told = []
    if by_rule:
        sure = [one.confidence for one in by_rule if one.confidence is not None]
        words = f"; confidence {_least(sure)}" if sure else ""
        told.append(f"Placed automatically: {listed(in_words(one.id) for one in by_rule)}{words}.")
    if by_hand:
        told.append(f"Placed by a person: {listed(by_hand)}.")
    return told


def _least(confidences: Sequence[float]) -> str:
    least, most = (confidence_in_words(one) for one in (min(confidences), max(confidences)))
    return least if least == most else f"{least} to {most}"


def _numbers(measurements: Sequence[Measurement]) -> list[str]:
    told = []
    for name, words in TOLD.items():
        here = [one for one in measurements if one.name == name]
        if len(here) > MOST_TOLD:
            here = [one for one in here if JUDGED_BY.fullmatch(one.region)] or here[:MOST_TOLD]
        if here:
            values = listed(f"{in_words(one.region)} {value_with_unit(one)}" for one in here)
            told.append(f"{words[0].upper()}{words[1:]}: {values}.")
            told += _unsteady(words, here)
    others = len({one.name for one in measurements if one.name not in TOLD})
    if others:
        told.append(
            f"{others} other kind{'s' if others > 1 else ''} of measurement "
            f"stand{'' if others > 1 else 's'} in the table."
        )
    return told or ["No number was read from it."]


def _unsteady(words: str, measured: Sequence[Measurement]) -> list[str]:
    moved = [one.stability for one in measured if one.stability is not None]
    if not moved or max(moved) <= UNSTEADY:
        return []
    return [f"The {words} changes by {max(moved):.0%} when its region moves a little."]


def _to_look_at(findings: Sequence[Finding]) -> list[str]:
    ordered = sorted(findings, key=lambda one: one.severity is not Severity.STOP)
    return [_as_sentence(one.advice) for one in ordered if one.severity is not Severity.INFO]


def not_tried(measurements: Sequence[Measurement]) -> list[str]:
    """Name the kinds of number that no real scan was there to try on, in a sentence or none."""
    names = {
        TOLD.get(one.name, one.name.replace("_", " "))
        for one in measurements
        if one.tried_on != "real scans"
    }
    if not names:
        return []
    return [f"Not tried on real scans: {listed(sorted(names))}."]


def _as_sentence(text: str) -> str:
    text = text.strip()
    return text if text.endswith((".", "!", "?")) else f"{text}."
