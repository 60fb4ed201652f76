"""SMART's scopes: what is one, what it allows, and what two of them have in common."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskapp.exchange.scope_wording import in_words
from riskapp.exchange.smart_scopes import LETTERS, granted, parse, scopes_in, unusable


@pytest.mark.parametrize(
    ("text", "read"),
    [
        # SMART App Launch 2.2, "Scopes for requesting clinical data", examples.
        ("patient/Observation.rs", "patient/Observation.rs"),
        ("system/*.cruds", "system/*.cruds"),
        ("user/Patient.read", "user/Patient.rs"),
        ("user/Patient.write", "user/Patient.cud"),
        ("system/Encounter.*", "system/Encounter.cruds"),
        ("user/*.*", "user/*.cruds"),
    ],
)
def test_scopes_of_both_versions_are_understood(text: str, read: str) -> None:
    assert str(parse(text)) == read


@pytest.mark.parametrize(
    "text",
    [
        "patient/Observation.sr",  # the order is fixed
        "patient/Observation.rr",
        "patient/Observation.",
        "patient/Observation.x",
        "patient/Observation.rs?category=laboratory",
        "patient/observation.rs",
        "patients/Observation.rs",
        "system/Observation.rs ",
        "system/Observation",
        "",
        "*/*.*",
    ],
)
def test_what_is_no_scope_grants_nothing(text: str) -> None:
    assert parse(text) is None
    assert granted([text], ["system/*.cruds", "patient/*.cruds"]) == []
    assert unusable([text]) == [text]


def test_scopes_of_one_patient_reach_only_what_is_a_patients() -> None:
    (scope,) = scopes_in(["patient/*.cruds"])
    assert scope.allows("Observation", "rs")
    assert not scope.allows("ResearchStudy", "r")
    assert not scope.allows("DeviceMetric", "r")


def test_what_is_granted_is_what_both_sides_let_it_be() -> None:
    allowed = ["system/Patient.rs", "system/*.r", "openid"]
    assert granted(["system/Patient.cruds"], allowed) == ["system/Patient.rs", "system/Patient.r"]
    assert granted(["system/*.cruds"], ["system/Patient.rs"]) == ["system/Patient.rs"]
    assert granted(["user/Patient.rs"], allowed) == []
    assert granted(["openid", "offline_access"], allowed) == ["openid"]


LETTER_SETS = st.lists(st.sampled_from(LETTERS), unique=True, min_size=1).map(
    lambda some: "".join(letter for letter in LETTERS if letter in some)
)
SCOPES = st.builds(
    lambda level, resource, letters: f"{level}/{resource}.{letters}",
    st.sampled_from(["system", "user", "patient"]),
    st.sampled_from(["*", "Patient", "Observation", "DeviceMetric"]),
    LETTER_SETS,
)


@given(asked=st.lists(SCOPES, max_size=4), allowed=st.lists(SCOPES, max_size=4))
def test_nothing_is_granted_that_was_not_both_asked_for_and_allowed(
    asked: list[str], allowed: list[str]
) -> None:
    for one in scopes_in(granted(asked, allowed)):
        for resource in ("Patient", "Observation", "DeviceMetric"):
            for letter in LETTERS:
                for side in (asked, allowed):
                    held = [other for other in scopes_in(side) if other.level == one.level]
                    if one.allows(resource, letter):
                        assert any(other.allows(resource, letter) for other in held)


def test_people_are_told_in_words() -> None:
    assert in_words(["user/RiskAssessment.rs", "offline_access", "openid"]) == [
        "Read and search: assessments of fracture risk, of all patients that you can see",
        "Go on until you or your administrator stop it, also while you are away",
    ]
