"""The command that checks a cohort and writes its data dictionary."""

import json
import re
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from tests.cohorts.tables import STRENGTH, made_up


@pytest.fixture
def cohort(tmp_path: Path) -> Path:
    path = tmp_path / "clinic.csv"
    table = made_up(300)
    table.loc[:1, "age_years"] = 39
    table.to_csv(path, index=False)
    told = {"about": "Clinic <A>", "columns": [STRENGTH | {"label": "Strength | grip"}]}
    path.with_suffix(".json").write_text(json.dumps(told), encoding="utf-8")
    return path


def said(*arguments: object) -> str:
    out = StringIO()
    call_command("cohort", *map(str, arguments), stdout=out)
    return out.getvalue()


def test_it_tells_people_events_and_who_is_left_out(cohort: Path) -> None:
    told = said(cohort)
    assert "usable: 298 rows, 298 people" in told
    assert re.search(r"Hip fracture +\d+ events", told)
    assert "2 left out: Age outside 40 to 90 years" in told


def test_json_holds_the_same_and_hides_small_counts(cohort: Path) -> None:
    told = json.loads(said(cohort, "--json"))
    assert told["status"] == "usable"
    assert told["rows"] == 298
    assert told["left_out"] == {"Age outside 40 to 90 years": "<5"}
    table = made_up(300).iloc[2:]
    hip = told["outcomes"]["hip"]
    assert hip["events"] == int(table["hip_event"].sum())
    assert hip["person_years"] == pytest.approx(table["hip_time_years"].sum(), abs=0.06)
    women = table[(table["sex"] == "female") & table["age_years"].between(70, 79.99)]
    row = next(r for r in hip["by_sex_and_age"] if (r["sex"], r["age"]) == ("female", "70-79"))
    assert row["people"] == len(women)
    after = (table["hip_event"] & (table["hip_time_years"] > table["any_time_years"])).sum()
    assert told["hip_fractures_after_another"] in (after, "<5")
    strength = next(c for c in told["columns"] if c["name"] == "strength")
    assert strength["known_share"] == 1.0
    assert strength["mean"] == pytest.approx(table["strength"].mean(), rel=1e-3)
    small = re.findall(r'"(?:people|events|known)": (\d+)', json.dumps(told))
    assert not {int(n) for n in small} & {1, 2, 3, 4}


class _Inside(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.open: list[str] = []
        self.tables = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.fetched += [str(v) for name, v in attrs if name in ("src", "href")]
        self.tables += tag == "table"
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_stands_alone_escapes_and_names_nobody(cohort: Path, tmp_path: Path) -> None:
    said(cohort, "--page", tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    parsed = _Inside()
    parsed.feed(page)
    assert parsed.fetched == []
    assert parsed.open == []
    assert parsed.tables == 8
    assert "Clinic &lt;A&gt;" in page
    assert "url(" not in page
    assert "p17" not in page
    said(cohort, "--page", tmp_path / "page.md")
    assert "Strength \\| grip" in (tmp_path / "page.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("content", "status", "code"), [("a,b\n1,2\n", "refused", 3), ("", "unreadable", 2)]
)
def test_refused_and_unreadable_have_their_own_exit_status(
    tmp_path: Path, content: str, status: str, code: int
) -> None:
    path = tmp_path / "odd.csv"
    path.write_text(content, encoding="utf-8")
    out = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("cohort", str(path), "--json", stdout=out)
    assert ended.value.code == code
    assert json.loads(out.getvalue())["status"] == status
    with pytest.raises(SystemExit):
        call_command("cohort", str(path), stdout=out)
