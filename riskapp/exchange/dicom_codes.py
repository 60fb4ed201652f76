"""Codes for regions and measurements in DICOM objects: standard where sure, else our own."""

import csv
import re
from functools import cache
from pathlib import Path

from highdicom.sr import CodedConcept

from imaging.result import Measurement

OWN_SCHEME = "99TRABECULA"
OWN_SCHEME_NAME = "Trabecula measurements and regions"
TABLE = Path(__file__).with_name("dicom_codes.csv")
# Which row of the table a region stands under, where it has none of its own.
BODY_PARTS = {
    "lumbar_spine": "lumbar_spine", "hip": "hip", "femur": "femur", "forearm": "forearm",
    "abdomen": "vertebra",
}  # fmt: skip
UNIT_MEANINGS = {
    "1": "no units", "[hnsf'U]": "Hounsfield unit", "g/cm2": "gram per square centimetre",
    "mg/cm3": "milligram per cubic centimetre", "mm": "millimetre", "mm2": "square millimetre",
    "cm2": "square centimetre", "cm3": "cubic centimetre", "g": "gram", "deg": "degree",
    "%": "percent", "{count}": "count",
}  # fmt: skip
# Features of the image biomarker standardisation initiative carry their id in the source;
# "IBSI" is a coding scheme of DICOM (PS3.16, table 8-1).
IBSI_ID = re.compile(r"\bid ([0-9A-Z]{4})$")
VERTEBRA = re.compile(r"[TL]\d{1,2}|V\d+|L\d-L\d")


def site_code(region: str, body_part: str) -> CodedConcept:
    """Where a region lies: its own code, or the bone or part of the body that it is in."""
    rows = _table()
    own = rows.get(("site", region, ""))
    if own is None and VERTEBRA.fullmatch(region):
        own = rows[("site", "lumbar_spine" if "-" in region else "vertebra", "")]
    return own or rows[("site", BODY_PARTS.get(body_part, "bone"), "")]


def region_code(region: str) -> CodedConcept:
    """Name a region by our own scheme; it refines the site that ``site_code`` gives."""
    return own_code(region)


def measurement_code(one: Measurement, body_part: str) -> CodedConcept:
    """What a number is; a code of our own where no standard one says exactly the same."""
    rows = _table()
    part = "lumbar_spine" if VERTEBRA.fullmatch(one.region) else BODY_PARTS.get(body_part, "")
    for region in (part, ""):
        listed = rows.get(("measurement", one.name, region))
        if listed is not None:
            return listed
    ibsi = IBSI_ID.search(one.source)
    if ibsi is not None:
        return CodedConcept(value=ibsi[1], scheme_designator="IBSI", meaning=_words(one.name))
    return own_code(one.name)


def unit_code(ucum: str) -> CodedConcept:
    meaning = UNIT_MEANINGS.get(ucum, ucum)
    return CodedConcept(value=ucum, scheme_designator="UCUM", meaning=meaning)


def own_code(name: str) -> CodedConcept:
    return CodedConcept(value=name, scheme_designator=OWN_SCHEME, meaning=_words(name))


def _words(name: str) -> str:
    """At most 64 characters, as a code's meaning may have (PS3.5, LO)."""
    return name.replace("_", " ")[:64]


@cache
def _table() -> dict[tuple[str, str, str], CodedConcept]:
    with TABLE.open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(line for line in lines if not line.startswith("#"))
        return {
            (row["of"], row["name"], row["region"]): CodedConcept(
                value=row["code"], scheme_designator=row["scheme"], meaning=row["meaning"]
            )
            for row in rows
        }
