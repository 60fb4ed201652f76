"""The record's questions: every field asked, in its control, and kept when it is not known."""

from riskapp.actions.describing import populations
from riskapp.risk.profile import FIELD_NAMES
from riskapp.web.presenters.facts import facts
from riskapp.web.presenters.fields import ASKED, ChoiceGroup, kind_of, record
from riskapp.web.presenters.population_choices import population_choices

NAMES = {"gb": "United Kingdom"}


def test_the_form_asks_every_field_of_the_contract_but_sex() -> None:
    assert sorted(ASKED) == sorted(set(FIELD_NAMES) - {"sex"})
    assert len(ASKED) == len(set(ASKED))


def test_every_field_has_its_control() -> None:
    assert kind_of("parent_hip_fracture") == "yes_no"
    assert kind_of("dxa_manufacturer") == "choice"
    assert kind_of("population") == "choice"
    assert kind_of("dxa_date") == "date"
    assert kind_of("falls_last_year") == "number"


def test_not_known_is_the_choice_where_nothing_was_said() -> None:
    laid_out = record({"current_smoker": "false"}, population_choices(populations(), "male", ""))
    fields = {field.name: field for group in laid_out.groups for field in group.fields}
    picked = {
        name: [
            choice.text
            for group in (ChoiceGroup("", field.choices), *field.choice_groups)
            for choice in group.choices
            if choice.is_picked
        ]
        for name, field in fields.items()
    }
    assert picked["current_smoker"] == ["No"]
    assert picked["parent_hip_fracture"] == ["Not known"]
    assert picked["population"] == ["Choose"]
    assert not laid_out.more_is_open


def test_a_folded_question_with_a_problem_is_unfolded() -> None:
    assert record({}, (), problems={"hip_axis_length_mm": "No."}).more_is_open


def test_a_stored_record_shows_what_was_known_with_its_unit() -> None:
    known = {"population": "gb", "weight_kg": 61.5, "current_smoker": False}
    groups = facts(known, {"weight_kg": "typed"}, NAMES)
    shown = {fact.label: fact.value for group in groups for fact in group.facts}
    assert shown == {
        "Population": "United Kingdom",
        "Weight": "61.5\u00a0kg",
        "Current smoking": "No",
    }


def test_only_women_are_asked_about_the_menopause() -> None:
    def asked(sex: str) -> set[str]:
        laid_out = record({"sex": sex}, ())
        groups = (*laid_out.groups, *laid_out.more)
        return {field.name for group in groups for field in group.fields}

    assert asked("female") == set(ASKED)
    assert asked("female") - asked("male") == {"postmenopausal"}
