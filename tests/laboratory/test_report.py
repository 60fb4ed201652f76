"""The report: opens from a disk, lets nothing in, hides small cells, says what it cannot say."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from riskapp.cohorts.cohort import Cohort
from riskapp.laboratory.document import as_json, plain
from riskapp.laboratory.evaluating import CannotEvaluate
from riskapp.laboratory.page.markup import Markup, tag
from riskapp.laboratory.page.numbers import hidden
from riskapp.laboratory.page.whole import report
from riskapp.laboratory.page.words import WORDS
from tests.laboratory.people import HOSTILE, evaluated, hip_document, small_cohort

ROOT = Path(__file__).parents[2]
CSS = ROOT / "riskapp" / "laboratory" / "page" / "report.css"


def few(cohort: Cohort) -> Cohort:
    """Give a third of the people: enough where only what is said of them matters."""
    return cohort.part(np.arange(len(cohort.profiles) // 3))


@pytest.fixture(scope="module")
def page() -> str:
    return report(hip_document())


def test_nothing_is_fetched(page: str) -> None:
    assert not re.search(r"""(src|href|xlink:href)=["'](?!#)""", page)
    assert "url(" not in page
    assert "@import" not in page
    assert "<script" not in page
    assert "default-src &#x27;none&#x27;" in page


def test_every_plot_is_told_in_words_and_has_its_table(page: str) -> None:
    spoken = re.findall(r'<svg[^>]*role="img"[^>]*aria-labelledby="(\S+) (\S+)"', page)
    assert len(spoken) >= 4
    for title, told in spoken:
        assert f'<title id="{title}">' in page
        assert f'<desc id="{told}">' in page
    assert page.count("<figure>") <= page.count("<table")


def test_names_in_a_file_are_never_code() -> None:
    document = evaluated(few(small_cohort(column=HOSTILE)), name=HOSTILE)
    assert HOSTILE in document["cohort"]["name"]
    written = report(document)
    assert "<script" not in written
    assert "&lt;script&gt;" in written


def test_markup_is_escaped_once() -> None:
    assert tag("p", "a < b", tag("b", "&")) == "<p>a &lt; b<b>&amp;</b></p>"
    assert tag("p", Markup("<i>x</i>"), title='"') == '<p title="&quot;"><i>x</i></p>'


@pytest.mark.parametrize(("number", "shown"), [(0, 0), (1, "<5"), (4, "<5"), (5, 5)])
def test_small_cells_are_hidden(number: int, shown: int | str) -> None:
    assert hidden(number) == shown


def test_the_json_holds_plain_finite_numbers() -> None:
    text = as_json(hip_document())
    assert "NaN" not in text
    assert "Infinity" not in text
    told = json.loads(text)
    assert told["schema"] == "trabecula-evaluation-2"
    assert plain(float("nan")) is None


def test_without_deaths_nothing_absolute_is_claimed() -> None:
    document = evaluated(few(small_cohort(death=False)))
    told = document["results"]["evidence"]
    assert told["calibration"] is None
    assert told["brier"] is None
    assert document["decision"] is None
    assert document["reclassification"] == []
    assert any("Death is not coded" in each for each in document["cannot_be_said"])
    written = report(document)
    assert "Observed / expected, evidence" not in written
    assert "left out. Death is not coded" in written


def test_of_any_fracture_only_the_ranking_is_judged() -> None:
    document = evaluated(few(small_cohort()), "any")
    assert document["results"]["evidence"]["calibration"] is None
    assert all(row["observed_over_expected"] is None for row in document["subgroups"])
    assert any("No engine gives a probability" in each for each in document["cannot_be_said"])


def test_a_simulated_engine_is_marked_beside_its_numbers() -> None:
    document = hip_document()
    marked = {**document, "candidates": [dict(one) for one in document["candidates"]]}
    marked["candidates"][1]["trained_on"] = "simulated"
    assert report(marked).count("simulated people") > report(document).count("simulated people")


@pytest.mark.parametrize(("name", "items"), [("tripod", 52), ("probast", 34)])
def test_every_item_of_a_checklist_has_a_status(name: str, items: int) -> None:
    checklist: Any = hip_document()[name]
    assert len(checklist["items"]) == items
    assert len({item["item"] for item in checklist["items"]}) == items
    statuses = [item["status"] for item in checklist["items"]]
    assert "for the author to write" in statuses
    assert "answered from the run" in statuses
    for item in checklist["items"]:
        assert bool(item["answer"]) == item["status"].startswith("answered")


def test_development_items_do_not_apply_without_development() -> None:
    by_item = {item["item"]: item["status"] for item in hip_document()["tripod"]["items"]}
    assert by_item["12c"] == "does not apply to this run"
    assert by_item["12g"] == "answered from the run"


def test_the_report_wears_the_colours_of_the_product() -> None:
    def tokens(path: Path) -> set[tuple[str, str]]:
        text = path.read_text(encoding="utf-8").split("@media print")[0]
        return set(re.findall(r"(--[a-z-]+): (#[0-9a-f]+)", text))

    assert tokens(CSS) <= tokens(ROOT / "static" / "site.css")


def test_words_mean_what_the_documentation_says() -> None:
    told = (ROOT / "docs" / "laboratory-words.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| ([^|]+?) \| ([^|]+?) \|$", told, flags=re.MULTILINE))
    for word, meaning in WORDS:
        assert rows[word] == meaning
    assert 'href="#words"' in report(hip_document())


def test_where_people_are_followed_for_death_only_a_sentence_says_so() -> None:
    cohort = small_cohort()
    only = replace(cohort, follow_up={"death": cohort.follow_up["death"]})
    with pytest.raises(CannotEvaluate, match="for death only"):
        evaluated(only)


def test_few_distinct_predictions_make_fewer_groups() -> None:
    document = hip_document()
    results = {
        key: {**each, "calibration": {**each["calibration"], "fifths": some}}
        for (key, each), some in zip(
            document["results"].items(),
            ([], document["results"]["evidence"]["calibration"]["fifths"][:3], []),
            strict=True,
        )
    }
    written = report({**document, "results": results})
    assert "a fifth holds nobody who was followed that long" in written
    assert "Group 3 of 3" in written
