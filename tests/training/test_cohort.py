"""Cohort files: who is left out, why, and what is made of the rest."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from riskapp.cohorts.follow_up import UnusableCohort
from riskapp.training.card import card_markdown
from riskapp.training.cohort import Cohort, cohort_from, read_cohort
from riskapp.training.fitting import cross_validated, describe, recipe_for
from riskapp.training.simulate import simulate


def table(people: int = 400) -> pd.DataFrame:
    return simulate(people, 3).astype(object)


def read(people: pd.DataFrame) -> Cohort:
    return cohort_from(people, 1, trained_on="cohort test", made_by={})


def first_events_table() -> pd.DataFrame:
    people = table().drop(columns=[n for n in table().columns if n.endswith(("event", "years"))])
    return people.assign(age_years=table()["age_years"], time_years=5.0, event="none")


def test_a_csv_reads_as_the_simulator_made_it(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    simulate(400, 3).drop(columns="id").to_csv(path, index=False)
    np.testing.assert_array_equal(read_cohort(path, 1).rows, read(table()).rows)
    assert read_cohort(path, 1).trained_on == "cohort people"


def test_simulated_people_stay_simulated_without_the_note_beside_them(tmp_path: Path) -> None:
    path = tmp_path / "clinic.csv"
    people = simulate(400, 3)
    people.to_csv(path, index=False)
    assert read_cohort(path, 1).trained_on == "simulated"
    people["id"] = [f"clinic-{number}" for number in range(400)]
    people.to_csv(path, index=False)
    assert read_cohort(path, 1).trained_on == "cohort clinic"
    people.loc[7, "id"] = "simulated-7"
    people.to_csv(path, index=False)
    assert read_cohort(path, 1).trained_on == "simulated"


def test_rows_that_cannot_be_used_are_left_out_and_counted_by_reason() -> None:
    people = table()
    people.loc[0, "age_years"] = 39.9
    people.loc[1, "body_mass_index"] = 9.0
    people.loc[2, "hip_time_years"] = 0.0
    people.loc[3, "hip_time_years"] = people.loc[3, "death_time_years"] + 1
    people.loc[4, "death_time_years"] = None
    cohort = read(people)
    assert cohort.rows.shape[0] == 395
    assert cohort.left_out == {
        "age_years": 1,
        "body_mass_index": 1,
        "hip follow-up of no length": 1,
        "hip after the end of life or follow-up": 1,
        "follow-up not given": 1,
    }


def test_the_first_major_fracture_counts_as_other_only_if_it_is_not_the_hip() -> None:
    people = table()
    for outcome in ("hip", "major", "death"):
        people[f"{outcome}_event"], people[f"{outcome}_time_years"] = False, 8.0
    people.loc[0, ["major_event", "major_time_years"]] = [True, 2.0]
    people.loc[1, ["major_event", "major_time_years"]] = [True, 3.0]
    people.loc[1, ["hip_event", "hip_time_years"]] = [True, 3.0]
    people.loc[2, ["major_event", "major_time_years"]] = [True, 3.0]
    people.loc[2, ["hip_event", "hip_time_years"]] = [True, 6.0]
    other = read(people).follow_up["other_major_osteoporotic"]
    assert other.event[:4].tolist() == [True, False, True, False]
    assert other.years[:4].tolist() == [2.0, 3.0, 3.0, 8.0]


def test_one_time_and_one_event_count_first_events_only() -> None:
    people = first_events_table()
    people.loc[0:3, "event"] = ["hip", "other_major_osteoporotic", "other_fracture", "death"]
    follow_up = read(people).follow_up
    assert follow_up["hip"].event[:4].tolist() == [True, False, False, False]
    assert follow_up["major_osteoporotic"].event[:4].tolist() == [True, True, False, False]
    assert follow_up["death"].event[:4].tolist() == [False, False, False, True]
    people.loc[0, "event"] = "fell"
    with pytest.raises(UnusableCohort, match="column event may hold"):
        read(people)


def test_a_time_for_each_outcome_goes_before_one_time_and_one_event() -> None:
    both = table().assign(time_years=5.0, event="hip")
    assert not read(both).first_events_only
    np.testing.assert_array_equal(
        read(both).follow_up["hip"].event, read(table()).follow_up["hip"].event
    )
    with pytest.raises(UnusableCohort, match="also hip_event, hip_time_years; keep one kind"):
        read(first_events_table().assign(hip_event=True, hip_time_years=2.0))


def test_counting_first_events_only_is_said_on_the_card() -> None:
    assert "counted" not in describe(read(table()))
    cohort = describe(read(first_events_table()))
    manifest = {
        "model_id": "m",
        "engine": "cox",
        "trained_on": "cohort test",
        "cohort": cohort,
        "recipe": {"seed": 1},
        "created": "",
        "library_versions": {},
    }
    card = card_markdown(manifest, {"how": "nobody", "outcomes": {}}, ("age_years",))
    assert "- Counted: first events only" in card


def test_a_blank_event_is_not_known_and_never_read_as_no_event() -> None:
    people = first_events_table()
    people.loc[0:1, "event"] = None
    cohort = read(people)
    assert cohort.left_out == {"follow-up not given": 2}
    assert cohort.rows.shape[0] == len(people) - 2


def test_what_is_not_known_is_drawn_never_read_as_no_and_counted() -> None:
    people = table(1000)
    people.loc[:299, "prior_fragility_fracture"] = None
    people.loc[:99, "l1_attenuation_hu"] = None
    cohort = read(people)
    assert cohort.completed == {"prior_fragility_fracture": 300, "l1_attenuation_hu": 100}
    assert np.isfinite(cohort.rows).all()
    drawn = cohort.rows[:300, cohort.columns.index("prior_fragility_fracture")]
    assert 0.05 < drawn.mean() < 0.6


def test_cross_validation_says_what_was_drawn_before_the_folds() -> None:
    people = table(1500)
    assert "drawn once" not in cross_validated(read(people), recipe_for("cox", 1))["how"]
    people.loc[:99, "current_smoker"] = None
    assert "drawn once" in cross_validated(read(people), recipe_for("cox", 1))["how"]


def test_an_image_feature_measured_in_few_is_no_predictor() -> None:
    people = table()
    people.loc[:250, "lumbar_texture_score"] = None
    people.loc[:150, "l1_attenuation_hu"] = None
    assert "lumbar_texture_score" not in read(people).columns
    assert "l1_attenuation_hu" in read(people).columns


def test_an_answer_that_few_gave_is_no_predictor_nor_an_image_without_t_scores() -> None:
    people = table()
    people.loc[:250, "parent_hip_fracture"] = None
    people["femoral_neck_t_score"] = None
    columns = read(people).columns
    assert "parent_hip_fracture" not in columns
    assert "current_smoker" in columns
    assert {"femoral_neck_t_score", "l1_attenuation_hu"}.isdisjoint(columns)


def test_a_bmd_becomes_the_t_score_it_stands_for() -> None:
    people = table()
    people["femoral_neck_t_score"] = None
    people["femoral_neck_bmd_g_cm2"] = 0.618  # (0.618 - 0.858) / 0.120, NHANES III
    people["dxa_manufacturer"] = "hologic"
    cohort = read(people)
    np.testing.assert_allclose(
        cohort.rows[:, cohort.columns.index("femoral_neck_t_score")], -2.0, atol=1e-9
    )


def test_cohorts_that_cannot_be_used_are_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(UnusableCohort, match="lacks major_event, major_time_years"):
        read(table().drop(columns=["major_event", "major_time_years"]))
    nobody = table()
    nobody["population"] = None
    with pytest.raises(UnusableCohort, match="Nobody in this cohort can be used: 400 for popul"):
        read(nobody)
    (tmp_path / "broken.parquet").write_bytes(b"not a table")
    with pytest.raises(UnusableCohort, match=r"broken\.parquet cannot be read"):
        read_cohort(tmp_path / "broken.parquet", 1)
    with pytest.raises(UnusableCohort, match=r"absent\.csv cannot be read"):
        read_cohort(tmp_path / "absent.csv", 1)
    (tmp_path / "empty.csv").write_text("", encoding="utf-8")
    with pytest.raises(UnusableCohort, match=r"empty\.csv cannot be read"):
        read_cohort(tmp_path / "empty.csv", 1)
    constant = table()
    constant["lumbar_texture_score"] = 0.95
    with pytest.raises(UnusableCohort, match="nothing of its own to learn from"):
        read(constant)
    odd = table()
    odd["hip_event"] = "perhaps"
    with pytest.raises(UnusableCohort, match="hip_event should hold true, false or blank"):
        read(odd)


@pytest.mark.parametrize("note", ["{", "[]", '{"simulated": {"people": 3}}', '{"simulated": 5}'])
def test_a_note_that_does_not_say_how_the_cohort_was_made_is_refused(
    tmp_path: Path, note: str
) -> None:
    table().to_csv(tmp_path / "people.csv", index=False)
    (tmp_path / "people.json").write_text(note, encoding="utf-8")
    with pytest.raises(UnusableCohort, match=r"people\.json does not say"):
        read_cohort(tmp_path / "people.csv", 1)
