"""A site's precision study on the command line."""

from io import StringIO
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from riskapp.models import SitePrecision


def written(folder: Path, people: int = 30, head: str = "person,region,value") -> Path:
    rows = [
        f"{person},L1-L4,{1.0 + 0.02 * again:.3f}" for person in range(people) for again in (0, 1)
    ]
    file = folder / "study.csv"
    file.write_text("\n".join([head, *rows]), encoding="utf-8")
    return file


def told(*arguments: object) -> str:
    out = StringIO()
    call_command("precision", *(str(one) for one in arguments), stdout=out)
    return out.getvalue()


def test_a_study_is_told_with_its_limits(tmp_path: Path) -> None:
    line = told(written(tmp_path))
    assert "L1-L4: precision error 0.0141 g/cm2 (1.40%), at most 0.0180 (95 %)" in line
    assert "least significant change 0.0392 g/cm2, at most 0.0499" in line
    assert "30 people, 30 degrees of freedom" in line
    assert "15 people three times" in told(written(tmp_path, people=29))


@pytest.mark.django_db
def test_a_study_is_stored_for_the_site(tmp_path: Path, owner: User) -> None:
    file = written(tmp_path)
    said = told(file, "--save-as", "owner", "--manufacturer", "ge_lunar", "--model", "Lunar iDXA")
    assert "Stored for 1 region(s)" in said
    row = SitePrecision.objects.get()
    assert (row.manufacturer, row.model, row.people) == ("ge_lunar", "Lunar iDXA", 30)
    with pytest.raises(CommandError, match="no user"):
        told(file, "--save-as", "nobody")
    with pytest.raises(CommandError, match="who made the scanner"):
        told(file, "--save-as", "owner")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("person,value\n1,2", "needs the columns"),
        ("person,region,value\n1,L1-L4,x", "Line 2"),
        ("person,region,value\n1,L1-L4,1.0\n,L1-L4,1.0", "Line 3"),
        ("person,region,value\n1,L1-L4", "Line 2"),
    ],
)
def test_a_slip_is_a_sentence(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "study.csv"
    file.write_text(text)
    with pytest.raises(CommandError, match=words):
        told(file)
    with pytest.raises(CommandError, match="cannot be read"):
        told(tmp_path / "none.csv")
