"""People answered together have the rows that they have one by one."""

import datetime
import random
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from riskapp.exchange import columnar
from riskapp.management import scored_tables
from riskapp.management.scored_rows import answers
from riskapp.management.scored_tables import SCHEMA, Answering
from riskapp.risk.estimate import EstimateOptions
from riskapp.risk.evidence import EvidenceEngine
from riskapp.risk.profile import FACTORS

CLOSE = 1e-12
DXA = datetime.date(2025, 6, 1)
# Plain cells, cells with something to be said of them, and cells that cannot be used.
USUAL: dict[str, list[Any]] = {
    "id": [1, 2, None],
    "population": ["gb", "gb", "gb", "us-white", "", "zz"],
    "age_years": [55.0, 62.5, 71.25, 80.0, 90.0, 39.0, 95.0, None, float("nan")],
    "sex": ["female", "male", "female", "Male", "other"],
    "weight_kg": [60.0, 82.0, None, 400.0],
    "height_cm": [160.0, 175.0, None, 120.0],
    "body_mass_index": [None, None, 23.4, 26.8, 81.0],
    "femoral_neck_t_score": [-2.5, -1.0, 0.5, None, 5.9, -7.5, float("inf")],
    "femoral_neck_bmd_g_cm2": [None, None, None, 0.7, 0.55, 9.0],
    "dxa_manufacturer": [None, "hologic", "ge_lunar"],
    "osteoporosis_treatment": ["none", None, "denosumab", "prayer"],
    "dxa_date": [DXA, DXA, None, *(datetime.date(year, 3, 1) for year in (1950, 2014, 2019, 2990))],
    **dict.fromkeys(FACTORS, [True, False, False, None]),
}
SOMETIMES: dict[str, list[Any]] = {
    "falls_last_year": [None, None, None, 1, 3],
    "lumbar_spine_t_score": [None, None, None, -2.0],
    "prior_fracture_months_ago": [None, None, None, 6.0],
    "trabecular_bone_score": [None, None, None, 1.2],
    "osteoporosis_treatment_years": [None, None, None, 50.0],
}
# Everything that counts beside the risk factors, about its borders and far from what is usual.
MODIFIERS: dict[str, list[Any]] = {
    "falls_last_year": [None, 0, 1, 2, 3, 50, 51],
    "type_2_diabetes_years": [None, 0.0, 0.1, 12.0, 50.0, 81.0],
    "glucocorticoid_dose_mg_daily": [None, 0.0, 2.4, 2.5, 5.0, 7.5, 20.0, 101.0],
    "glucocorticoid_duration_months": [None, None, 3.5, 700.0],
    "number_of_prior_fractures": [None, None, 0.0, 1.0, 2.0, 3.0, 2.5],
    "prior_fracture_site": [None, None, None, "hip", "Vertebra", "other", "rib"],
    "prior_fracture_months_ago": [None, 0.0, 11.0, 24.0, 24.5, 120.0, 400.0, 700.0],
    "lumbar_spine_t_score": [None, -2.0, 0.3, -6.5, 2.5, float("nan")],
    "lumbar_spine_bmd_g_cm2": [None, None, 0.9],
    "total_hip_t_score": [None, -1.5, -3.5],
    "total_hip_bmd_g_cm2": [None, None, 0.7],
    "trabecular_bone_score": [None, 1.2, 1.35, 0.8],
    "l1_attenuation_hu": [None, None, 120.5, 300.0],
    "l1_vbmd_mg_cm3": [None, None, 95.0],
    "hip_axis_length_mm": [None, None, 105.0],
    "lumbar_texture_score": [None, None, 0.95],
    "postmenopausal": [None, True, False],
    "osteoporosis_treatment_years": [None, None, 2.0, 45.0],
}
MAY_BE_BLANK = ("body_mass_index", "femoral_neck_t_score")
# Refused of most people, or of all.
NOBODYS = {51, 50.0, 81.0, 101.0, 2.5, "rib", 700.0, 400.0}
AS_TEXT: dict[str, list[str]] = {
    "age_years": ["70", " 62,5 ", "1,234", "seventy", "", "NaN", "1e1", "٧٠"],
    "femoral_neck_t_score": ["-2.5", "−2.5", "+1", "", " ", "-2_0"],
    "weight_kg": ["60", "", "60.5 ", "x" * 50],
    **dict.fromkeys(FACTORS, ["true", "No", "0", "1.0", "", "perhaps"]),
}


def drawn(cells: dict[str, list[Any]], rows: int, seed: int) -> list[dict[str, Any]]:
    told = random.Random(seed)
    return [{name: told.choice(values) for name, values in cells.items()} for _ in range(rows)]


def both(part: Any, rows: list[dict[str, Any]], **options: Any) -> tuple[list[Any], list[Any]]:
    """What is answered together, and one by one."""
    as_no = options.pop("unknown_as_no", False)
    how = EstimateOptions(unknown_as_no=as_no, explain=False, interval=False, verdicts=False)
    options = {"population": None, "clamp_age": False} | options
    engines, said = [EvidenceEngine()], "Columns that are no fields are ignored: note."
    together = Answering(engines, how, options, said).part(part)
    assert together.schema.equals(SCHEMA)
    for column in together.select(["population", "warnings", "unknown"]).columns:
        for chunk in column.chunks:  # else Parquet writes other bytes each time
            assert len(set(chunk.dictionary.to_pylist())) == len(chunk.dictionary)
    alone = pa.Table.from_pylist(list(answers(rows, engines, how, options, said)), SCHEMA)
    return together.to_pylist(), alone.to_pylist()


def alike(together: list[Any], alone: list[Any]) -> None:
    assert len(together) == len(alone)
    for one, other in zip(together, alone, strict=True):
        for name, value in other.items():
            if isinstance(value, float):
                assert one[name] == pytest.approx(value, abs=CLOSE, rel=0)
            else:
                assert one[name] == value


@pytest.mark.parametrize(
    "options",
    [{}, {"unknown_as_no": True}, {"clamp_age": True}, {"population": "us-white"}],
    ids=lambda told: "".join(told) or "plain",
)
@pytest.mark.parametrize("seed", [1, 2])
def test_a_parquet_part_is_answered_as_its_rows_are(options: dict[str, Any], seed: int) -> None:
    cells = USUAL | (SOMETIMES if seed == 2 else {})
    rows = drawn(cells, 400, seed)
    alike(*both(pa.RecordBatch.from_pylist(rows), rows, **options))


@pytest.mark.parametrize("known", [True, False], ids=["complete", "with blanks"])
@pytest.mark.parametrize("unknown_as_no", [False, True])
def test_what_counts_beside_the_risk_factors_counts_as_it_does_alone(
    known: bool, unknown_as_no: bool
) -> None:
    likely = {
        "population": ["gb", "us"],
        "age_years": [45.5, 58.25, 61.0, 74.9, 90.0],
        "sex": ["female", "male"],
        "body_mass_index": [14.9, 21.5, 36.9, 37.1],
        "femoral_neck_t_score": [-3.1, -2.2, -1.4],
        "dxa_manufacturer": ["hologic", "norland"],
        **dict.fromkeys(FACTORS, [True, False]),
    }
    blank = {} if known else {name: [*likely[name], None] for name in (*FACTORS, *MAY_BE_BLANK)}
    # One of a kind and many of a kind; most without what nobody may have.
    possible = {
        name: [cell for cell in cells if cell not in NOBODYS] for name, cells in MODIFIERS.items()
    }
    # A fracture that is described cannot have been denied.
    possible["prior_fragility_fracture"] = [True]
    rows = drawn(likely | blank | MODIFIERS, 300, 5) + drawn(likely | blank | possible, 900, 6)
    few = {"falls_last_year": [0, 3], "trabecular_bone_score": [1.2, 1.31, None]}
    rows += drawn(likely | blank | few, 300, 7)
    together = both(pa.RecordBatch.from_pylist(rows), rows, unknown_as_no=unknown_as_no)
    assert sum(not row["refused"] for row in together[0]) > 500
    alike(*together)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_text_part_is_answered_as_its_rows_are(seed: int) -> None:
    written = {name: [str(each or "") for each in values] for name, values in USUAL.items()}
    rows = drawn(written | AS_TEXT | {"femoral_neck_t_score": ["-2.5", "−1,0"]}, 400, seed)
    alike(*both(rows, rows))


@pytest.mark.parametrize(
    ("kind", "ages"),
    [
        (pa.decimal128(5, 2), [Decimal("70.25"), None]),
        (pa.float32(), [70.1, None]),
        (pa.int16(), [70, 39]),
        (pa.uint64(), [70, 2**64 - 1]),
        (pa.bool_(), [True, None]),
        (pa.date32(), [DXA, None]),
        (pa.large_string(), ["70", "x"]),
        (pa.dictionary(pa.int8(), pa.string()), ["70", "70,5"]),
    ],
    ids=str,
)
def test_cells_of_every_type_are_read_as_the_reader_reads_them(
    kind: pa.DataType, ages: list[Any]
) -> None:
    batch = pa.RecordBatch.from_pydict(
        {
            "id": pa.array([1.5, None]),
            "population": pa.array(["gb", "gb"]),
            "age_years": pa.array(ages, kind),
            "sex": pa.array(["female", "male"]),
            "femoral_neck_t_score": pa.array([-2, -1]),
            "body_mass_index": pa.array(["24", "25,5"]),
            **{name: pa.array([0, 1.0]) for name in FACTORS},
        }
    )
    alike(*both(batch, batch.to_pylist()))


@pytest.mark.parametrize(
    ("name", "value", "apart"),
    [
        # Not valid in a body so heavy, so that it counts for one and not for the other.
        ("trabecular_bone_score", 1.2, {"body_mass_index": [45.0, 45.0, 24.0]}),
        # Longer than one of them has lived.
        ("osteoporosis_treatment_years", 60.0, {"age_years": [80.0, 81.0, 57.0]}),
        ("type_2_diabetes_years", 60.0, {"age_years": [80.0, 81.0, 57.0]}),
        ("femoral_neck_bmd_g_cm2", 0.6, {"femoral_neck_t_score": [-2.1, -2.2, -4.0]}),
    ],
)
@pytest.mark.parametrize("unknown_as_no", [False, True])
def test_what_a_number_makes_of_another_answer_is_not_taken_from_the_first_of_a_kind(
    name: str, value: float, apart: dict[str, list[float]], unknown_as_no: bool
) -> None:
    person = {"population": "gb", "sex": "female", "age_years": 70.0, "body_mass_index": 24.0}
    person |= {"femoral_neck_t_score": -2.1, "dxa_manufacturer": "hologic", name: value}
    person |= dict.fromkeys(FACTORS, False)
    rows = [
        {**person, **dict(zip(apart, each, strict=True))}
        for each in zip(*apart.values(), strict=True)
    ]
    alike(*both(pa.RecordBatch.from_pylist(rows), rows, unknown_as_no=unknown_as_no))


def test_people_of_one_kind_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read, true = [], scored_tables.read_profile
    monkeypatch.setattr(
        scored_tables, "read_profile", lambda *a, **k: read.append(1) or true(*a, **k)
    )
    person = {"population": "gb", "sex": "female", "body_mass_index": 24.0}
    person |= dict.fromkeys(FACTORS, False)
    rows = [person | {"age_years": 50.0 + i / 8, "femoral_neck_t_score": -1.5} for i in range(300)]
    together, _ = both(pa.RecordBatch.from_pylist(rows), rows)
    assert len(read) == 1
    assert len({row["hip_10y"] for row in together}) == 300


def test_nobody_is_read_twice_where_everybody_is_different(monkeypatch: pytest.MonkeyPatch) -> None:
    read, true = [], scored_tables.read_profile
    monkeypatch.setattr(
        scored_tables, "read_profile", lambda *a, **k: read.append(1) or true(*a, **k)
    )
    names = ("falls_last_year", "type_2_diabetes_years", "lumbar_spine_t_score")
    person = {"population": "gb", "sex": "female", "age_years": 70.0}
    rows = [
        person | {name: 1.0 if code >> at & 1 else None for at, name in enumerate(names)}
        for code in range(8)
    ]
    alike(*both(pa.RecordBatch.from_pylist(rows), rows))
    assert not read


def test_what_is_said_of_the_first_alone_is_not_said_of_all() -> None:
    person = {"population": "gb", "sex": "female", "body_mass_index": 24.0, "age_years": 60.0}
    person |= dict.fromkeys(FACTORS, False) | {"trabecular_bone_score": 1.3}
    rows = [person | {"femoral_neck_t_score": t_score} for t_score in (5.5, -1.5, -1.6, -1.7)]
    rows += [person | {"trabecular_bone_score": tbs} for tbs in (0.6, 1.25, 1.31)]
    together, alone = both(pa.RecordBatch.from_pylist(rows), rows)
    alike(together, alone)
    assert ["far from" in row["warnings"] for row in together] == [True, *[False] * 3] + [
        True,
        *[False] * 2,
    ]


def test_many_different_cells_do_not_run_out_of_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columnar, "MOST_CODES", 4)
    cells = {name: [i / 7 for i in range(60)] for name in ("falls_last_year", "total_hip_t_score")}
    cells |= {f"{site}_bmd_g_cm2": [0.5 + i / 99 for i in range(60)] for site in ("total_hip",)}
    plain = {"population": ["gb"], "age_years": [70.0], "sex": ["female"]}
    rows = drawn(plain | cells | {"l1_attenuation_hu": list(range(50))}, 60, 3)
    alike(*both(pa.RecordBatch.from_pylist(rows), rows))


def test_a_part_is_answered_alike_whatever_was_answered_before() -> None:
    # Of the odd something of their own is said; of the usual of the same kind nothing is.
    person = {"population": "gb", "sex": "female", "age_years": 60.0, "trabecular_bone_score": 1.3}
    person |= dict.fromkeys(FACTORS, False)
    odd, usual = (
        pa.RecordBatch.from_pylist(
            [
                person | {"body_mass_index": 20 + i / 7, "femoral_neck_t_score": t_score + i / 99}
                for i in range(40)
            ]
        )
        for t_score in (5.0, -2.0)
    )
    how = EstimateOptions(explain=False, interval=False, verdicts=False)
    asked = ([EvidenceEngine()], how, {"population": None, "clamp_age": False}, "")
    fresh, used = Answering(*asked), Answering(*asked)
    used.part(usual)
    assert used.part(odd).equals(fresh.part(odd))
    assert used.part(usual).equals(fresh.part(usual))
