"""What an archive holds of a patient is told, and of nobody else."""

from datetime import date

import pytest
from django.contrib.auth.models import User

from riskapp.actions import fetching
from riskapp.actions.archives import Asked, look_into, search
from riskapp.actions.carrying import fetch_next
from riskapp.actions.errors import NotFound, Refused
from riskapp.actions.fetching import ask_for, fetches
from riskapp.models import AuditEvent, Patient
from tests.actions.archived import (
    Configure,
    altered,
    archive,
    archived_files,
    configure,
    connected,
    jane,
    promised,
    uid_of,
)
from tests.exchange.archive_peers import StubArchive

__all__ = ["archive", "archived_files", "configure", "connected", "jane"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("connected")]
WORKER = "host-a:1:1"


def test_a_patients_studies_are_told_with_what_is_here_already(owner: User, jane: Patient) -> None:
    found = search(by=owner, patient=jane)
    (ct,) = (one for one in found.studies if "CT" in one.study.modalities)
    assert (found.archive, len(found.studies), found.has_more) == ("pacs", 2, False)
    assert (ct.study.day, ct.study.images, ct.scans, ct.fetch) == (date(2026, 1, 2), 12, (), None)
    work = promised(owner, jane)
    assert fetch_next(WORKER)
    (ct,) = (one for one in search(by=owner, patient=jane).studies if one.fetch)
    assert ct.fetch == work
    assert AuditEvent.objects.filter(action="archive.search", target=jane.id).exists()


def test_a_study_of_somebody_else_is_not_there(
    owner: User, jane: Patient, patient: Patient, archive: StubArchive
) -> None:
    uid = uid_of(search(by=owner, patient=jane), "CT")
    for study_uid in (uid, "not a uid", "1.2.3"):
        with pytest.raises(NotFound):
            ask_for(by=owner, patient=patient, archive="pacs", study_uid=study_uid)
    with pytest.raises(NotFound):
        look_into(by=owner, patient=patient, archive="pacs", study_uid=uid)
    study, series = look_into(by=owner, patient=jane, archive="pacs", study_uid=uid)
    assert (study.images, [one.images for one in series]) == (12, [12])


def test_another_organisation_has_neither_the_patient_nor_the_archive(
    owner: User, stranger: User, jane: Patient
) -> None:
    with pytest.raises(NotFound):
        search(by=stranger, patient=jane)
    with pytest.raises(NotFound):
        search(by=owner, patient=jane, archive="another")
    work = promised(owner, jane)
    assert not fetches(by=stranger).exists()
    with pytest.raises(NotFound):
        fetching.fetch(by=stranger, id=work.id)


def test_what_cannot_be_asked_is_told(
    owner: User, jane: Patient, archive: StubArchive, configure: Configure
) -> None:
    for asked in (
        Asked(modality="PET"),
        Asked(first_day=date(2026, 1, 2), last_day=date(2026, 1, 1)),
        Asked(page=0),
        Asked(page=26),
    ):
        with pytest.raises(Refused):
            search(by=owner, patient=jane, asked=asked)
    same_day = Asked(first_day=date(2026, 1, 2), last_day=date(2026, 1, 2), page=25)
    assert search(by=owner, patient=jane, asked=same_day).studies == ()
    uid = uid_of(search(by=owner, patient=jane), "CT")
    for series in (["x"], [f"1.{n}" for n in range(41)]):
        with pytest.raises(Refused):
            ask_for(by=owner, patient=jane, archive="pacs", study_uid=uid, series=series)
    archive.trouble = "busy"
    with pytest.raises(Refused, match="busy"):
        search(by=owner, patient=jane)
    configure(dicomweb_url="no address")
    with pytest.raises(Refused, match="connections"):
        search(by=owner, patient=jane)


def test_a_part_of_the_body_leaves_out_only_what_says_another(
    owner: User, jane: Patient, archive: StubArchive, archived_files: dict[str, list[bytes]]
) -> None:
    archive.files.clear()
    for name, part in (("ct", "ABDOMEN"), ("dxa", "LSPINE")):
        archive.keep(altered(archived_files[name][0], BodyPartExamined=part))
    found = search(by=owner, patient=jane, asked=Asked(body_part="lspine"))
    assert len(found.studies) == 1
