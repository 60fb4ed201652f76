"""HAZARDS.md holds its shape, and the tests that it names are there and speak of its rows."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOG = (ROOT / "HAZARDS.md").read_text(encoding="utf-8")
COLUMNS = (
    "id", "hazard", "sequence", "situation", "harm", "before", "control", "kind", "tests", "after",
    "because",
)  # fmt: skip
NODE = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")
WORDS = re.compile(r"[a-z]{4,}")
# Too common to show that a row and its test are about the same.
COMMON = frozenset(
    "where which their there these those other every about before after never would could "
    "without number numbers tests patient patients person people scans pages client owner reply "
    "assert return range lambda parametrize pytest answer answers test that this than with what "
    "from have been they were whom said says tell told into also only".split()
)


def rows() -> list[dict[str, str]]:
    lines = [line for line in LOG.splitlines() if line.startswith("| HAZARD-")]
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]
    return [dict(zip(COLUMNS, row, strict=True)) for row in cells]


ROWS = rows()


def score(text: str) -> tuple[int, int]:
    severity, likelihood = text.split(" x ")
    return int(severity), int(likelihood)


@cache
def functions(path: str) -> dict[str, str]:
    """Names of the tests in a file, each with its source and what the file says of itself."""
    text = (ROOT / path).read_text(encoding="utf-8")
    module = ast.parse(text)
    return {
        one.name: f"{path} {ast.get_docstring(module)} {ast.get_source_segment(text, one)}"
        for one in ast.walk(module)
        if isinstance(one, ast.FunctionDef) and one.name.startswith("test_")
    }


def words_of(text: str) -> set[str]:
    return set(WORDS.findall(re.sub(r"[_/.]", " ", text.lower()))) - COMMON


def stems(text: str) -> set[str]:
    """First four letters: "refused" and "refusing" are one word here."""
    return {word[:4] for word in words_of(text)}


def test_each_number_stands_once_and_none_is_left_out() -> None:
    numbers = [int(row["id"].removeprefix("HAZARD-")) for row in ROWS]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) >= 77


@pytest.mark.parametrize("row", ROWS, ids=[row["id"] for row in ROWS])
def test_a_row_is_whole_and_its_risk_is_accepted_by_the_matrix(row: dict[str, str]) -> None:
    assert all(row.values())
    (severity, before), (same, after) = score(row["before"]), score(row["after"])
    assert severity == same, "a control lowers the likelihood; a severity that falls needs a row"
    assert 1 <= severity <= 5
    assert 1 <= after <= before <= 5
    assert severity * after < 10, "not accepted"
    assert set(row["kind"].split(", ")) <= {"D", "P", "I"}


@pytest.mark.parametrize("row", ROWS, ids=[row["id"] for row in ROWS])
def test_the_tests_that_a_row_names_are_there_and_speak_of_it(row: dict[str, str]) -> None:
    named = NODE.findall(row["tests"])
    assert named, "a control without a test is a wish"
    assert len(named) == row["tests"].count("`") // 2
    told = stems(" ".join(row[part] for part in ("hazard", "sequence", "situation", "control")))
    for path, name in named:
        assert name in functions(path), f"{path} has no {name}"
        assert len(told & stems(functions(path)[name])) >= 2, f"{name} speaks of something else"


def test_every_hazard_that_is_named_elsewhere_stands_in_the_log() -> None:
    known = {row["id"] for row in ROWS}
    places = [*ROOT.glob("riskapp/**/*.py"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("*.md")]
    for path in places:
        text = path.read_text(encoding="utf-8")
        assert set(re.findall(r"HAZARD-\d+", text)) <= known, path


def test_the_matrix_on_the_page_is_the_rule_that_is_applied() -> None:
    matrix = LOG.partition("## Acceptability")[2].partition("## Log")[0]
    found = {}
    for line in matrix.splitlines():
        cells = [cell.strip() for cell in line.strip("| ").split("|")]
        if cells[0].isdigit():
            found |= {(int(cells[0]), n): cell for n, cell in enumerate(cells[1:], start=1)}
    assert len(found) == 25
    for (severity, likelihood), verdict in found.items():
        risk = severity * likelihood
        assert verdict == (
            "accepted" if risk <= 4 else "with a reason" if risk < 10 else "not accepted"
        )


def test_hazards_of_every_kind_that_was_asked_for_are_there() -> None:
    """The list of the task of clinical safety: none of them may be dropped again."""
    names = " ".join(row["hazard"].lower() for row in ROWS)
    for asked in (
        "two people alike", "tab left open", "filed under the wrong person", "opened meanwhile",
        "wrong unit", "z-score", "wrong side", "stale scan", "stale record", "stale model",
        "population mismatch", "automation bias", "unknown read as no", "interval overlooked",
        "read as a diagnosis", "false reassurance", "on the estimate alone", "imputation hidden",
        "file damaged", "library changed", "clock", "ransom", "altered", "downtime", "language",
        "drift", "bad model served",
    ):  # fmt: skip
        assert asked in names, asked
