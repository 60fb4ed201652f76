"""Shapes for the page: positions and words worked out by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskapp.exchange.naming import in_words
from riskapp.risk.profile import FIELD_NAMES
from riskapp.web.presenters.answer import OtherAnswer, other_answer
from riskapp.web.presenters.curve import curve
from riskapp.web.presenters.numbers import percent, percent_range, plain, signed
from riskapp.web.presenters.people import natural_frequency, picture
from riskapp.web.presenters.scale import around, from_zero
from riskapp.web.presenters.side_by_side import agreement, said
from riskapp.web.presenters.strip import spark, strip
from riskapp.web.presenters.waterfall import probability_waterfall
from tests.web.estimates import contribution, estimate


def position(text: str) -> float:
    return float(text.removesuffix("%"))


def test_numbers_are_written_with_a_real_minus_and_a_space_that_does_not_break() -> None:
    assert percent(0.2163) == "21.6\u00a0%"
    assert percent_range([0.174, 0.266]) == "17.4 to 26.6\u00a0%"
    assert plain(-2.2) == "\u22122.2"
    assert signed(4.9) == "+4.9"
    assert signed(-0.4) == "\u22120.4"


@pytest.mark.parametrize("nothing", [0.0, 0.04, -0.04])
def test_what_rounds_to_nothing_carries_no_sign(nothing: float) -> None:
    assert signed(nothing) == "0.0"
    assert plain(nothing) == "0.0"


@pytest.mark.parametrize(
    ("largest", "high"), [(0.5, 1.0), (26.6, 40.0), (38.4, 40.0), (38.5, 60.0), (100.0, 100.0)]
)
def test_an_axis_from_nothing_leaves_a_little_room(largest: float, high: float) -> None:
    assert from_zero(largest).high == high


def test_ticks_are_round_numbers_from_end_to_end() -> None:
    assert [tick.text for tick in from_zero(26.6).ticks] == ["0", "10", "20", "30", "40"]
    assert [tick.text for tick in from_zero(0.9).ticks] == ["0.0", "0.5", "1.0"]
    assert [tick.x for tick in from_zero(8.7).ticks][::4] == ["0.00%", "100.00%"]


@given(st.floats(0, 100, allow_nan=False), st.floats(0, 100, allow_nan=False), st.floats(0.1, 5))
def test_an_axis_around_the_data_holds_it_between_round_ends(
    one: float, other: float, least: float
) -> None:
    low, high = sorted((one, other))
    scale = around(low, high, least)
    assert scale.low <= low + 1e-6
    assert scale.high >= high - 1e-6
    assert scale.high - scale.low >= least - 1e-6
    assert 2 <= len(scale.ticks) <= 8


def test_the_strip_of_the_drawn_page() -> None:
    drawn = strip(estimate()["outcomes"]["major_osteoporotic"])
    assert drawn.figure == "21.6\u00a0%"
    assert drawn.interval == "17.4 to 26.6\u00a0%"
    assert drawn.interval_from_model == "18.9 to 24.6\u00a0%"
    assert (drawn.estimate_x, drawn.interval_x, drawn.interval_width) == (
        "54.00%",
        "43.50%",
        "23.00%",
    )


def test_a_strip_without_an_interval_draws_none() -> None:
    outcome = estimate()["outcomes"]["hip"] | {"interval_95": None}
    drawn = strip(outcome)
    assert drawn.interval is None
    assert drawn.interval_x is None


def test_worklist_rows_share_one_scale() -> None:
    drawn = spark(estimate()["outcomes"]["major_osteoporotic"])
    assert drawn["estimate_x"] == "43.20%"
    assert drawn["interval_width"] == "18.40%"
    assert drawn["beyond"] is None


@pytest.mark.parametrize(
    ("probability", "upper", "beyond"),
    [(0.5, 0.5, None), (0.4, 0.501, "interval"), (0.501, 0.6, "estimate")],
)
def test_what_a_worklist_strip_is_too_short_for_is_marked(
    probability: float, upper: float, beyond: str | None
) -> None:
    drawn = spark({"probability_10y": probability, "interval_95": (0.3, upper)})
    assert drawn["beyond"] == beyond


def test_the_waterfall_runs_from_the_average_to_the_estimate_without_a_gap() -> None:
    why = probability_waterfall(estimate(), "major_osteoporotic")
    assert why is not None
    assert (why.baseline, why.result) == ("13.8\u00a0%", "21.6\u00a0%")
    bars = [bar for group in why.groups for bar in group.bars]
    assert [group.heading for group in why.groups] == ["History", "Bone", "Body and habits"]
    assert [bar.change for bar in bars] == ["+4.9", "+3.3", "\u22120.4"]
    assert [bar.goes for bar in bars] == ["raises", "raises", "lowers"]
    assert bars[0].start_x == why.baseline_x
    assert bars[-1].end_x == why.result_x
    for before, after in zip(bars, bars[1:], strict=False):
        assert before.end_x == after.start_x
    for bar in bars:
        assert position(bar.left_x) == min(position(bar.start_x), position(bar.end_x))
        assert 0 <= position(bar.left_x) <= position(bar.left_x) + position(bar.width) <= 100.01


def test_each_outcomes_lines_quote_their_own_points() -> None:
    for outcome, quoted in (("major_osteoporotic", "4.9"), ("hip", "1.5")):
        why = probability_waterfall(estimate(), outcome)
        assert why is not None
        (prior,) = (bar for group in why.groups for bar in group.bars if bar.change == f"+{quoted}")
        assert f"goes with {quoted} percentage points more risk" in prior.wording


@given(st.lists(st.floats(-10, 10, allow_nan=False), min_size=1, max_size=12), st.floats(15, 60))
def test_bars_always_lie_on_the_page_and_meet(points: list[float], baseline: float) -> None:
    made = estimate()
    made["explanation"]["baseline"]["hip"] = baseline / 100
    made["explanation"]["contributions"] = [
        contribution(name, True, 0, change)
        for name, change in zip(FIELD_NAMES, points, strict=False)
    ]
    why = probability_waterfall(made, "hip")
    assert why is not None
    bars = [bar for group in why.groups for bar in group.bars]
    assert len(bars) == len(points)
    assert bars[0].start_x == why.baseline_x
    assert position(bars[-1].end_x) == pytest.approx(position(why.result_x), abs=0.02)
    assert all(0 <= position(bar.end_x) <= 100 for bar in bars)
    assert len(why.ticks) == 2 or position(why.ticks[1].x) == 50


def test_an_engine_without_contributions_in_points_gets_no_such_waterfall() -> None:
    made = estimate()
    made["explanation"]["contributions"][0]["probability"] = None
    assert probability_waterfall(made, "hip") is None
    assert probability_waterfall(estimate(explanation=None), "hip") is None


def test_learned_reasons_are_in_points_and_end_at_the_engines_own_number() -> None:
    made = other_answer(estimate(engine="cox", trained_on="simulated"))
    words, why = made.why[0]
    assert words == "major osteoporotic fracture"
    assert why.result == f"{made.major}\N{NO-BREAK SPACE}%"
    bars = {bar.label: bar for group in why.groups for bar in group.bars}
    assert bars["Prior fragility fracture"].change == "+4.9"
    assert bars["Current smoking"].goes == "lowers"


def test_what_engines_say_of_themselves_is_said_once_for_all_who_say_it() -> None:
    simulated = "The engine {} was trained on simulated people; its number is a demonstration."
    old = "The DXA is 6 years old; bone density may have changed since."
    engines = [other_answer(estimate(engine="evidence", warnings=[old]))] + [
        other_answer(estimate(engine=name, warnings=[simulated.format(name), old]))
        for name in ("cox", "neural")
    ]
    odd = other_answer(
        estimate(engine="xgboost", warnings=["Age is 88; the people that xgboost was trained on."])
    )
    together = "This engine was trained on simulated people; its number is a demonstration."
    assert said(engines) == {together: "Each learned engine", old: "Each learned engine"}
    assert said([*engines, odd]) == {
        together: "Cox and Network",
        old: "Cox and Network",
        "Age is 88; the people that this engine was trained on.": "XGBoost",
    }
    spread = "Most of what {} learned cannot be judged: it would differ by {} %."
    unsure = [
        other_answer(estimate(engine=name, warnings=[spread.format(name, percent)]))
        for name, percent in (("cox", 34), ("neural", 29), ("xgboost", 31))
    ]
    assert list(said(unsure)) == [spread.format("this engine", "29 to 34")]


def test_the_curve_starts_at_nothing_and_ends_at_the_figure() -> None:
    drawn = curve(estimate()["outcomes"])
    assert drawn.major.path.startswith("M0 100.00 L10 94.60")
    assert drawn.major.path.endswith("L100 46.00")
    assert drawn.rows[0] == (1, "2.2", "0.6")
    assert drawn.rows[-1] == (10, "21.6", "5.9")


def test_names_at_the_lines_ends_never_overlap() -> None:
    made = estimate()["outcomes"]
    made["major_osteoporotic"]["probability_10y"] = 0.06
    drawn = curve(made)
    assert drawn.hip.name_y - drawn.major.name_y >= 16


@pytest.mark.parametrize(
    ("probability", "count"), [(0.216, 22), (0.004, 0), (0.005, 1), (0.145, 15), (1.0, 100)]
)
def test_people_are_rounded_once_and_halves_go_up(probability: float, count: int) -> None:
    drawn = natural_frequency({"probability_10y": probability, "interval_95": None})
    assert drawn.count == count
    assert drawn.well == 100 - count
    assert drawn.picture == picture(count)


def test_too_rare_for_a_whole_person_is_said_in_words() -> None:
    assert natural_frequency({"probability_10y": 0.004}).below_one
    assert not natural_frequency({"probability_10y": 0.004}).is_spread


def test_field_names_become_labels_in_a_sentence() -> None:
    said = in_words("Not used: lumbar_texture_score, l1_attenuation_hu, dxa_date, sex.")
    assert said == "Not used: lumbar texture score, L1 attenuation, date of the DXA, sex."


def test_other_engines_are_told_by_their_own_numbers() -> None:
    shaped = other_answer(estimate(engine="cox", trained_on="simulated"))
    assert (shaped.major, shaped.hip) == ("21.6", "5.9")
    outcomes = ["major osteoporotic fracture", "hip fracture"]
    assert [words for words, _ in shaped.why] == outcomes


def test_engines_are_set_against_the_evidence_engine_and_not_each_other() -> None:
    def said(engine: str, major: float, interval: list[float]) -> OtherAnswer:
        made = estimate(engine=engine)
        made["outcomes"]["major_osteoporotic"] |= {
            "probability_10y": major,
            "interval_95": interval,
        }
        return other_answer(made)

    evidence = said("evidence", 0.30, [0.25, 0.35])
    cox, boosted = said("cox", 0.21, [0.18, 0.24]), said("xgboost", 0.25, [0.2, 0.25])
    told = agreement([cox, evidence, boosted], None)
    assert told is not None
    assert (told.major_points, told.hip_points) == ("9.0", "0.0")
    assert told.apart == "Cox"  # an interval that only touches is not apart
    assert told.guideline == ""
    assert agreement([cox, boosted], None) is None
    assert agreement([evidence], None) is None
    assert other_answer(estimate(engine="cox")).major_interval == "17.4 to 26.6"
    without = estimate(engine="cox")
    without["outcomes"]["major_osteoporotic"]["interval_95"] = None
    assert other_answer(without).major_interval == "no interval"
