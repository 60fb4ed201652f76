"""Model cards as the page shows them."""

import re

from riskapp.actions.describing import models as stored_models
from riskapp.web.presenters.card import card_blocks


def test_a_card_is_split_into_what_it_is_made_of() -> None:
    words = "# name\n\n**Simulated.** Not\nreal.\n\n- one `a`\n  more\n- two\n\n"
    card = words + "| x | y |\n| --- | --- |\n| 1 | -2 |\n"
    paragraph, listed, table = card_blocks(card)
    assert paragraph.rows == (((("Simulated.", True), (" Not real.", False)),),)
    assert [row[0][0][0] for row in listed.rows] == ["one a more", "two"]
    assert [[cell[0][0] for cell in row] for row in table.rows] == [["x", "y"], ["1", "-2"]]


def test_a_card_on_the_page_has_labels_and_units_that_people_read() -> None:
    listed, table = card_blocks(
        "- Predictors: bmi_kg_m2, current_smoker\n\n"
        "| what | value | unit |\n| --- | --- | --- |\n| a | 1 | a |\n| b | 2 | HU/10 a |\n"
        "| c | 1 | 1 |\n"
    )
    assert listed.rows[0][0][0][0] == "Predictors: body mass index, current smoking"
    written = [["".join(text for text, _ in cell) for cell in row] for row in table.rows[1:]]
    assert written == [["a", "1", "years"], ["b", "2", "HU per 10 years"], ["c", "1", ""]]


def test_no_shipped_card_shows_a_name_or_unit_meant_for_programs() -> None:
    cards = [model.card for model in stored_models() if model.card]
    assert len(cards) >= 3
    for card in cards:
        for block in card_blocks(card):
            for row in block.rows:
                cells = ["".join(text for text, _ in cell) for cell in row]
                assert not any(re.search(r"[a-z]_[a-z]", cell) for cell in cells), cells
                assert not any(re.fullmatch(r"a|\S*/10 a", cell) for cell in cells), cells
