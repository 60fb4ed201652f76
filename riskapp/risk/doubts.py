"""Doubts about the published effects, and what each drawn one does to the hazards of a person."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from riskapp.risk.bone_measurements import FRACTURES
from riskapp.risk.evidence_sets import EvidenceSet
from riskapp.risk.hazard_terms import (
    BMI_ABOVE_FROM_KG_M2,
    REFERENCE_BMI_KG_M2,
    Parameters,
    mean_t_score,
)
from riskapp.risk.missing import Known
from riskapp.risk.modifiers import ARTHRITIS, Modifiers
from riskapp.risk.profile import FACTORS

Array = npt.NDArray[np.float64]
Rows = Mapping[str, Any]  # of each input: an array, or the one number of a person

CAUSES = (*FRACTURES, "death")


def doubts_of(evidence: EvidenceSet, modifiers: Modifiers) -> dict[str, float]:
    """The standard deviation of each doubt, in the order in which they are drawn."""
    doubts = dict(evidence.doubts)
    doubts |= {f"modifier.{name}": detail.sd for name, detail in modifiers.details.items()}
    if modifiers.falls:
        doubts["modifier.falls"] = modifiers.falls.sd * modifiers.falls.per_doubt
    if modifiers.bone:
        for cause, lines in modifiers.bone.doubts.items():
            doubts |= {f"modifier.bone.{cause}.{i}": 1.0 for i in range(len(lines))}
    return doubts


def shifts(
    shocks: Mapping[str, Array], rows: Rows, mean_t: Array, modifiers: Modifiers
) -> list[Array]:
    """What the drawn doubts add to the log-hazard of each cause, the same at all ages of one draw.

    Parameters
    ----------
    shocks : mapping of doubt to ndarray
        Each as drawn, times its standard deviation.
    mean_t : ndarray, shape ()
        Mean T-score of age and sex.
    """
    amounts = _amounts(rows, mean_t, modifiers)
    found = []
    for cause in CAUSES:
        total = shocks[f"base.{cause}"]
        for name, amount in _of_cause(cause, amounts, rows).items():
            if name in shocks:
                total = total + shocks[name] * amount
        further = np.zeros(())
        for name, amount in _of_modifiers(cause, rows, modifiers).items():
            further = further + shocks[name] * amount
        found.append(total + further)
    return found


def shifts_of_one(
    known: Known, parameters: Parameters, doubts: Mapping[str, float], drawn: Array
) -> Array:
    """``shifts`` of somebody of whom every input is known, shape (causes, draws).

    Parameters
    ----------
    doubts : mapping of doubt to its standard deviation
    drawn : ndarray, shape (doubts, draws)
        Standard normal draws, in the order of the doubts.
    """
    from riskapp.risk.compiled_person import weighted

    rows = {
        "femoral_neck_t_score": known.t_score,
        "bmi_kg_m2": known.bmi_kg_m2,
        **{name: float(bool(answer)) for name, answer in known.factors.items()},
    }
    at_reference = np.asarray(REFERENCE_BMI_KG_M2)
    age = np.asarray(known.age_years)
    mean_t = float(mean_t_score(parameters, known.sex, age, at_reference, {}))
    amounts = _amounts(rows, mean_t, known.modifiers)
    weights = np.zeros((len(CAUSES), len(doubts)))
    for weight, cause in zip(weights, CAUSES, strict=True):
        own = {f"base.{cause}": 1.0, **_of_cause(cause, amounts, rows)}
        own |= _of_modifiers(cause, rows, known.modifiers)
        for place, (name, sd) in enumerate(doubts.items()):
            if name in own:
                weight[place] = sd * own[name]
    found: Array = weighted(weights, drawn)
    return found


def _amounts(rows: Rows, mean_t: Any, modifiers: Modifiers) -> dict[str, Any]:
    """How much of each effect somebody has.

    A doubtful gradient turns about the mean T-score of the age and sex: there the base is known
    best. A doubt about body mass index acts where the effect itself does.
    """
    amounts = {
        "t_score": mean_t - rows["femoral_neck_t_score"],
        "bmi_below_25": np.maximum(REFERENCE_BMI_KG_M2 - rows["bmi_kg_m2"], 0),
        **{name: rows[name] for name in FACTORS},
    }
    if modifiers.diabetes:  # it counts as rheumatoid arthritis does, and its doubt with it
        beside = modifiers.diabetes.present - modifiers.diabetes.share
        amounts[ARTHRITIS] = rows[ARTHRITIS] + beside * (1 - rows[ARTHRITIS])
    return amounts


def _of_cause(cause: str, amounts: Mapping[str, Any], rows: Rows) -> dict[str, Any]:
    """The amounts by the names of doubts about one cause."""
    above = np.maximum(rows["bmi_kg_m2"] - BMI_ABOVE_FROM_KG_M2[cause], 0)
    return {f"{cause}.{name}": amount for name, amount in amounts.items()} | {
        f"{cause}.bmi_above": above
    }


def _of_modifiers(cause: str, rows: Rows, modifiers: Modifiers) -> dict[str, Any]:
    """The same of what is known beyond the risk factors."""
    if cause not in FRACTURES:
        return {}
    found = {f"modifier.{factor}": rows[factor] for factor in modifiers.details}
    if modifiers.falls:
        found["modifier.falls"] = 1.0
    if modifiers.bone:
        for i, line in enumerate(modifiers.bone.doubts[cause]):
            found[f"modifier.bone.{cause}.{i}"] = line.at(rows["femoral_neck_t_score"])
    return found
