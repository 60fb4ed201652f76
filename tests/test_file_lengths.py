"""No file is longer than can be read at one go."""

from pathlib import Path

HOME = Path(__file__).parents[1]
LONGEST_LINES = 300
WRITTEN_BY_HAND = {
    "benchmarks": ["*.py"],
    "deploy": ["*.py"],
    "imaging": ["*.py"],
    "riskapp": ["*.py"],
    "static": ["*.css", "*.js"],
    "templates": ["*.html"],
    "tests": ["*.py"],
}


def test_no_file_is_longer_than_can_be_read_at_one_go() -> None:
    lines = {
        str(file.relative_to(HOME)): len(file.read_text(encoding="utf-8").splitlines())
        for folder, kinds in WRITTEN_BY_HAND.items()
        for kind in kinds
        for file in (HOME / folder).rglob(kind)
        if "vendor" not in file.parts
    }
    assert len(lines) > len(WRITTEN_BY_HAND)
    assert {name: long for name, long in lines.items() if long > LONGEST_LINES} == {}
