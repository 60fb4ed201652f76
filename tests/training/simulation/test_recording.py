"""What a record shows of simulated people: gaps, scanners, follow-up; the same seed, same bytes."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from riskapp.risk.bone_density import DxaManufacturer, Site, t_score_at
from riskapp.training.simulation import simulate as simulating
from riskapp.training.simulation.assumptions import ROUTINE_MISSING, assumed
from riskapp.training.simulation.options import (
    ImpossibleSimulation,
    Options,
    SiteEffect,
    from_note,
)
from riskapp.training.simulation.simulate import note, parts_of, simulate

SMALL = Options(people=6_000, seed=3)


def test_the_same_seed_gives_the_same_people_and_another_seed_others() -> None:
    few = replace(SMALL, people=300)
    pd.testing.assert_frame_equal(simulate(few).table, simulate(few).table)
    assert not simulate(few).table.equals(simulate(replace(few, seed=4)).table)


def test_parts_put_together_are_the_whole_and_the_first_people_stay_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(simulating, "PEOPLE_AT_ONCE", 100)
    three = [part.table for part in parts_of(replace(SMALL, people=250))]
    assert [len(part) for part in three] == [100, 100, 50]
    assert three[2]["id"].iloc[-1] == "simulated-250"
    more = next(parts_of(replace(SMALL, people=400))).table
    pd.testing.assert_frame_equal(three[0], more)


def test_gaps_at_random_are_as_many_as_asked_and_tell_nothing() -> None:
    table = simulate(replace(SMALL, missing="random", missing_share=0.25)).table
    gone = table["femoral_neck_t_score"].isna()
    assert gone.mean() == pytest.approx(0.25, abs=0.025)
    assert table["age_years"][gone].mean() == pytest.approx(table["age_years"].mean(), abs=1.5)
    assert table[["age_years", "sex", "population", "hip_event"]].notna().all().all()


def test_gaps_by_age_are_more_among_the_old() -> None:
    table = simulate(replace(SMALL, missing="by_age", missing_share=0.2)).table
    gone = table["parent_hip_fracture"].isna()
    assert gone.mean() == pytest.approx(0.2, abs=0.025)
    assert gone[table["age_years"] > 80].mean() == pytest.approx(0.36, abs=0.05)
    assert gone[table["age_years"] < 50].mean() == pytest.approx(0.04, abs=0.03)


def test_gaps_of_a_routine_record_are_by_field() -> None:
    table = simulate(replace(SMALL, missing="routine", scanners=3)).table
    for name in ("parent_hip_fracture", "falls_last_year", "lumbar_spine_t_score"):
        assert table[name].isna().mean() == pytest.approx(ROUTINE_MISSING[name], abs=0.03)
    expected = ROUTINE_MISSING["femoral_neck_t_score"]
    assert table["femoral_neck_bmd_g_cm2"].isna().mean() == pytest.approx(expected, abs=0.03)
    unasked = table["glucocorticoids"].isna()
    assert table["glucocorticoid_dose_mg_daily"][unasked].isna().all()


def test_density_is_shown_on_each_makers_scale_with_offset_and_noise() -> None:
    plain, scanned = (simulate(replace(SMALL, scanners=count)).table for count in (0, 6))
    t_scores = np.array(
        [
            t_score_at(Site.FEMORAL_NECK, bmd, DxaManufacturer(maker))
            for bmd, maker in zip(
                scanned["femoral_neck_bmd_g_cm2"], scanned["dxa_manufacturer"], strict=True
            )
        ]
    )
    error = t_scores - plain["femoral_neck_t_score"].to_numpy()
    # The precision error of 2.5 % of about 0.76 g/cm2, in units of 0.12 g/cm2, and the offsets.
    noise = assumed("precision_neck") / 100 * 0.76 / 0.12
    within = [error[scanned["scanner"] == name].std() for name in scanned["scanner"].unique()]
    assert np.mean(within) == pytest.approx(noise, rel=0.25)
    means = [error[scanned["scanner"] == name].mean() for name in scanned["scanner"].unique()]
    assert np.std(means) > 0.01
    assert len(set(scanned["dxa_manufacturer"])) > 1


def test_leaving_early_can_depend_on_what_nobody_sees() -> None:
    steady = replace(SMALL, drop_out_per_year=0.1)
    stayed = simulate(steady).table
    assert (stayed["death_time_years"] < 5.9).mean() > (
        simulate(SMALL).table["death_time_years"] < 5.9
    ).mean() + 0.2
    telling = simulate(replace(steady, informative=0.5))
    left = (telling.table["death_time_years"] < 5) & ~telling.table["death_event"]
    assert telling.truth["hip_10y"][left].mean() > 1.5 * telling.truth["hip_10y"].mean()


def test_another_fracture_does_not_end_the_wait_for_a_hip_fracture() -> None:
    people = simulate(Options(people=20_000, seed=11)).table
    both = people[people["hip_event"] & people["major_event"]]
    assert (both["hip_time_years"] > both["major_time_years"]).sum() > 20
    died = people[people["death_event"]]
    assert (died["hip_time_years"] <= died["death_time_years"]).all()


def test_the_note_holds_all_options_and_gives_them_back() -> None:
    options = replace(
        SMALL,
        site_effects=(SiteEffect(name="sway", hip=1.2),),
        noise_columns=2,
        changed_effects={"current_smoker": 1.4},
        not_recorded=("l1_attenuation_hu",),
        departure=4,
    )
    told = note(options)
    assert from_note(told["simulated"]) == options
    assert [column["name"] for column in told["columns"]] == ["sway", "noise_1", "noise_2"]
    assert from_note({"people": 5, "seed": 1}) == Options(people=5, seed=1)
    with pytest.raises(ImpossibleSimulation, match="not of this simulator"):
        from_note({"people": 5, "seed": 1, "weather": 3})


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"people": 0}, "1 or more"),
        ({"age_from": 39.9}, "within 40 to 90"),
        ({"age_to": 40.0}, "run upwards"),
        ({"share_women": 1.01}, "between 0 and 1"),
        ({"missing": "sometimes"}, "Missing may be"),
        ({"missing": "by_age", "missing_share": 0.51}, "0 and 0.5"),
        ({"true_incidence": 0.0}, "between 0.02 and 50"),
        ({"true_incidence": 50.1}, "between 0.02 and 50"),
        ({"changed_effects": {"age_years": float("nan")}}, "between 0.02 and 50"),
        ({"site_effects": (SiteEffect(name="a", hip=1e6),)}, "between 0.02 and 50"),
        ({"drop_out_per_year": float("nan")}, "should be 0 or more"),
        ({"noise_columns": 2001}, "0 to 2,000 columns"),
        ({"changed_effects": {"weather": 2.0}}, "weather cannot be changed"),
        ({"site_effects": (SiteEffect(name="a"), SiteEffect(name="a"))}, "names of their own"),
        ({"site_effects": (SiteEffect(name="age_years"),)}, "no field's"),
        ({"not_recorded": ("age_years",)}, "age_years cannot be left"),
        ({"noise_correlation": 1.0}, "below 1"),
    ],
)
def test_what_cannot_be_simulated_is_refused_in_a_sentence(
    change: dict[str, object], why: str
) -> None:
    with pytest.raises(ImpossibleSimulation, match=why):
        replace(SMALL, **change)  # type: ignore[arg-type]


def test_fields_can_be_absent_and_the_others_stay_as_they_were() -> None:
    few = replace(SMALL, people=200, scanners=2)
    absent = ("femoral_neck_t_score", "parent_hip_fracture")
    table = simulate(replace(few, not_recorded=absent)).table
    whole = simulate(few).table
    assert set(whole) - set(table) == {"femoral_neck_bmd_g_cm2", "parent_hip_fracture"}
    pd.testing.assert_frame_equal(table, whole[list(table)])


def test_the_noise_block_goes_together_and_tells_nothing() -> None:
    made = simulate(replace(SMALL, noise_columns=5, noise_correlation=0.6))
    block = made.table[[f"noise_{number}" for number in range(1, 6)]].to_numpy()
    off_diagonal = np.corrcoef(block.T)[np.triu_indices(5, 1)]
    np.testing.assert_allclose(off_diagonal, 0.6, atol=0.04)
    assert abs(np.corrcoef(block[:, 0], np.log(made.truth["hip_10y"]))[0, 1]) < 0.05
