"""The validation page: one section for each file given, and a sentence for a wrong one."""

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

THRESHOLDS = Path(__file__).parents[1] / "reference" / "thresholds.csv"


def written(path: Path, **options: Path) -> str:
    target = path / "page.md"
    call_command("validate_evidence", output=target, stdout=io.StringIO(), **options)
    return target.read_text(encoding="utf-8")


def test_sections_follow_the_files_given(tmp_path: Path) -> None:
    assert "## Thresholds" not in written(tmp_path)
    text = written(tmp_path, thresholds=THRESHOLDS)
    assert "| NOGG 2024 | 70 | yes | major_osteoporotic | 20.3 |" in text
    assert "## Where a probability falls" in text
    assert "## Deaths" not in text


def test_incidence_is_compared_band_by_band(tmp_path: Path) -> None:
    table = tmp_path / "incidence.csv"
    table.write_text(
        "population,fracture,sex,age,per_100k_py\n"
        "UK 2008-12,hip,female,70-74,300\nUK 2008-12,clinical vertebral,female,70-74,200\n"
        "Denmark,hip,female,age-standardised 50+,574\n"
    )
    text = written(tmp_path, incidence=table)
    assert "| `gb` | UK 2008-12 | female | 70-74 | 300 per 100,000 |" in text
    assert text.count("per 100,000") == 1


@pytest.mark.parametrize("name", ["deaths", "cohort", "one_year", "thresholds", "incidence"])
def test_another_table_is_refused_in_a_sentence(tmp_path: Path, name: str) -> None:
    table = tmp_path / "people.csv"
    table.write_text("id,name\n1,Ada\n")
    with pytest.raises(CommandError, match=r"people\.csv is not the table"):
        written(tmp_path, **{name: table})


def test_a_refusal_quotes_nothing_of_the_people_in_the_table(tmp_path: Path) -> None:
    table = tmp_path / "people.csv"
    table.write_text("population,fracture,sex,age,per_100k_py\nUK 2008-12,hip,female,70-74,Ada 7\n")
    with pytest.raises(CommandError, match="not the table") as refusal:
        written(tmp_path, incidence=table)
    assert "Ada" not in str(refusal.value)
    assert refusal.value.__cause__ is None
