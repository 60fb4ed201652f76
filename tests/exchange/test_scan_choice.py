"""Which measurement fills the record: the newest suitable one, or what a person chose."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imaging.result import (
    Acquired,
    Finding,
    Kind,
    Measurement,
    Region,
    ScanMeasurement,
    Severity,
    Status,
)
from riskapp.exchange.scan_choice import NONE, Choice, Source, choose

TODAY = date(2026, 11, 21)


def number(name: str, region: str, value: float, unit: str = "1") -> Measurement:
    return Measurement(
        name=name, region=region, value=value, unit=unit, method="m", source="s", precision="p"
    )


def scan(*numbers: Measurement, maker: str | None = None, **more: Any) -> ScanMeasurement:
    reference = more.pop("t_reference", None)
    return ScanMeasurement(
        status=Status.MEASURED, kind=Kind(modality="dxa"), measurements=numbers,
        acquired=Acquired(manufacturer=maker, t_reference=reference), **more,
    )  # fmt: skip


def source(name: str, years_ago: float, measurement: ScanMeasurement, why_not: str = "") -> Source:
    on = TODAY - timedelta(days=round(365.25 * years_ago))
    return Source(scan=name, version=1, measurement=measurement, on=on, why_not=why_not)


def report(neck: float, maker: str | None = "hologic", **more: Any) -> ScanMeasurement:
    t_score = number("t_score", "femoral_neck_left", -2.0)
    return scan(
        number("areal_bmd", "femoral_neck_left", neck, "g/cm2"), t_score, maker=maker, **more
    )


def ct(hu: float, *codes: str, confidence: float = 0.9) -> ScanMeasurement:
    corners = ((1.0, 1.0), (9.0, 1.0), (9.0, 9.0))
    l1 = Region(id="L1", label="L1", method="by shape", confidence=confidence, polygon=corners)
    quality = tuple(Finding(code=code, severity=Severity.WARNING, advice="-") for code in codes)
    attenuation = number("trabecular_attenuation_hu", "L1", hu, "[hnsf'U]")
    return scan(attenuation, regions=(l1,), quality=quality)


def chosen(*sources: Source, **more: Any) -> Choice:
    return choose(sources, today=TODAY, **({"sex": "female"} | more))


def reasons(choice: Choice, slot: str) -> dict[str, str]:
    pick = next(one for one in choice.picks if one.slot == slot)
    return {one.source.scan: one.why_not for one in pick.others}


def test_the_newest_suitable_measurement_is_used_with_maker_and_date() -> None:
    choice = chosen(source("old", 3, report(0.70)), source("new", 1, report(0.65)))
    assert choice.fields == {
        "femoral_neck_bmd_g_cm2": 0.65,
        "dxa_manufacturer": "hologic",
        "dxa_date": (TODAY - timedelta(days=365)).isoformat(),
    }
    assert reasons(choice, "femoral_neck") == {"old": "a newer one is used"}
    told = choice.source_of("dxa_manufacturer")
    assert told is not None
    assert told.scan == "new"


@pytest.mark.parametrize(
    ("days", "used", "why_not"),
    [
        (1, "dated", "a newer one is used"),
        (2, "old", "the date of the scan lies in the future"),
        (-30 * 366, "old", "before the patient’s date of birth"),
    ],
)
def test_a_scan_of_a_day_that_cannot_be_is_not_used(days: int, used: str, why_not: str) -> None:
    odd = Source(scan="dated", version=1, measurement=report(0.5), on=TODAY + timedelta(days=days))
    wanted = {"old": source("old", 3, report(0.70)), "dated": odd}
    choice = chosen(*wanted.values(), born=TODAY - timedelta(days=29 * 366))
    told = choice.source_of("femoral_neck_bmd_g_cm2")
    assert told is wanted[used]
    (reason,) = reasons(choice, "femoral_neck").values()
    assert why_not in reason
    asked = chosen(
        *wanted.values(), wanted={"femoral_neck": "dated"}, born=TODAY - timedelta(days=29 * 366)
    )
    assert bool(asked.problems) is (used == "old")


@pytest.mark.parametrize(
    ("newest", "why_not", "reason"),
    [
        (ct(90), "nobody has confirmed its regions yet", "nobody has confirmed"),
        (ct(90, "contrast_medium"), "", "contrast medium"),
        (ct(90, "contrast_unknown"), "", "contrast unknown"),
        (ct(90, confidence=0.49), "", "low confidence in the outline of L1"),
    ],
)
def test_what_is_not_suitable_is_passed_over_with_its_reason(
    newest: ScanMeasurement, why_not: str, reason: str
) -> None:
    choice = chosen(source("new", 0, newest, why_not), source("old", 2, ct(140)))
    assert choice.fields == {"l1_attenuation_hu": 140}
    assert reason in reasons(choice, "l1_attenuation")["new"]


@pytest.mark.parametrize(("years", "is_used"), [(4.99, True), (5.01, False)])
def test_a_measurement_older_than_five_years_is_not_used_by_itself(
    years: float, is_used: bool
) -> None:
    choice = chosen(source("old", years, ct(140)))
    assert bool(choice.fields) is is_used
    if not is_used:
        assert "older than 5 years" in reasons(choice, "l1_attenuation")["old"]


def test_a_person_may_choose_another_or_none() -> None:
    scans = source("new", 0, ct(90)), source("old", 9, ct(140, "contrast_medium"))
    assert chosen(*scans, wanted={"l1_attenuation": NONE}).fields == {}
    older = chosen(*scans, wanted={"l1_attenuation": "old"})
    assert older.fields == {"l1_attenuation_hu": 140}
    (pick,) = older.picks
    assert pick.candidate is not None
    assert "contrast medium" in pick.candidate.why_not
    assert reasons(older, "l1_attenuation") == {"new": "another one was chosen"}
    assert not older.problems


@pytest.mark.parametrize(
    ("wish", "reason"), [("unconfirmed", "nobody"), ("nothing", "measured nothing for it")]
)
def test_a_choice_that_cannot_be_followed_is_a_sentence(wish: str, reason: str) -> None:
    unconfirmed = source("unconfirmed", 0, ct(90), "nobody has confirmed its regions yet")
    choice = chosen(unconfirmed, source("nothing", 0, scan()), wanted={"l1_attenuation": wish})
    assert choice.fields == {}
    assert reason in choice.problems["l1_attenuation"]


def test_an_unknown_slot_is_a_sentence() -> None:
    assert "colour" in chosen(wanted={"colour": NONE}).problems["colour"]


def test_a_density_without_its_maker_gives_its_t_score_or_nothing() -> None:
    assert chosen(source("a", 1, report(0.7, maker=None))).fields["femoral_neck_t_score"] == -2.0
    men = chosen(source("a", 1, report(0.7, maker=None)), sex="male")
    assert men.fields == {}
    assert "young women" in reasons(men, "femoral_neck")["a"]
    of_women = report(0.7, maker=None, t_reference="nhanes_female")
    assert chosen(source("a", 1, of_women), sex="male").fields["femoral_neck_t_score"] == -2.0
    alone = scan(number("areal_bmd", "femoral_neck", 0.7, "g/cm2"))
    assert "maker" in reasons(chosen(source("a", 1, alone)), "femoral_neck")["a"]
    other = report(0.7, maker="dms")  # no conversion is held for it
    assert "dxa_manufacturer" not in chosen(source("a", 1, other)).fields


def test_densities_of_two_makers_never_meet_in_one_record() -> None:
    hip = scan(number("areal_bmd", "total_hip_left", 0.8, "g/cm2"), maker="ge_lunar")
    choice = chosen(source("neck", 1, report(0.65)), source("hip", 0, hip))
    assert choice.fields["dxa_manufacturer"] == "hologic"
    assert "total_hip_bmd_g_cm2" not in choice.fields
    assert "another maker" in reasons(choice, "total_hip")["hip"]
    typed = chosen(source("neck", 1, report(0.65)), maker="norland")
    assert typed.fields == {}


def test_of_two_hips_the_lower_is_used_and_their_mean_is_not() -> None:
    numbers = [
        number("areal_bmd", f"femoral_neck_{side}", value, "g/cm2")
        for side, value in (("left", 0.71), ("right", 0.69), ("mean", 0.60))
    ]
    choice = chosen(source("a", 1, scan(*numbers, maker="hologic")))
    assert choice.fields["femoral_neck_bmd_g_cm2"] == 0.69


def test_an_answer_wins_over_every_scan() -> None:
    choice = chosen(source("a", 1, report(0.65)), typed={"femoral_neck_t_score"})
    assert choice.fields == {}


def test_a_finding_that_says_stop_cannot_be_chosen_away() -> None:
    stop = Finding(code="any", severity=Severity.STOP, advice="-")
    stopped = scan(number("trabecular_attenuation_hu", "L1", 90), quality=(stop,))
    assert (
        "l1_attenuation" in chosen(source("a", 0, stopped), wanted={"l1_attenuation": "a"}).problems
    )


@given(st.lists(st.tuples(st.floats(0, 10), st.floats(-50, 300), st.booleans()), max_size=6))
def test_what_is_used_is_suitable_and_no_suitable_one_is_newer(
    drawn: list[tuple[float, float, bool]],
) -> None:
    scans = [
        source(f"s{at}", years, ct(hu, *(["metal"] if metal else [])))
        for at, (years, hu, metal) in enumerate(drawn)
    ]
    forwards, backwards = chosen(*scans), chosen(*reversed(scans))
    assert forwards.fields == backwards.fields
    for pick in forwards.picks:
        suitable = [one.source.on for one in pick.others if one.why_not == "a newer one is used"]
        assert all(one.why_not for one in pick.others)
        if pick.candidate is None:
            assert not suitable
        else:
            assert not pick.candidate.why_not
            assert all(on <= pick.candidate.source.on for on in suitable)
