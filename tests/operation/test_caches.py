"""The table of caches: it has every one there is, each with its bound, and its page is fresh."""

import ast
import os
from collections.abc import Iterator

import pytest

from riskapp import caches
from riskapp.caches import CACHES, NO_CACHES
from riskapp.modelstore import self_test
from tests.kept import ROOT

PAGE = ROOT / "docs" / "caches.md"
EVERY = [one for section in CACHES.values() for one in section]
KEEPERS = {"cache", "lru_cache", "cached_property"}
STORES = {"dict", "set", "list", "defaultdict", "OrderedDict", "deque", "WeakValueDictionary"}


def test_the_page_of_caches_is_fresh() -> None:
    if os.environ.get("TRABECULA_DESCRIBE"):
        PAGE.write_text(caches.document(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == caches.document()


def test_every_cache_is_in_the_table_once() -> None:
    found = [where for where, _ in _all()]
    assert sorted(found) == sorted([*(one.where for one in EVERY), *NO_CACHES])


def test_what_sets_no_number_of_entries_says_what_bounds_it() -> None:
    unbounded = {where for where, is_bounded in _all() if not is_bounded} - {*NO_CACHES}
    assert unbounded == {one.where for one in EVERY if one.most}
    assert all(one.holds and one.key for one in EVERY)


def test_what_passed_of_a_sites_own_is_let_go_and_what_fails_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kept = {("theirs", "1"): "It failed.", ("ships", ""): ""}
    monkeypatch.setattr(self_test, "_found", kept)
    monkeypatch.setattr(self_test, "failure", lambda engine, golden: "")
    monkeypatch.setattr(self_test, "MOST_PASSED", 3)

    class Own:
        model_id = name = "own"

    for version in range(9):
        self_test.passing(Own(), None, str(version))  # type: ignore[arg-type]
    assert list(kept) == [("theirs", "1"), ("ships", ""), *(("own", each) for each in "678")]


def _all() -> Iterator[tuple[str, bool]]:
    """Every cache of the code, and whether the code says how many entries it has at most."""
    for top in ("riskapp", "imaging"):
        for file in sorted((ROOT / top).rglob("*.py")):
            parts = file.relative_to(ROOT).with_suffix("").parts
            module = ".".join(parts).removesuffix(".__init__")
            for name, is_bounded in _in(ast.parse(file.read_text(encoding="utf-8")), ()):
                yield f"{module}:{name}", is_bounded


def _in(node: ast.AST, within: tuple[str, ...]) -> Iterator[tuple[str, bool]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            own = (*within, child.name)
            for decorator in child.decorator_list:
                if _name(decorator) in KEEPERS:
                    yield ".".join(own), _is_bounded(decorator)
            yield from _in(child, own)
            continue
        if isinstance(child, ast.Assign | ast.AnnAssign) and child.value is not None:
            target = child.targets[0] if isinstance(child, ast.Assign) else child.target
            kept = _name(child.value) in KEEPERS or (not within and _is_store(child.value))
            if isinstance(target, ast.Name) and kept:
                yield ".".join((*within, target.id)), _is_bounded(child.value)
        yield from _in(child, within)


def _name(node: ast.AST) -> str:
    while isinstance(node, ast.Call):
        node = node.func
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _is_store(value: ast.AST) -> bool:
    """Whether it is made empty, to be filled later."""
    if isinstance(value, ast.Call):
        return _name(value) in STORES and not value.args
    return (isinstance(value, ast.Dict) and not value.keys) or (
        isinstance(value, ast.List) and not value.elts
    )


def _is_bounded(made: ast.AST) -> bool:
    sizes = [one.value for one in getattr(made, "keywords", ()) if one.arg == "maxsize"]
    return any(not (isinstance(one, ast.Constant) and one.value is None) for one in sizes)
