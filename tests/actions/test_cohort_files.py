"""Cohorts come in and are deleted; what is no table leaves nothing."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User

from imaging.limits import LIMITS
from riskapp.actions import cohort_files, run_queue
from riskapp.actions.cohort_files import delete_cohort, folder_of, path_of, take_cohort
from riskapp.actions.errors import Refused, TooLarge
from riskapp.models import CohortFile, LaboratoryRun
from tests.actions.laboratory_files import TABLE, sent


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "empty"),
        (b"PK\x03\x04 a workbook", "save it as CSV"),
        (b"\x00\x01\x02,", "neither CSV"),
        (b"\xff\xfe\xff\xfe,", "neither CSV"),
        (b"PAR1 cut off", "neither CSV"),
        (b"one word", "neither CSV"),
    ],
)
def test_what_is_no_table_is_refused_and_leaves_nothing(
    statistician: User, settings: Any, content: bytes, sentence: str
) -> None:
    with pytest.raises(Refused, match=sentence):
        take_cohort(by=statistician, table=sent(content))
    assert not any(Path(settings.COHORT_DIR).iterdir())
    assert not CohortFile.objects.exists()


@pytest.mark.parametrize("schema", [b"", b"{", b"[]", b"[" * 100_000, b"\xff", b'"text"'])
def test_a_schema_that_is_no_object_is_refused(statistician: User, schema: bytes) -> None:
    with pytest.raises(Refused) as refused:
        take_cohort(by=statistician, table=sent(), schema=sent(schema, "schema.json"))
    assert set(refused.value.by_field) == {"schema"}


def test_a_cohort_larger_than_the_limit_is_refused_while_it_arrives(
    statistician: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    just = replace(LIMITS, cohort_bytes=len(TABLE), cohort_schema_bytes=2)
    monkeypatch.setattr(cohort_files, "LIMITS", just)
    assert take_cohort(by=statistician, table=sent(), schema=sent(b"{}"))
    with pytest.raises(TooLarge):
        take_cohort(by=statistician, table=sent(TABLE + b"\n"))
    with pytest.raises(TooLarge):
        take_cohort(by=statistician, table=sent(), schema=sent(b"{ }"))


@pytest.mark.parametrize("name", ["../../etc/passwd", "..\\x.csv", "", "\0\u202e", "a" * 500])
def test_no_name_climbs_out_of_the_folder(statistician: User, name: str) -> None:
    table = sent()
    table.name = name
    cohort = take_cohort(by=statistician, table=table, schema=sent(b"{}"))
    assert path_of(cohort).parent == folder_of(cohort.id)
    assert path_of(cohort).read_bytes() == TABLE
    assert path_of(cohort).with_suffix(".json").read_bytes() == b"{}"


def test_a_deleted_cohort_is_gone_and_stays_named(usable: CohortFile, statistician: User) -> None:
    delete_cohort(by=statistician, cohort=usable)
    assert not folder_of(usable.id).exists()
    usable.refresh_from_db()
    assert (usable.status, usable.name) == ("deleted", "people.csv")
    with pytest.raises(Refused):
        run_queue.ask_for_training(by=statistician, cohort=usable, engines=["cox"], model_id="a")


def test_a_cohort_in_use_is_not_deleted(training: LaboratoryRun, statistician: User) -> None:
    assert training.cohort is not None
    with pytest.raises(Refused, match="A run is using"):
        delete_cohort(by=statistician, cohort=training.cohort)
    assert path_of(training.cohort).exists()
