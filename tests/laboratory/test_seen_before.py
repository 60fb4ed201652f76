"""A report says that an engine is judged on its own people, whatever the file is called."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from riskapp import modelstore
from riskapp.laboratory import seen_before
from riskapp.laboratory.asking import Candidate
from riskapp.training.storing import describe
from tests.laboratory.people import small_cohort

OWN = small_cohort()


class Named:
    """An engine of which only the name is asked."""

    name, model_id = "cox", "own"

    def __init__(self, trained_on: str) -> None:
        self.trained_on = trained_on


class Stored:
    def __init__(self, manifest: dict[str, Any]) -> None:
        self.manifest = manifest


@pytest.fixture
def own(monkeypatch: pytest.MonkeyPatch) -> Candidate:
    manifest = {"cohort": describe(OWN)}
    monkeypatch.setattr(seen_before, "load", lambda model_id: Stored(manifest))
    return Candidate(key="own", label="cox (own)", engine=Named("cohort small"))  # type: ignore[arg-type]


def test_a_copy_under_another_name_is_told(own: Candidate) -> None:
    copy = replace(OWN, trained_on="cohort quite another")
    assert "was fitted to this very table" in seen_before.seen_before(own, copy)
    told = seen_before.seen_before(own, copy.part(np.arange(200)))
    assert "of these people" in told


def test_others_are_not_told_of_and_a_name_alone_is_told_with_care(own: Candidate) -> None:
    older = tuple(replace(each, age_years=each.age_years + 0.05) for each in OWN.profiles)
    others = replace(OWN, profiles=older, trained_on="cohort others")
    assert seen_before.seen_before(own, others) == ""
    named = replace(others, trained_on="cohort small")
    assert "Unless these are other people" in seen_before.seen_before(own, named)


def test_published_evidence_and_unstored_engines_saw_nobody(monkeypatch: Any) -> None:
    published = Candidate(key="e", label="evidence", engine=Named("published"))  # type: ignore[arg-type]
    assert seen_before.seen_before(published, OWN) == ""
    gone = Candidate(key="g", label="gone", engine=Named("cohort x"))  # type: ignore[arg-type]
    with pytest.raises(modelstore.UnknownModel):
        modelstore.load("own")
    assert seen_before.seen_before(gone, OWN) == ""
