"""How much work one live answer is: what would make it slow is counted, since clocks differ."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from riskapp.models import Patient
from riskapp.modelstore import engine_named
from riskapp.risk import guidelines
from riskapp.risk.evidence import EvidenceEngine
from riskapp.risk.evidence_sets import listed
from riskapp.risk.predicting import explained
from riskapp.web.presenters.scale import Tick
from tests.web.record import ANSWERS, answer, figures
from tests.web.scans import stored_scan

pytestmark = pytest.mark.django_db
# Where an answer that is open and an image of the spine would each decide.
OPEN = ANSWERS | {"guideline": "nogg-2024"}


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Counts estimates, those of them with intervals, and verdicts."""
    found: Counter[str] = Counter()
    # Each passes its golden estimates first, once in a process, and those do not count.
    for evidence in listed():
        engine_named("evidence", evidence_set=evidence)

    def counting(call: Callable[..., Any], count: Callable[..., None]) -> Callable[..., Any]:
        def counted(*given: Any) -> Any:
            count(*given)
            return call(*given)

        return counted

    def estimated(engine: EvidenceEngine, profile: object, options: Any) -> None:
        found["estimates"] += 1
        found["intervals"] += options.interval

    def judged(*given: object) -> None:
        found["verdicts"] += 1

    monkeypatch.setattr(EvidenceEngine, "estimate", counting(EvidenceEngine.estimate, estimated))
    monkeypatch.setattr(guidelines, "judge", counting(guidelines.judge, judged))
    return found


def test_an_answer_estimates_each_person_once(
    pages: Client, patient: Patient, counted: Counter[str]
) -> None:
    explained.cache_clear()
    assert figures(pages.post(answer(patient), OPEN).content)
    # This one; by the other evidence; with the open answer no and yes; with a fracture of the
    # spine; and somebody without risk factors.
    assert counted["estimates"] == 6
    assert counted["intervals"] == 1
    assert explained.cache_info().misses == 1
    # Every guideline about this person, and the one that is read first about the three others.
    assert counted["verdicts"] == len(guidelines.listed()) + 3


def test_an_answer_that_changes_nothing_of_the_readers_writes_to_the_trail_alone(
    pages: Client, patient: Patient, django_assert_max_num_queries: Any
) -> None:
    pages.post(answer(patient), OPEN)
    with django_assert_max_num_queries(24) as asked:
        pages.post(answer(patient), OPEN | {"weight_kg": "62.5"})
    written = [one["sql"] for one in asked if one["sql"].startswith(("UPDATE", "INSERT"))]
    assert all("riskapp_auditevent" in sql or "riskapp_trailhead" in sql for sql in written)


def test_an_answer_asks_about_the_patient_and_the_reader_once(
    pages: Client, patient: Patient, django_assert_max_num_queries: Any
) -> None:
    pages.post(answer(patient), OPEN)
    with django_assert_max_num_queries(19) as asked:
        pages.post(answer(patient), OPEN | {"weight_kg": "62.5"})
    told = [one["sql"] for one in asked]
    for table in ("fracture", "treatment", "scan", "importedrecord", "readerpreference"):
        assert sum(f'FROM "riskapp_{table}" WHERE' in sql for sql in told) == 1


def test_an_answer_reads_each_scan_once(
    pages: Client, owner: User, patient: Patient, django_assert_max_num_queries: Any
) -> None:
    scans = [stored_scan(patient, owner) for _ in range(3)]
    pages.post(answer(patient), OPEN)
    with django_assert_max_num_queries(22) as asked:
        pages.post(answer(patient), OPEN | {"weight_kg": "62.5"})
    told = [one["sql"] for one in asked]
    assert sum('FROM "riskapp_measurementversion" WHERE' in sql for sql in told) == len(scans)


def test_what_templates_look_up_is_found_at_the_first_try() -> None:
    bar = Tick(x="1%", text="5", anchor="start")
    assert bar["text"] == "5"
    with pytest.raises(KeyError):
        bar["nothing"]
