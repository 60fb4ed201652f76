"""Files as strangers bring them: read, or refused in one sentence."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from riskapp.cohorts.follow_up import UnreadableCohort, UnusableCohort
from riskapp.cohorts.limits import MOST_COLUMNS
from riskapp.cohorts.reading import cohort_from, read_cohort
from riskapp.cohorts.site_schema import FORM, schema_from
from riskapp.cohorts.table_files import load_table
from tests.cohorts.real import COHORTS
from tests.cohorts.tables import made_up, read

DOCS = Path(__file__).parents[2] / "docs" / "cohort-files.md"
PEOPLE = made_up(120)


def text(separator: str = ",", decimal: str = ".") -> str:
    return PEOPLE.to_csv(index=False, sep=separator, decimal=decimal)


def test_the_example_of_the_documentation_reads_the_real_table() -> None:
    example = re.search(r"```json\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    assert example is not None
    assert len(example[1].splitlines()) <= 30
    told = schema_from(json.loads(example[1]), "example.json")
    path = COHORTS / "longitudinal" / "longitudinal_development.csv"
    if not path.is_file():
        pytest.skip("the longitudinal cohort is not beside the project")
    cohort = cohort_from(load_table(path)[0], name="x", schema=told)
    assert [column.name for column in cohort.site_columns] == ["quad", "sway"]
    assert cohort.made_by == {"about": "Community cohort, first visit 1989-1992"}


def test_every_part_of_the_form_is_documented() -> None:
    documented = DOCS.read_text(encoding="utf-8")
    form = json.loads(FORM.read_text(encoding="utf-8"))["properties"]
    assert {part for part in form if part != "simulated" and f"`{part}`" not in documented} == set()


@pytest.mark.parametrize(
    ("ending", "content"),
    [
        (".csv", text()),
        (".csv", text("|")),
        (".csv", "\ufeff" + text()),
        (".csv", text(";")),
        (".tsv", text("\t")),
        (".csv", text(";", ",")),
        (".csv", text().replace("\n", "\r\n")),
        (".csv", text().replace(",True", ",TRUE").replace(",False", ",no")),
    ],
    ids=["csv", "bars", "BOM", "semicolons", "tabs", "decimal commas", "CRLF", "words"],
)
def test_tables_as_programs_write_them_read_alike(
    tmp_path: Path, ending: str, content: str
) -> None:
    (tmp_path / f"people{ending}").write_text(content, encoding="utf-8", newline="")
    PEOPLE.to_parquet(tmp_path / "people.parquet")
    one = read_cohort(tmp_path / f"people{ending}")
    other = read_cohort(tmp_path / "people.parquet")
    assert one.profiles == other.profiles
    assert len(one.profiles) == len(PEOPLE)
    for name, each in one.follow_up.items():
        np.testing.assert_allclose(each.years, other.follow_up[name].years)


@pytest.mark.parametrize("blank", ["NA", "n/a", ".", "NaN", "null", ""])
def test_what_other_programs_write_for_not_known_is_not_known(tmp_path: Path, blank: str) -> None:
    table = PEOPLE.astype(object)
    table.loc[3, "femoral_neck_t_score"] = blank
    table.to_csv(tmp_path / "people.csv", index=False)
    cohort = read_cohort(tmp_path / "people.csv")
    assert cohort.profiles[3].femoral_neck_t_score is None
    assert cohort.left_out == {}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"),
        (b"id,age_years\n", "holds no people"),
        (b"\0\0\0\0", "zero bytes"),
        (text().encode("utf-16"), "zero bytes"),
        (text().replace("gb", "gé").encode("latin-1"), "not UTF-8"),
        (b"age_years,age_years\n1,2\n", "more than one column named 'age_years'"),
        (b"%PDF-1.7\nsome,thing\n", "No line of people.csv fits its first line|no outcome"),
        (b"Export of the study\n" + text().encode(), "fits its first line"),
        ((",".join(f"c{i}" for i in range(1_000_000)) + "\n1\n").encode(), "1,000,000 columns"),
    ],
    ids=["empty", "header", "zeros", "UTF-16", "Latin-1", "twice", "PDF", "title", "wide"],
)
def test_what_is_no_cohort_is_refused_in_a_sentence(
    tmp_path: Path, content: bytes, sentence: str
) -> None:
    path = tmp_path / "people.csv"
    path.write_bytes(content)
    with pytest.raises(UnusableCohort, match=sentence) as refused:
        read_cohort(path)
    assert str(refused.value).count(". ") == 0


def test_a_damaged_parquet_and_an_absent_file_are_unreadable(tmp_path: Path) -> None:
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 and no more")
    for name in ("broken.parquet", "absent.csv"):
        with pytest.raises(UnreadableCohort):
            read_cohort(tmp_path / name)
    wide = pd.DataFrame([[1.0] * 40], columns=[f"c{i}" for i in range(40)])
    wide.to_parquet(tmp_path / "wide.parquet")
    with pytest.raises(UnusableCohort, match="no outcome"):
        read_cohort(tmp_path / "wide.parquet")
    assert MOST_COLUMNS >= 20_000  # as many as a genome has genes


@pytest.mark.parametrize("cell", ["=1+1", '=HYPERLINK("x")', "9" * 20_000, "1e999", "seventy"])
def test_a_cell_that_is_no_number_costs_its_row_or_the_file_never_a_guess(
    tmp_path: Path, cell: str
) -> None:
    table = PEOPLE.astype(object)
    table.loc[3, "age_years"] = cell
    table.to_csv(tmp_path / "people.csv", index=False)
    if len(cell) > 10_000:
        with pytest.raises(UnusableCohort, match="more than 10,000 characters"):
            read_cohort(tmp_path / "people.csv")
        return
    left_out = read_cohort(tmp_path / "people.csv").left_out
    assert left_out == {"Age cannot be used as it is written": 1}
    table = PEOPLE.astype(object)
    table.loc[3, "any_time_years"] = cell
    table.to_csv(tmp_path / "people.csv", index=False)
    with pytest.raises(UnusableCohort, match="any_time_years holds 1 cells that are no times"):
        read_cohort(tmp_path / "people.csv")


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ("{", "cannot be read as JSON"),
        ("[]", "in the whole"),
        ({"colums": []}, "'colums' was unexpected"),
        ({"columns": {"strength": 5}}, "columns.0"),
        ({"columns": "strength"}, "in columns"),
        ({"columns": [{"name": "1st"}]}, "columns.0.name"),
        ({"columns": [{"name": "a"}, {"name": "a"}]}, "a is declared twice"),
        ({"columns": [{"name": "age_years"}]}, "age_years is a field of the contract"),
        ({"columns": [{"name": "strength", "low": 3, "high": 3}]}, "low that is not below"),
        ({"rename": {"absent": "age_years"}}, "lacks absent"),
        ({"rename": {"strength": "power"}}, "power is no field"),
        ({"rename": {"sex": "age_years"}}, "also calls sex so"),
        ({"constants": {"poplation": "gb"}}, "poplation is no field"),
        ({"units": {"strength": "kg"}}, "unit for strength, which is no number"),
        ({"units": {"body_mass_index": "kg"}}, "the one measures mass"),
        ({"outcomes": {"hip": {"event": "hip_event"}}}, "outcomes.hip"),
        ({"outcomes": {"any": {"event": "fracture", "within_years": 1}}}, "lacks fracture"),
        ({"allow": {"strength": "because"}}, "allow.strength"),
        ({"simulated": {"people": 3}}, "simulated"),
        ({"outcomes": {"any": {"event": "fracture", "within_years": 1e308}}}, "maximum of 60"),
        ({"columns": [{"name": "strength", "low": float("nan")}]}, "a number or letter that is"),
        ({"columns": [{"name": "strength", "high": 10**400}]}, "a number or letter that is"),
        ({"about": "\ud800"}, "a number or letter that is"),
        ({"scans": {"file": "a\0"}, "dates": {"baseline": "sex"}, "person": "sex"}, "no name of"),
        ({"columns": ["strength"] * 50_000}, "strength is declared twice"),
    ],
)
def test_a_json_that_does_not_fit_is_refused_by_the_name_of_its_part(
    tmp_path: Path, told: Any, sentence: str
) -> None:
    PEOPLE.to_csv(tmp_path / "people.csv", index=False)
    written = told if isinstance(told, str) else json.dumps(told)
    (tmp_path / "people.json").write_text(written, encoding="utf-8")
    with pytest.raises(UnusableCohort, match=re.escape(sentence)):
        read_cohort(tmp_path / "people.csv")


def test_a_parquet_of_bytes_or_of_days_that_are_none_is_answered_in_a_sentence(
    tmp_path: Path,
) -> None:
    table = PEOPLE.astype(object)
    table["age_years"] = [b"\xff\xfe", *(b"%d" % age for age in PEOPLE["age_years"][1:])]
    table.astype({"age_years": object}).to_parquet(tmp_path / "people.parquet")
    left_out = read_cohort(tmp_path / "people.parquet").left_out
    assert left_out == {"Age cannot be used as it is written": 1}
    no_day = pa.table({"day": pa.array([2**62], pa.timestamp("us"))})
    pq.write_table(no_day, tmp_path / "people.parquet")
    with pytest.raises(UnusableCohort, match="damaged"):
        read_cohort(tmp_path / "people.parquet")


def test_codes_and_constants_fill_in_and_a_simulators_note_marks_its_people(tmp_path: Path) -> None:
    table = PEOPLE.drop(columns="population")
    table["sex"] = np.where(table["sex"] == "male", 1.0, 2.0)
    table.to_csv(tmp_path / "people.csv", index=False)
    told: dict[str, Any] = {
        "values": {"sex": {"1": "male", "2": "female"}},
        "constants": {"population": "ee"},
    }
    (tmp_path / "people.json").write_text(json.dumps(told), encoding="utf-8")
    cohort = read_cohort(tmp_path / "people.csv")
    assert {each.population for each in cohort.profiles} == {"ee"}
    assert [each.sex.value for each in cohort.profiles] == PEOPLE["sex"].tolist()
    assert cohort.trained_on == "cohort people"
    told["simulated"] = {"people": 120, "seed": 1, "population": "ee"}
    (tmp_path / "people.json").write_text(json.dumps(told), encoding="utf-8")
    assert read_cohort(tmp_path / "people.csv").trained_on == "simulated"
    table.loc[5, "id"] = "simulated-5"
    table.to_csv(tmp_path / "alone.csv", index=False)
    del told["simulated"]
    (tmp_path / "other.json").write_text(json.dumps(told), encoding="utf-8")
    alone = read_cohort(tmp_path / "alone.csv", schema=tmp_path / "other.json")
    assert alone.trained_on == "simulated"


def test_columns_may_be_told_as_names_as_objects_or_by_name() -> None:
    full = [{"name": "strength", "unit": "kg"}, {"name": "age2"}]
    by_name = {"strength": {"unit": "kg"}, "age2": {}}
    assert schema_from({"columns": by_name}, "x").columns == tuple(full)
    assert schema_from({"columns": full}, "x").columns == tuple(full)
    assert schema_from({"columns": ["age2"]}, "x").columns == ({"name": "age2"},)


@pytest.mark.parametrize(("lines", "refused"), [(10, False), (11, True)])
def test_more_than_a_few_lines_that_do_not_fit_the_header_refuse_the_file(
    tmp_path: Path, lines: int, refused: bool
) -> None:
    path = tmp_path / "people.csv"
    path.write_text(text() + "p,1,2,3\n" * lines, encoding="utf-8")
    if refused:
        with pytest.raises(UnusableCohort, match="11 of 131 lines do not fit the header"):
            read_cohort(path)
        return
    assert read_cohort(path).left_out == {"line does not fit the header": 10}


def test_a_constant_stands_only_where_the_table_is_blank_and_that_is_said() -> None:
    told = read(PEOPLE, constants={"age_years": "old"})
    assert [each.age_years for each in told.profiles] == PEOPLE["age_years"].tolist()
    said = "The table has age_years itself: the JSON’s constant stands in the 0 rows where it is"
    assert any(remark.startswith(said) for remark in told.remarks)
    blanks = PEOPLE.assign(population=[None] * 3 + ["gb"] * 117)
    filled = read(blanks, constants={"population": "us-white"})
    assert [each.population for each in filled.profiles[:4]] == ["us-white"] * 3 + ["gb"]
    assert any("stands in the 3 rows" in remark for remark in filled.remarks)
    alone = read(PEOPLE.drop(columns="population"), constants={"population": "gb"})
    assert not any("constant" in remark for remark in alone.remarks)


def test_a_range_without_a_unit_is_told_without_one() -> None:
    table = PEOPLE.assign(pal=100.0)
    table.loc[4, "pal"] = 206.2
    for unit, words in (("1", "pal: outside 0 to 200"), ("ug/L", "pal: outside 0 to 200 ug/L")):
        pal = {"name": "pal", "unit": unit, "low": 0, "high": 200}
        schema = schema_from({"columns": [pal]}, "told.json")
        assert cohort_from(table, name="x", schema=schema).left_out == {words: 1}
