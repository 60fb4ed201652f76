"""Bone density in DICOM structured reports: TID 1500 and whatever else names what it measures."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pydicom.dataset import Dataset

from imaging.broken import BROKEN_FILE
from imaging.densitometry.sites import spine_region
from imaging.reports.facts import facts_of_tags
from imaging.reports.printed import POSSIBLE, Printed, Quantity, Report, Row
from imaging.reports.regions import levels_of

METHOD = "read from the DICOM structured report"
# LOINC codes of bone density by DXA (loinc.org): what is measured, and roughly where.
LOINC: dict[str, tuple[Quantity, str]] = {
    "24701-5": (Quantity.BMD, "femur"),
    "38263-0": (Quantity.T, "femur"),
    "80934-3": (Quantity.Z, "femur"),
    "80948-3": (Quantity.T, "left femur"),
    "80947-5": (Quantity.T, "right femur"),
    "38261-4": (Quantity.BMD, "hip"),
    "38264-8": (Quantity.T, "hip"),
    "24966-4": (Quantity.BMD, "lumbar spine"),
    "38267-1": (Quantity.T, "lumbar spine"),
    "85394-5": (Quantity.Z, "lumbar spine"),
    "24890-6": (Quantity.BMD, "radius and ulna"),
    "38265-5": (Quantity.T, "radius and ulna"),
}
# Without a known code the meaning of the code, which is for people, tells as well.
MEANINGS: tuple[tuple[re.Pattern[str], Quantity], ...] = (
    (re.compile(r"\bt[\s_-]*score", re.I), Quantity.T),
    (re.compile(r"\bz[\s_-]*score", re.I), Quantity.Z),
    (re.compile(r"\bbmc\b|mineral content", re.I), Quantity.BMC),
    (re.compile(r"\bbmd\b|mineral densit|bone densit", re.I), Quantity.BMD),
    (re.compile(r"\b(?:bone|projected|scan|roi)?\s*area\b", re.I), Quantity.AREA),
)
# Numbers about the measurement, in the same units, and not the measurement.
ABOUT_IT = re.compile(
    r"change|differ|previous|baseline|precision|\blsc\b|least significant|reference|young|"
    r"matched|average|standard dev|confidence|percent|%",
    re.I,
)
BOTH_SCORES = re.compile(r"\bt\s*[/&+-]\s*z\b", re.I)
# Factors to our units, by UCUM code; a number in another unit is not read.
UNITS: dict[Quantity, dict[str, float]] = {
    Quantity.BMD: {"g/cm2": 1.0, "mg/cm2": 0.001},
    Quantity.BMC: {"g": 1.0, "mg": 0.001},
    Quantity.AREA: {"cm2": 1.0, "mm2": 0.01},
    Quantity.T: {"1": 1.0, "{T-score}": 1.0, "{Tscore}": 1.0, "": 1.0, "{SD}": 1.0},
    Quantity.Z: {"1": 1.0, "{Z-score}": 1.0, "{Zscore}": 1.0, "": 1.0, "{SD}": 1.0},
}
# Words that name a region, the particular ones first.
_PLACES: tuple[tuple[str, str], ...] = (
    (r"upper\W+neck", "upper_neck"),
    (r"lower\W+neck", "lower_neck"),
    (r"(?:femor\w*|femur|hip)\W+neck|neck of (?:the )?femur|\bneck\b", "femoral_neck"),
    (r"inter\W?troch", "intertrochanter"),
    (r"troch", "trochanter"),
    (r"\bward", "wards"),
    (r"total\W+(?:proximal\W+)?(?:hip|femur)|(?:hip|femur)\W+total", "total_hip"),
    (r"radius\W*(?:1/3|33|one.third)", "radius_33"),
    (r"(?:1/3|33%?|(?:one|distal).third)\W+(?:of\W+)?radius", "radius_33"),
    (r"ultra\W?distal\W+radius|radius\W+ud", "radius_ud"),
    (r"total\W+body|whole\W+body", "total_body"),
)  # fmt: skip
PLACES = tuple((re.compile(pattern, re.I), name) for pattern, name in _PLACES)
LEVELS = re.compile(r"\bL([1-4])(?:\s*(?:-|to)\s*L?([1-4]))?\b", re.I)
LUMBAR = re.compile(r"lumbar|\bl-?spine\b", re.I)
LEFT, RIGHT = re.compile(r"\bleft\b", re.I), re.compile(r"\bright\b", re.I)
PAIRED = (
    "femoral_neck",
    "upper_neck",
    "lower_neck",
    "total_hip",
    "trochanter",
    "intertrochanter",
    "wards",
    "radius_",
)
MOST_ITEMS = 5000


@dataclass(frozen=True, slots=True)
class _Item:
    """One content item: what it is called, its value, and its children."""

    type: str
    code: str
    meaning: str
    text: str
    dataset: Dataset


def is_structured(dataset: Dataset) -> bool:
    """Say whether a dataset has the content tree of a structured report."""
    return "ContentSequence" in dataset and str(dataset.get("Modality", "")) in {"SR", "KO", ""}


def read_structured(dataset: Dataset) -> Report:
    """Read what a structured report says of bone density; no rows where it says nothing.

    A number is taken where its code or meaning says what it is, its unit fits, and its finding
    site, group or meaning say which region it is of.
    """
    read: dict[str, dict[Quantity, Printed]] = {}
    unread: set[tuple[str, Quantity]] = set()  # impossible, or given in two ways
    about_bone = False
    for item, about in _measured_items(dataset):
        about_bone = about_bone or item.code in LOINC or names_density(item.meaning)
        found = _number(item, about)
        if found is None:
            continue
        region, quantity, number = found
        of_region = read.setdefault(region, {})
        old = of_region.get(quantity)
        if number is None or (old is not None and old.value != number.value):
            unread.add((region, quantity))
        else:
            of_region[quantity] = number
    rows = [
        Row(region, {q: n for q, n in numbers.items() if (region, q) not in unread})
        for region, numbers in read.items()
    ]
    names = ("Manufacturer", "ManufacturerModelName", "AcquisitionDate", "StudyDate", "ContentDate")
    return Report(
        tuple(row for row in rows if row.numbers),
        facts_of_tags({name: str(dataset.get(name, "") or "") for name in names}),
        METHOD,
        about_bone=about_bone,
        unread=tuple(sorted(unread)),
    )


def names_density(meaning: str) -> bool:
    """Say whether a meaning is about bone density, as what is measured or as something near it."""
    plain = meaning.replace("_", " ")
    return any(of is not Quantity.AREA and pattern.search(plain) for pattern, of in MEANINGS)


def _measured_items(dataset: Dataset) -> Iterator[tuple[_Item, str]]:
    """Give every measured number with what its groups say of themselves."""
    seen = 0
    waiting: list[tuple[Dataset, str]] = [(dataset, "")]
    while waiting:
        here, above = waiting.pop()
        items = list(_items(here))
        seen += len(items)
        if seen > MOST_ITEMS:
            return
        # What a group says of itself: its finding site, laterality and tracking identifier.
        about = " ".join([above, *(_said(item) for item in items)])
        for item in items:
            if item.type == "NUM":
                yield item, about
            waiting.append((item.dataset, f"{about} {item.meaning}"[-600:]))


def _items(dataset: Dataset) -> Iterator[_Item]:
    for one in dataset.get("ContentSequence") or ():
        try:
            code, meaning = _coded(one.get("ConceptNameCodeSequence"))
            _, value = _coded(one.get("ConceptCodeSequence"))
            kind = str(one.get("ValueType", ""))
            text = value or (str(one.get("TextValue", ""))[:120] if kind == "TEXT" else "")
        except BROKEN_FILE:
            continue
        yield _Item(kind, code, meaning, text, one)


def _said(item: _Item) -> str:
    """Give what an item says of its group, with what modifies it: a site and its laterality."""
    if item.type not in {"CODE", "TEXT"}:
        return ""
    return " ".join([item.text, *(child.text for child in _items(item.dataset))])


def _coded(sequence: Sequence[Dataset] | None) -> tuple[str, str]:
    if not sequence:
        return "", ""
    one = sequence[0]
    return str(one.get("CodeValue", "")), str(one.get("CodeMeaning", ""))


def _number(item: _Item, about: str) -> tuple[str, Quantity, Printed | None] | None:
    """Read one measured number; a number of None is one that cannot be."""
    quantity, where = LOINC.get(item.code, (_quantity(item.meaning), ""))
    measured = item.dataset.get("MeasuredValueSequence")
    if quantity is None or not measured:
        return None
    try:
        text = str(measured[0].get("NumericValue", ""))
        unit, _ = _coded(measured[0].get("MeasurementUnitsCodeSequence"))
        value = float(text)
        own = " ".join(_said(child) for child in _items(item.dataset))
    except (*BROKEN_FILE, ValueError):
        return None
    region = region_in(f"{item.meaning} {own}") or region_in(
        f"{about} {item.meaning} {own} {where}"
    )
    factor = UNITS[quantity].get(unit)
    if region is None or factor is None:
        return None
    low, high = POSSIBLE[quantity]
    if not low <= value * factor <= high:
        return region, quantity, None
    decimals = len(text.partition(".")[2]) if factor == 1.0 else 3
    return region, quantity, Printed(value * factor, max(1, min(decimals, 4)))


def _quantity(meaning: str) -> Quantity | None:
    plain = meaning.replace("_", " ")
    if ABOUT_IT.search(plain) or BOTH_SCORES.search(plain):
        return None
    return next((quantity for pattern, quantity in MEANINGS if pattern.search(plain)), None)


def region_in(text: str) -> str | None:
    """Find the one region that words name; None where they name none, or several.

    A lumbar spine without levels stays ``lumbar_spine``: L1-L4 and L2-L4 are both common.
    """
    text = text.replace("_", " ")
    levels = {spine_region(_span(found)) for found in LEVELS.finditer(text)}
    if levels:
        return levels.pop() if len(levels) == 1 else None
    bone = next((name for pattern, name in PLACES if pattern.search(text)), None)
    if bone is None:
        return "lumbar_spine" if LUMBAR.search(text) else None
    left, right = bool(LEFT.search(text)), bool(RIGHT.search(text))
    if left and right:
        return None
    side = "_left" if left else "_right" if right else ""
    return bone + (side if bone.startswith(PAIRED) else "")


def _span(found: re.Match[str]) -> tuple[str, ...]:
    first, last = found.group(1), found.group(2) or found.group(1)
    return levels_of(f"L{first}-L{last}") if first != last else (f"L{first}",)
