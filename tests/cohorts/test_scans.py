"""Measurements of scans join by person and date, and none that was taken after baseline."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from riskapp.cohorts.cohort import Cohort
from riskapp.cohorts.follow_up import UnreadableCohort, UnusableCohort
from riskapp.cohorts.reading import read_cohort
from tests.cohorts.tables import STRENGTH, made_up

ENTROPY = {"name": "entropy", "unit": "1", "low": 0, "high": 10}


def read(folder: Path, rows: list[dict[str, Any]], **told: Any) -> Cohort:
    made_up(60).assign(visit="2015-06-01").to_csv(folder / "people.csv", index=False)
    pd.DataFrame(rows).to_csv(folder / "scans.csv", index=False)
    schema = {
        "columns": [STRENGTH, ENTROPY],
        "dates": {"baseline": "visit"},
        "scans": {"file": "scans.csv", "features": {"joint_entropy@L1-L4": "entropy"}},
    } | told
    schema = {part: said for part, said in schema.items() if said}
    (folder / "people.json").write_text(json.dumps(schema), encoding="utf-8")
    return read_cohort(folder / "people.csv")


def scan(date: str, value: Any, **more: Any) -> dict[str, Any]:
    one = {"person": "p0", "date": date, "name": "joint_entropy", "region": "L1-L4", "unit": "1"}
    return one | {"value": value} | more


@pytest.mark.parametrize(
    ("scans", "value"),
    [
        ([scan("2015-06-01", 3.5)], 3.5),
        ([scan("2015-06-02", 3.5)], None),
        ([scan("2014-06-02", 3.5)], 3.5),
        ([scan("2014-05-31", 3.5)], None),
        ([scan("2015-01-01", 3.5), scan("2015-03-01", 4.5), scan("2015-02-01", 5.5)], 4.5),
        ([scan("2015-01-01", 3.5), scan("2015-07-01", 4.5)], 3.5),
        ([scan("2015-01-01", 3.5, region="L1")], None),
        ([scan("2015-01-01", 3.5, unit="mm")], None),
        ([scan("2015", 3.5)], None),
    ],
)
def test_the_newest_before_baseline_within_the_window_joins(
    tmp_path: Path, scans: list[dict[str, Any]], value: float | None
) -> None:
    # Somebody else's, so that the column is known of someone.
    cohort = read(tmp_path, [*scans, scan("2015-05-05", 2.0, person="p1")])
    assert cohort.profiles[0].site_values.get("entropy") == value
    assert cohort.profiles[1].site_values["entropy"] == 2.0
    told = " ".join(cohort.remarks)
    assert "Joined from scans by the newest before baseline: entropy of" in told
    assert ("not used" in told) == (value is None or any("07" in s["date"] for s in scans))


def test_what_measure_printed_is_read_and_what_it_refused_is_counted(tmp_path: Path) -> None:
    one = {"name": "l1_attenuation_hu", "region": "L1", "value": 131.5, "unit": "[hnsf'U]"}
    for name, status, measurements in (("a", "measured", [one]), ("b", "refused", [])):
        told = {"status": status, "reason": None, "measurements": measurements}
        (tmp_path / f"{name}.json").write_text(json.dumps(told), encoding="utf-8")
    scans = [
        {"person": f"p{i}", "date": "2015-05-01", "result": f"{name}.json"}
        for i, name in enumerate("ab")
    ]
    cohort = read(tmp_path, scans, columns=[STRENGTH], scans={"file": "scans.csv"})
    assert cohort.profiles[0].l1_attenuation_hu == 131.5
    assert cohort.profiles[1].l1_attenuation_hu is None
    assert any("1 of scans that could not be measured" in remark for remark in cohort.remarks)
    (tmp_path / "a.json").write_text("[]", encoding="utf-8")
    with pytest.raises(UnreadableCohort, match=r"a\.json is not what measure --json prints"):
        read(tmp_path, scans, columns=[STRENGTH], scans={"file": "scans.csv"})


def test_scans_need_dates_and_names_that_are_declared(tmp_path: Path) -> None:
    with pytest.raises(UnusableCohort, match=r"under dates\.baseline"):
        read(tmp_path, [scan("2015-01-01", 1.0)], dates={})
    features = {"joint_entropy": "texture"}
    with pytest.raises(UnusableCohort, match="names texture, which is no number"):
        read(tmp_path, [scan("2015-01-01", 1)], scans={"file": "scans.csv", "features": features})
    with pytest.raises(UnreadableCohort, match="There is no file"):
        read(tmp_path, [scan("2015-01-01", 1.0)], scans={"file": "absent.csv"})
    with pytest.raises(UnreadableCohort, match="lacks the column person"):
        read(tmp_path, [{"date": "2015-01-01", "name": "a", "value": 1}])
    for outside in ("../scans.csv", "/etc/hostname"):
        with pytest.raises(UnreadableCohort, match="lies outside the cohort’s folder"):
            read(tmp_path, [scan("2015-01-01", 1.0)], scans={"file": outside})
