"""The patient's page for a dozen people: easy to read, each block with its twin, ready to print."""

import re

import pytest

from riskapp.exchange import lay_questions, wording
from riskapp.risk import treatments
from riskapp.web.presenters.people import picture
from tests.readability import Blocks, grade, syllables
from tests.web.lay_people import PEOPLE, page_of, view_of

GRADE = 7.0
TWINS = re.compile(r'<(p|div) class="clinician-words".*?</\1>', re.DOTALL)
FIGURES = re.compile(r"M\d+ \d+h([\d.]+)")
everybody = pytest.mark.parametrize("name", PEOPLE)


def test_grades_agree_with_what_was_published() -> None:
    # https://en.wikipedia.org/wiki/Flesch%E2%80%93Kincaid_readability_tests: six words, six
    # syllables; and 13 words with 24 syllables, 11.3. Counted here, no text is easier than that.
    assert grade("The cat sat on the mat.") == pytest.approx(-1.45)
    platypus = "The Australian platypus is seemingly a hybrid of a mammal and reptilian creature."
    assert 11.3 <= grade(platypus) < 13.5
    counted = {"medicine": 3, "table": 2, "makes": 1, "wanted": 2, "risk": 1, "tablet": 2,
               "fracture": 2, "alendronate": 4, "1,000": 4, "women": 2}  # fmt: skip
    assert {word: syllables(word) for word in counted} == counted


@everybody
def test_everybody_reads_at_most_at_grade_seven(name: str) -> None:
    told = Blocks(page_of(name)).sections
    assert grade("\n".join(told.values())) <= GRADE
    for section, text in told.items():
        assert grade(text) <= GRADE, (section, text)


@everybody
def test_every_block_has_a_twin_for_the_clinician_and_the_patient_sees_none(name: str) -> None:
    blocks = [one for one in Blocks(page_of(name, for_clinician=True)).blocks if one[1] not in
              {"h2", "h3"}]  # fmt: skip
    lay, twins = blocks[::2], blocks[1::2]
    assert not any(is_twin for _, _, is_twin in lay)
    assert all(is_twin for _, _, is_twin in twins)
    assert [section for section, _, _ in lay] == [section for section, _, _ in twins]
    alone = page_of(name)
    for word in ("clinician-words", "evidence-", "href=", "Engine", "recalled", "simulated"):
        assert word not in alone, word
    # But for the twins it is the same page.
    with_twins = TWINS.sub("", page_of(name, for_clinician=True))
    assert " ".join(with_twins.split()) == " ".join(alone.split())


@everybody
def test_no_page_is_heavy_or_shows_what_computers_say(name: str) -> None:
    page = page_of(name, for_clinician=True)
    assert len(page.encode()) < 100_000
    for word in (">None<", "None.", "_g_cm2", "{{", "{%", " style=", "nan"):
        assert word not in TWINS.sub("", page), word
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))


@everybody
def test_no_medicine_is_always_a_choice_and_denominators_are_never_mixed(name: str) -> None:
    view, page = view_of(name), page_of(name)
    if view.treated:
        assert "You can go on with your medicine" in page
        return
    assert "No bone medicine" in page
    if view.choices is None:
        assert "So we give no numbers for" in page
        assert view.named
        return
    text = Blocks(page).sections
    of = f"{view.choices.of:,}"
    said = text["choices-heading"] + text["table-heading"]
    assert set(re.findall(r"\d (?:more )?of ([\d,]*\d)", said)) == {of}
    assert f"Think of {of} people like you" in " ".join(said.split())
    assert ("it cannot be drawn" in said) == (of == "10,000")


def test_the_same_people_stand_in_the_same_places() -> None:
    for breaks, spared, of in ((22, 6, 100), (0, 0, 100), (100, 0, 100), (41, 39, 1_000)):
        told = picture(breaks, spared, of)
        counts = [sum(round(float(length) / 20) for length in FIGURES.findall(lines))
                  for lines in (told.breaks, told.spared, told.well)]  # fmt: skip
        assert counts == [breaks, spared, of - breaks - spared]
        places = [place for lines in (told.breaks, told.spared, told.well)
                  for place in re.findall(r"M(\d+) (\d+)", lines)]  # fmt: skip
        assert len(places) == len(set(places))
        assert told.width * told.height == 400 * of


def test_every_lay_string_can_be_listed_for_a_catalogue() -> None:
    listed = {
        *treatments.lay_strings(),
        *lay_questions.lay_strings(),
        *wording.lay_strings(),
    }
    assert all(listed)
    for name in PEOPLE:
        view = view_of(name)
        told = {*view.higher, *view.lower, *view.to_tell, *view.to_find_out, *view.left_out}
        told |= {words for one in view.named for words in (one.lay, one.name, one.how)}
        if view.choices:
            for one in view.choices.single:
                told |= {one.lay, one.name, one.how, *one.advice, *one.harms.other}
                told |= {harm.says for harm in (*one.harms.counted, *one.again.counted)}
        assert told <= listed
