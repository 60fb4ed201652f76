"""People whom a learned engine answers together have the rows that they have one by one."""

from typing import Any

import pyarrow as pa
import pytest

from riskapp.management import scored_tables
from riskapp.management.scored_rows import answers
from riskapp.management.scored_tables import SCHEMA, Answering
from riskapp.modelstore import engine_named
from riskapp.risk.estimate import EstimateOptions
from riskapp.risk.profile import FACTORS
from tests.commands.test_score_by_columns import alike, drawn

COMPLETE: dict[str, list[Any]] = {
    "id": [1, 2],
    "population": ["gb", "gb", "us"],
    # At the border of what was seen, within and beyond it.
    "age_years": [40.0, 55.5, 71.25, 89.9, 90.0],
    "sex": ["female", "male"],
    "weight_kg": [60.0, 82.5],
    "height_cm": [160.0, 175.0],
    "femoral_neck_bmd_g_cm2": [None, None, 0.66],
    "femoral_neck_t_score": [-2.5, -1.9],
    "dxa_manufacturer": ["hologic"],
    "lumbar_spine_t_score": [-2.0, -0.4, 3.9],
    "lumbar_texture_score": [0.95, 0.97, 0.5],
    "l1_attenuation_hu": [95.0, 120.5, 330.0],
    "hip_axis_length_mm": [105.0, 111.5, 70.0],
    "falls_last_year": [None, 0, 3],
    "type_2_diabetes_years": [None, None, 4.0],
    **dict.fromkeys(FACTORS, [True, False]),
}
BLANKS: dict[str, list[Any]] = {"l1_attenuation_hu": [95.0, None], "current_smoker": [True, None]}


def compared(rows: list[dict[str, Any]], *names: str, as_no: bool = False) -> list[Any]:
    """Rows answered together, once they are found to be those of one by one."""
    how = EstimateOptions(unknown_as_no=as_no, explain=False, interval=False, verdicts=False)
    options = {"population": None, "clamp_age": False}
    engines = [engine_named(name) for name in names]
    together = Answering(engines, how, options, "").part(pa.RecordBatch.from_pylist(rows))
    alone = pa.Table.from_pylist(list(answers(rows, engines, how, options, "")), SCHEMA)
    alike(together.to_pylist(), alone.to_pylist())
    return together.to_pylist()


@pytest.mark.parametrize("name", ["cox", "xgboost", "lightgbm", "neural", "ensemble"])
def test_complete_people_are_answered_as_their_rows_are(name: str) -> None:
    found = compared(drawn(COMPLETE, 200, 1), name)
    said = " ".join(row["warnings"] or row["refused"] for row in found)
    assert all(words in said for words in ("learned from people of", "in nearly", "together are"))


@pytest.mark.parametrize("as_no", [False, True])
def test_people_with_blanks_stand_beside_the_others(as_no: bool) -> None:
    found = compared(drawn(COMPLETE | BLANKS, 60, 2), "xgboost", as_no=as_no)
    assert {row["unknown"] for row in found} > {"", "l1_attenuation_hu"}


def test_engines_asked_together_answer_each_person_in_turn() -> None:
    found = compared(drawn(COMPLETE | BLANKS, 30, 3), "evidence", "cox")
    assert [row["engine"] for row in found] == ["evidence", "cox"] * 30


def test_people_of_one_kind_are_read_once_for_an_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    read, true = [], scored_tables.read_profile
    monkeypatch.setattr(
        scored_tables, "read_profile", lambda *a, **k: read.append(1) or true(*a, **k)
    )
    person = {name: cells[-1] for name, cells in COMPLETE.items()}
    person |= {"population": "gb", "lumbar_spine_t_score": -1.5, "lumbar_texture_score": 0.96}
    person |= {"l1_attenuation_hu": 110.0, "hip_axis_length_mm": 108.0, "age_years": 70.0}
    person |= {"femoral_neck_bmd_g_cm2": None}
    rows = [person | {"femoral_neck_t_score": -1.5 - i / 999} for i in range(50)]
    compared(rows, "lightgbm")
    assert len(read) == 1
