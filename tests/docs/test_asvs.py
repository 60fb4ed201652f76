"""The page about security names every requirement once, and nothing that is not there."""

import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "asvs.md"
NUMBER = re.compile(r"\d+\.\d+\.\d+")
# Requirements of levels 1 and 2 in each chapter of ASVS 5.0.0, counted in its own table.
CHAPTERS = {
    1: 27, 2: 11, 3: 19, 4: 10, 5: 9, 6: 35, 7: 18, 8: 7, 9: 7, 10: 29, 11: 14, 12: 9, 13: 13,
    14: 9, 15: 13, 16: 16, 17: 7,
}  # fmt: skip
CELLS = [[cell.strip() for cell in line.split("|")[1:-1]] for line in PAGE.read_text().splitlines()]
ROWS = [row for row in CELLS if row and NUMBER.fullmatch(row[0])]


def test_every_requirement_of_both_levels_stands_once() -> None:
    assert len({row[0] for row in ROWS}) == len(ROWS)
    assert Counter(int(row[0].partition(".")[0]) for row in ROWS) == CHAPTERS
    # The standard has 70 requirements of level 1, and 183 more of level 2.
    assert Counter(row[1] for row in ROWS) == {"1": 70, "2": 183}


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_what_a_row_names_is_there(row: list[str]) -> None:
    _, _, about, state, how, shown_by = row
    assert about
    assert state in ("held", "partly", "site", "not applicable")
    shown = re.findall(r"`([^`]+)`", shown_by)
    assert shown or state in ("site", "not applicable") or "operation.md" in how
    assert how or state == "held"
    for path in shown:
        assert (ROOT / path).exists(), path
    for page in re.findall(r"\]\(([^)]+)\)", how):
        assert (PAGE.parent / page).exists(), page
