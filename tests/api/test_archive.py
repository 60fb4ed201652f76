"""Programs find a patient’s scans in the archive and have them fetched, as on the page."""

from typing import Any

import pytest

from riskapp.actions.carrying import fetch_next
from riskapp.models import Fetch, Patient
from tests.actions.archived import Configure, archive, archived_files, configure, jane
from tests.exchange.archive_peers import StubArchive

__all__ = ["archive", "archived_files", "configure", "jane"]
CT_KEYS = {"study_uid", "day", "modalities", "description", "images", "scans", "fetch"}


@pytest.fixture
def here(jane: Patient, configure: Configure, archive: StubArchive) -> str:
    configure(dicomweb_url=archive.url, wait_s=2)
    return f"/api/v1/patients/{jane.id}/archive/"


def ct_of(caller: Any, here: str) -> Any:
    (found,) = (one for one in caller.get(here).json()["studies"] if one["modalities"] == ["CT"])
    return found


def test_a_study_is_found_fetched_and_told_as_a_scan(as_owner: Any, here: str) -> None:
    found = ct_of(as_owner, here)
    assert set(found) == CT_KEYS
    assert (found["day"], found["images"], found["scans"]) == ("2026-01-02", 12, [])
    (series,) = as_owner.get(f"{here}studies/{found['study_uid']}/").json()["series"]
    assert (series["modality"], series["images"], series["is_readable"]) == ("CT", 12, True)
    sent = {"study_uid": found["study_uid"], "series": [series["series_uid"]]}
    asked = as_owner.post(f"{here}fetch/", sent)
    assert (asked.status_code, asked.json()["state"]) == (202, "waiting")
    # Sent again while it is on its way, it is the same one.
    assert as_owner.post(f"{here}fetch/", sent).json() == asked.json()
    assert fetch_next("host-a:1:1")
    done = as_owner.get(asked["Location"]).json()
    assert (done["state"], done["images_done"], done["images_expected"]) == ("done", 12, 12)
    found = ct_of(as_owner, here)
    assert (found["scans"], found["fetch"]) == (done["scans"], done["id"])


def test_days_and_kinds_are_asked_for(as_owner: Any, here: str) -> None:
    for asked, count in (
        ("?modality=CT&archive=pacs&body_part=SPINE", 1),
        ("?from=2026-01-02&to=2026-01-02&page=25", 0),
    ):
        assert len(as_owner.get(f"{here}{asked}").json()["studies"]) == count


@pytest.mark.parametrize(
    "asked",
    ["from=soon", "to=2026-02-30", "from=", "from=2026-01-02&to=2026-01-01", "modality=PET",
     "page=0", "page=26", "body_part=" + "X" * 17],
)  # fmt: skip
def test_what_cannot_be_asked_is_refused(as_owner: Any, here: str, asked: str) -> None:
    reply = as_owner.get(f"{here}?{asked}")
    assert (reply.status_code, reply.json()["type"]) == (400, "/api/problems/invalid-request/")


def test_what_cannot_be_fetched_is_refused(as_owner: Any, here: str) -> None:
    uid = ct_of(as_owner, here)["study_uid"]
    for wrong, status in (
        ({}, 400),
        ({"study_uid": uid, "series": ["x"]}, 400),
        ({"study_uid": uid, "series": [f"1.{n}" for n in range(41)]}, 400),
        ({"study_uid": uid, "patient": "x"}, 400),
        ({"study_uid": "1.2.3"}, 404),
        ({"study_uid": "no uid"}, 404),
        ({"study_uid": uid, "archive": "another"}, 404),
    ):
        assert as_owner.post(f"{here}fetch/", wrong).status_code == status
    assert as_owner.get(f"{here}studies/1.2.3/").status_code == 404
    assert not Fetch.objects.exists()


def test_another_organisation_and_another_patient_find_nothing(
    as_owner: Any, as_stranger: Any, here: str, patient: Patient
) -> None:
    uid = ct_of(as_owner, here)["study_uid"]
    fetch = as_owner.post(f"{here}fetch/", {"study_uid": uid})["Location"]
    theirs = f"/api/v1/patients/{patient.id}/archive/"
    assert as_owner.get(f"{theirs}studies/{uid}/").status_code == 404
    assert as_owner.post(f"{theirs}fetch/", {"study_uid": uid}).status_code == 404
    for address in (here, f"{here}studies/{uid}/", fetch):
        assert as_stranger.get(address).status_code == 404
    assert as_stranger.post(f"{here}fetch/", {"study_uid": uid}).status_code == 404


def test_an_archive_that_does_not_answer_is_no_mistake_of_the_caller(
    as_owner: Any, here: str, archive: StubArchive, configure: Configure
) -> None:
    uid = ct_of(as_owner, here)["study_uid"]
    archive.trouble = "busy"
    asked = [as_owner.get(here), as_owner.get(f"{here}studies/{uid}/")]
    asked.append(as_owner.post(f"{here}fetch/", {"study_uid": uid}))
    configure(dicomweb_url="no address")
    asked.append(as_owner.get(here))
    for reply in asked:
        told = (reply.status_code, reply.json()["type"])
        assert told == (502, "/api/problems/peer-not-answering/")
    assert "busy" in asked[0].json()["detail"]
