"""Every resource that leaves is sound FHIR R4, by three judges."""

import json
import random
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskapp.exchange.fhir.writing import codes
from riskapp.exchange.fhir.writing.bundle import collection, containing, versioned
from riskapp.exchange.fhir.writing.definitions import PROFILED, definitions
from riskapp.exchange.fhir.writing.device import device
from riskapp.exchange.fhir.writing.risk_assessment import PROFILE, risk_assessment
from riskapp.exchange.wording import CHOICES
from riskapp.risk.profile import FACTORS
from tests.fhir.answers import AT, PEOPLE, all_resources, assessed
from tests.fhir.rules import unresolved
from tests.fhir.validating import by_definitions, check, has_definitions

INPUTS = {"Patient/pat-1", "Observation/dxa-7", "urn:uuid:8c3b2d18-4b5e-4c59-8a0f-9d7f4f7a2b10"}


@cache
def every_resource() -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = []
    for answers in PEOPLE.values():
        for is_stored in (False, True):
            told = assessed(answers, is_stored=is_stored)
            resources = [versioned(one) for one in all_resources(told, b"%PDF-1.7")]
            soft = device("0.1.0", "evidence", told.estimate["model_id"])
            alone = containing(risk_assessment(told, with_observations=False), [soft])
            made += [*resources, alone, collection(all_resources(told, b"%PDF-1.7"), AT)]
    return made


@pytest.mark.parametrize("name", PEOPLE)
def test_everything_told_of_a_person_is_sound(name: str) -> None:
    for is_stored in (False, True):
        told = assessed(PEOPLE[name], is_stored=is_stored)
        for one in all_resources(told):
            check(versioned(one))
        together = collection(all_resources(told, b"%PDF-1.7"), AT)
        check(together)
        left = unresolved(together)
        assert left <= INPUTS, left


@pytest.mark.skipif(
    not has_definitions(), reason="R4's definitions: `make check-fhir` fetches them"
)
def test_the_definitions_of_r4_find_nothing_wrong() -> None:
    assert by_definitions(every_resource()) == []


@pytest.mark.skipif(
    not has_definitions(), reason="R4's definitions: `make check-fhir` fetches them"
)
def test_the_definitions_of_r4_notice_what_is_wrong() -> None:
    sound = risk_assessment(assessed(PEOPLE["a man"]), with_observations=False)
    without = {key: value for key, value in sound.items() if key != "subject"}
    over = json.loads(json.dumps(sound))
    over["prediction"][0]["probabilityDecimal"] = 100.5
    odd = sound | {"status": "done"}
    told = "\n".join(by_definitions([sound, without, over, odd]))
    assert "subject" in told
    assert "ras-2" in told


def test_frax_keeps_its_codes() -> None:
    told = json.dumps(every_resource()[:40])
    assert "90264-3" not in told
    assert "90265-0" not in told
    assert "90266-8" not in told


def test_the_profile_that_is_claimed_is_kept() -> None:
    made = risk_assessment(assessed(PEOPLE["everything"]), with_observations=False)
    assert made["meta"]["profile"] == [PROFILE]
    for path, rules in PROFILED.items():
        *above, last = path.removeprefix("RiskAssessment.").split(".")
        for holder in made["prediction"] if above else [made]:
            kinds = [each["code"] for each in rules.get("type", [])]
            names = [f"{last[:-3]}{kind[0].upper()}{kind[1:]}" for kind in kinds] or [last]
            found = [holder[name] for name in names if name in holder]
            count = len(found[0]) if found and isinstance(found[0], list) else len(found)
            assert rules.get("min", 0) <= count, path
            assert rules.get("max") != "0" or not count, path
            assert rules.get("fixedCode") in (None, *found), path


def test_every_definition_is_sound_and_every_code_that_is_written_is_defined() -> None:
    defined = definitions("0.1.0")
    for one in defined:
        check(one)
    systems = {one["url"]: one for one in defined if one["resourceType"] == "CodeSystem"}
    urls = {one["url"] for one in defined}
    for resource in every_resource():
        for coding in named(resource, "system"):
            if coding["system"] in systems:
                held = {one["code"] for one in systems[coding["system"]]["concept"]}
                assert coding["code"] in held
        for extra in named(resource, "url"):
            assert not extra["url"].startswith(codes.HOME) or extra["url"] in urls


def named(value: Any, name: str) -> Iterator[Mapping[str, Any]]:
    """Every object that has a text of this name."""
    if isinstance(value, dict):
        if isinstance(value.get(name), str):
            yield value
        for inner in value.values():
            yield from named(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from named(inner, name)


def a_person(seed: int) -> dict[str, Any]:
    """Somebody made up, of whom some things are known."""
    draw = random.Random(seed)  # noqa: S311
    made: dict[str, Any] = {
        "population": draw.choice(["gb", "us", "us-black", "us-hispanic"]),
        "sex": draw.choice(["female", "male"]),
        "age_years": round(draw.uniform(40, 90), 1),
    }
    possible: dict[str, Any] = {
        **dict.fromkeys(FACTORS, draw.random() < 0.5),
        "weight_kg": round(draw.uniform(45, 110), 1),
        "height_cm": draw.randint(145, 190),
        "prior_fracture_site": draw.choice(sorted(CHOICES["prior_fracture_site"])),
        "osteoporosis_treatment": draw.choice(sorted(CHOICES["osteoporosis_treatment"])),
        "femoral_neck_t_score": round(draw.uniform(-4.5, 2), draw.randint(0, 4)),
        "lumbar_spine_t_score": round(draw.uniform(-4.5, 2), 1),
        "trabecular_bone_score": round(draw.uniform(0.9, 1.5), 3),
        "falls_last_year": draw.randint(0, 6),
        "type_2_diabetes_years": draw.randint(0, 30),
        "l1_attenuation_hu": round(draw.uniform(20, 250), 2),
        "dxa_date": "2025-01-31",
        "postmenopausal": draw.random() < 0.5,
    }
    known = {name: value for name, value in possible.items() if draw.random() < 0.4}
    if known.get("prior_fragility_fracture") is False:
        known.pop("prior_fracture_site", None)
    return made | known


def people_made_up(count: int) -> Iterator[dict[str, Any]]:
    for seed in range(count):
        told = assessed(a_person(seed), is_stored=seed % 2 == 0, options={"interval": False})
        made = all_resources(told, b"%PDF-1.7" if seed % 2 else None)
        yield from (collection(made, AT), risk_assessment(told, with_observations=False))


def test_whoever_is_made_up_is_told_of_soundly() -> None:
    made = list(people_made_up(40))
    for one in made:
        check(one)
    if has_definitions():
        assert by_definitions(made) == []


HOSTILE = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60)


@settings(max_examples=25)
@given(name=st.sampled_from(sorted(PEOPLE)), words=HOSTILE, resource=HOSTILE, effective=HOSTILE)
def test_whatever_another_system_writes_the_resource_stays_sound(
    name: str, words: str, resource: str, effective: str
) -> None:
    chosen = {
        "field": "age_years",
        "value": 70,
        "unit": "a",
        "resource": resource,
        "effective": effective,
        "code": words,
        "words": words,
    }
    over = {"resource": resource, "field": "", "why": words}
    told = assessed(
        PEOPLE[name], chosen=[chosen], passed_over=[over], warnings=[words], paragraph=words,
        options={"interval": False, "explain": False},
    )  # fmt: skip
    for one in all_resources(told):
        check(one)
