"""What was known of a person, one Observation for each answer."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from riskapp.exchange.choices import CHOICES
from riskapp.exchange.fhir.spans import span_of
from riskapp.exchange.fhir.writing import codes
from riskapp.exchange.fhir.writing.assessed import Assessed
from riskapp.exchange.fhir.writing.codes import Json
from riskapp.exchange.fhir.writing.device import device_id
from riskapp.exchange.fhir.writing.elements import (
    extension,
    instant,
    narrative,
    reference,
    said,
)
from riskapp.exchange.fhir.writing.sources import elsewhere, scan_of
from riskapp.exchange.fhir.writing.values import value_of
from riskapp.exchange.fields import FIELDS
from riskapp.exchange.wording import value_text

# Told by the Patient, by the person who asks, or beside the densities that they belong to.
NOT_OBSERVED = frozenset({"population", "age_years", "sex", "dxa_manufacturer", "dxa_date"})
# LOINC has no code that separates the femoral neck, which the body site does. Codes as in
# clinical_codes.csv, sites as in dicom_codes.csv; the neck as a site is recalled, to be confirmed.
STANDARD: Mapping[str, str] = {
    "weight_kg": "29463-7",
    "height_cm": "8302-2",
    "body_mass_index": "39156-5",
    "femoral_neck_bmd_g_cm2": "24701-5",
    "femoral_neck_t_score": "38263-0",
    "total_hip_bmd_g_cm2": "38261-4",
    "total_hip_t_score": "38264-8",
    "lumbar_spine_bmd_g_cm2": "24966-4",
    "lumbar_spine_t_score": "38267-1",
}
SITES: Mapping[str, tuple[str, str]] = {
    "femoral_neck": ("29627003", "Structure of neck of femur"),
    "total_hip": ("310651003", "Proximal femur"),
    "lumbar_spine": ("122496007", "Lumbar spine"),
    "lumbar_texture": ("122496007", "Lumbar spine"),
    "l1_": ("66794005", "L1 vertebra"),
    "hip_axis": ("310651003", "Proximal femur"),
    "trabecular_bone_score": ("122496007", "Lumbar spine"),
}
VITAL_SIGNS = ("weight_kg", "height_cm", "body_mass_index")


def observed_fields(profile: Mapping[str, Any]) -> list[str]:
    """The known fields that have an Observation, in the order of the contract's table."""
    return [name for name in FIELDS if name in profile and name not in NOT_OBSERVED]


def observation_id(assessment: str, field: str) -> str:
    """At most 64 characters: the UUID without hyphens, and the field with them."""
    return observation_ids(assessment, [field])[0]


def observation_ids(assessment: str, fields: Iterable[str]) -> list[str]:
    """Of several fields, as ``observation_id`` has one."""
    head = UUID(assessment).hex
    return [f"{head}.{field.replace('_', '-')}" for field in fields]


def observations(told: Assessed) -> list[Json]:
    return [observation(told, field) for field in observed_fields(told.profile)]


def observation(told: Assessed, field: str) -> Json:
    """One answer. Raises KeyError where it is not known."""
    value = told.profile[field]
    shown = f"{FIELDS[field].label}: {value_text(field, value)}"
    made: Json = {
        "resourceType": "Observation",
        "id": observation_id(told.id, field),
        "meta": {"lastUpdated": instant(told.at)},
        "text": narrative(f"{shown}."),
        "extension": [extension("origin", valueString=told.provenance.get(field, "typed"))],
        "status": "final",
        "category": [{"coding": [category_of(field)]}],
        "code": code_of(field),
        "subject": told.subject,
        **_when(told, field),
        "issued": instant(told.at),
        **value_of(field, value),
        **_measured(told, field),
    }
    site = next((code for start, code in SITES.items() if field.startswith(start)), None)
    if site is not None:
        coded = {"system": codes.SNOMED, "code": site[0], "display": site[1]}
        made["bodySite"] = {"coding": [coded], "text": site[1]}
    components = _components(told, field)
    return made | ({"component": components} if components else {})


def category_of(field: str) -> Json:
    if field in VITAL_SIGNS:
        code, shown = "vital-signs", "Vital Signs"
    elif any(field.startswith(start) for start in SITES):
        code, shown = "imaging", "Imaging"
    else:
        code, shown = "survey", "Survey"
    return {"system": codes.OBSERVATION_CATEGORY, "code": code, "display": shown}


def code_of(field: str) -> Json:
    """The standard code first, and ours beside it, which is exact."""
    ours = codes.coding("field", field, FIELDS[field].label)
    standard = STANDARD.get(field)
    if standard is None:
        return {"coding": [ours], "text": FIELDS[field].label}
    # Without a display: a name that is not LOINC's own to the letter would be refused by some.
    loinc = {"system": codes.LOINC, "code": standard}
    return {"coding": [loinc, ours], "text": FIELDS[field].label}


def _when(told: Assessed, field: str) -> Json:
    """When it was so; nothing where nobody told the day of a scan."""
    chosen, scan = told.chosen_for(field), told.measured_for(field)
    if chosen and span_of(str(chosen["effective"])):
        return {"effectiveDateTime": str(chosen["effective"])}
    if scan and scan["on_is"] == "day of the scan":
        return {"effectiveDateTime": scan["on"]}
    if _is_density(field):
        day = told.profile.get("dxa_date")
        return {"effectiveDateTime": day} if day else {}
    return {} if scan else {"effectiveDateTime": instant(told.at)}


def _measured(told: Assessed, field: str) -> Json:
    """Of which image or resource, by what, and how."""
    scan, chosen = told.measured_for(field), told.chosen_for(field)
    made: Json = {}
    if scan:
        made["derivedFrom"] = [scan_of(scan)]
        made["method"] = {"text": said(scan["method"])}
        made["device"] = reference("Device", device_of(told))
        region = scan["region"].replace("_", " ")
        made["note"] = [{"text": f"Measured in {region}, tried on {scan['tried_on']}."}]
    elif chosen and chosen["resource"]:
        source = elsewhere(told, chosen)
        # FHIR lets an Observation be derived from few kinds; others stand in the provenance.
        if (source.get("type") or source["reference"]).startswith("Observation"):
            made["derivedFrom"] = [source]
    maker = told.profile.get("dxa_manufacturer")
    if not scan and maker and _is_density(field):
        shown = CHOICES["dxa_manufacturer"][maker]
        made["contained"] = [{"resourceType": "Device", "id": "scanner", "manufacturer": shown}]
        made["device"] = {"reference": "#scanner"}
    return made


def device_of(told: Assessed) -> str:
    return device_id(told.software_version, told.engine, told.estimate["model_id"])


def _components(told: Assessed, field: str) -> list[Json]:
    """Whose young adults a T-score is counted from."""
    if not field.endswith("_t_score"):
        return []
    at_hip = not field.startswith("lumbar")
    code = "nhanes-iii-women-20-29" if at_hip else "of-the-device"
    return [
        {
            "code": codes.concept("kind", "t-score-reference"),
            "valueCodeableConcept": codes.concept("score-reference", code),
        }
    ]


def _is_density(field: str) -> bool:
    return field.endswith(("_bmd_g_cm2", "_t_score"))
