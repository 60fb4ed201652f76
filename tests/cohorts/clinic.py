"""A made-up clinic whose records are written as a FHIR export and as OMOP's tables."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from riskapp.cohorts.cohort import Cohort
from riskapp.cohorts.reading import read_cohort

BASELINE = date(2012, 1, 1)
END = date(2022, 1, 1)
INDEX = {"first": "femoral_neck_t_score", "earliest": "2010-01-01", "end": END.isoformat()}
OMOP_CODES = {
    "femoral_neck_t_score": ["omop|2000000001"],
    "hip_fracture": ["omop|2000000002"],
    "forearm_fracture": ["omop|2000000003"],
    "crp": ["omop|2000000004"],
}
FHIR_CODES = {"crp": ["http://loinc.org|1988-5"]}
CRP = {"name": "crp", "label": "C-reactive protein", "unit": "mg/L", "low": 0, "high": 500}
NECK = {"coding": [{"system": "http://snomed.info/sct", "code": "29627003"}]}


def people(number: int, seed: int = 3) -> list[dict[str, Any]]:
    """One person after another with days of what happened to them."""
    rng = np.random.default_rng(seed)
    found = []
    for i in range(number):
        scan = BASELINE + timedelta(days=int(rng.integers(0, 700)))
        found.append(
            {
                "id": f"{1000 + i}",
                "sex": "female" if rng.random() < 0.7 else "male",
                "born": date(int(rng.integers(1930, 1955)), 3, 4),
                "scan": scan,
                "t": round(float(rng.normal(-1.5, 1)), 1),
                "weight": (scan - timedelta(days=30), round(float(rng.normal(70, 9)), 1)),
                "height": (scan - timedelta(days=30), round(float(rng.normal(165, 6)), 1)),
                "crp": (scan - timedelta(days=9), round(float(rng.lognormal(1, 0.5)), 1)),
                "arthritis": scan - timedelta(days=400) if rng.random() < 0.2 else None,
                "hip": _later(scan, 12_000, rng),
                "forearm": _later(scan, 9_000, rng),
                "died": _later(scan, 9_000, rng),
            }
        )
    return found


def _later(scan: date, mean_days: float, rng: np.random.Generator) -> date | None:
    day = scan + timedelta(days=1 + int(rng.exponential(mean_days)))
    return day if day <= END else None


def _quantity(code: str, day: date, value: float, unit: str, who: str, **more: Any) -> Any:
    return {
        "resourceType": "Observation",
        "status": "final",
        "subject": {"reference": f"Patient/{who}"},
        "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
        "effectiveDateTime": f"{day.isoformat()}T10:00:00Z",
        "valueQuantity": {"value": value, "code": unit},
        **more,
    }


def condition(system: str, code: str, day: date, who: str, **more: Any) -> Any:
    return {
        "resourceType": "Condition",
        "subject": {"reference": f"https://example.org/fhir/Patient/{who}"},
        "code": {"coding": [{"system": system, "code": code}]},
        "onsetDateTime": day.isoformat(),
        **more,
    }


def resources(one: dict[str, Any]) -> list[Any]:
    """One person's records in FHIR R4."""
    who = one["id"]
    patient = {
        "resourceType": "Patient",
        "id": who,
        "gender": one["sex"],
        "birthDate": one["born"].isoformat(),
    }
    if one["died"]:
        patient["deceasedDateTime"] = one["died"].isoformat()
    found = [
        patient,
        _quantity("38263-0", one["scan"], one["t"], "{T-score}", who, bodySite=NECK),
        _quantity("29463-7", one["weight"][0], one["weight"][1], "kg", who),
        _quantity("8302-2", one["height"][0], one["height"][1], "cm", who),
        _quantity("1988-5", one["crp"][0], one["crp"][1], "mg/L", who),
    ]
    icd = "http://hl7.org/fhir/sid/icd-10-cm"
    for kind, code in (("hip", "S72.001A"), ("forearm", "S52501A"), ("arthritis", "M05.79")):
        if one[kind]:
            found.append(condition(icd, code, one[kind], who))
    return found


def write_fhir(folder: Path, everything: list[Any]) -> Path:
    """Resources as one NDJSON for each type."""
    folder.mkdir(exist_ok=True)
    for kind in {each["resourceType"] for each in everything}:
        lines = [json.dumps(each) for each in everything if each["resourceType"] == kind]
        (folder / f"{kind}.ndjson").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def write_omop(folder: Path, everybody: list[dict[str, Any]]) -> Path:
    """The same people in OMOP's tables."""
    folder.mkdir(exist_ok=True)
    tables: dict[str, list[dict[str, Any]]] = {
        name: [] for name in ("person", "measurement", "condition_occurrence", "death")
    }
    for one in everybody:
        who, born = int(one["id"]), one["born"]
        tables["person"].append(
            {
                "person_id": who,
                "gender_concept_id": 8532 if one["sex"] == "female" else 8507,
                "year_of_birth": born.year,
                "month_of_birth": born.month,
                "day_of_birth": born.day,
            }
        )
        for concept, (day, value), unit in (
            (2000000001, (one["scan"], one["t"]), 0),
            (3025315, one["weight"], 9529),
            (3036277, one["height"], 8582),
            (2000000004, one["crp"], 8751),
        ):
            tables["measurement"].append(
                {
                    "person_id": who,
                    "measurement_concept_id": concept,
                    "measurement_date": day.isoformat(),
                    "value_as_number": value,
                    "unit_concept_id": unit,
                }
            )
        for concept, kind in ((2000000002, "hip"), (2000000003, "forearm"), (80809, "arthritis")):
            if one[kind]:
                tables["condition_occurrence"].append(
                    {
                        "person_id": who,
                        "condition_concept_id": concept,
                        "condition_start_date": one[kind].isoformat(),
                    }
                )
        if one["died"]:
            tables["death"].append({"person_id": who, "death_date": one["died"].isoformat()})
    for name, rows in tables.items():
        pd.DataFrame(rows).to_csv(folder / f"{name}.csv", index=False)
    return folder


def told(path: Path, **more: Any) -> Path:
    schema = {"constants": {"population": "gb"}, "index": INDEX, **more}
    path.with_suffix(".json").write_text(json.dumps(schema), encoding="utf-8")
    return path


def clinic(folder: Path, *changes: Any, number: int = 40, **more: Any) -> Cohort:
    """The clinic's cohort, with more resources about person 1000 (scan on the day in 'scan')."""
    everything = [each for one in people(number) for each in resources(one)]
    write_fhir(folder / "export", [*everything, *changes])
    return read_cohort(told(folder / "export", columns=[CRP], codes=FHIR_CODES, **more))


def scan_day() -> date:
    day: date = people(1)[0]["scan"]
    return day
