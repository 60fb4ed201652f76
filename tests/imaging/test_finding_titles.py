"""Every finding that measuring can give has a title in words, and no title is left over."""

import ast
from collections.abc import Iterator
from pathlib import Path

from imaging.acquisition.hounsfield_scale import SCALE
from imaging.presenting.finding_titles import SEVERITY_WORDS, TITLES, title_of
from imaging.quality.common import SYNTHETIC
from imaging.result import Severity

IMAGING = Path(__file__).parents[2] / "imaging"
# Called with the code as their first argument, in the modules that define them.
MAKERS = {"warn", "warning", "_finding"}


def _codes() -> Iterator[str]:
    yield from (SYNTHETIC, SCALE)
    for path in IMAGING.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                yield from _texts(node)
            elif isinstance(node, ast.Tuple) and _is_severity(node.elts[-1:]):
                yield from _constants(node.elts[0])


def _texts(call: ast.Call) -> Iterator[str]:
    given = [keyword.value for keyword in call.keywords if keyword.arg == "code"]
    if isinstance(call.func, ast.Name) and call.func.id in MAKERS:
        given += call.args[:1]
    for value in given:
        yield from _constants(value)


def _constants(value: ast.expr) -> Iterator[str]:
    for part in ast.walk(value):
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield part.value


def _is_severity(last: list[ast.expr]) -> bool:
    """Whether a pair ends in a severity, so that it begins with a code."""
    return bool(last) and ast.unparse(last[0]).startswith("Severity.")


def test_every_code_has_a_title_and_every_title_a_code() -> None:
    assert set(_codes()) == set(TITLES)


def test_titles_are_short_sentence_case_and_told_apart() -> None:
    assert all(title[0].isupper() and "_" not in title for title in TITLES.values())
    assert max(map(len, TITLES.values())) <= 45
    assert len(set(TITLES.values())) == len(TITLES)


def test_every_severity_has_a_word() -> None:
    assert set(SEVERITY_WORDS) == set(Severity)


def test_a_code_of_an_older_result_is_written_in_its_own_words() -> None:
    assert title_of("rib_in_the_way") == "Rib in the way"
