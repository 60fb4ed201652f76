"""What other systems send: durable, once, filed when nothing more comes, or refused with why."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from riskapp.actions import arriving, filing_arrivals
from riskapp.actions.arriving import Announced, arrive
from riskapp.actions.finding import organisation_of
from riskapp.actions.measuring import measure_next
from riskapp.actions.stored_bytes import forget_unfinished, received_path
from riskapp.exchange.receiving import Outcome, ReceivingLimits
from riskapp.models import Arrival, ArrivedFile, Patient, Scan
from tests.actions.arrivals import ADA, SPINE, of, outcomes, peer, send, settle
from tests.drawn import ct_files

__all__ = ["peer", "send"]
pytestmark = pytest.mark.usefixtures("answered_here")


def test_a_spine_of_a_known_patient_is_filed_and_measured_as_any_other(
    send: Any, patient: Patient
) -> None:
    received = send(of(**ADA))
    assert outcomes(received) == [Outcome.STORED]
    assert not Scan.objects.exists()
    settle()
    scan = Scan.objects.get()
    assert scan.patient == patient
    assert scan.uploaded_by.username == "sender:ct-1"
    assert measure_next("worker:1:1")
    scan.refresh_from_db()
    assert scan.status == "measured"
    assert scan.identity.identifier == "A-1"


def test_what_the_files_say_of_the_person_stays_no_longer_than_it_waits(
    send: Any, patient: Patient
) -> None:
    send(of(**ADA))
    waiting = Arrival.objects.get()
    assert (waiting.identifier, waiting.name) == ("A-1", "Example^Ada")
    settle()
    waiting.refresh_from_db()
    assert waiting.status == "filed"
    said = (waiting.identifier, waiting.name, waiting.birth_date, waiting.sex)
    assert said == ("", "", None, "")


def test_slices_of_one_series_are_one_scan_and_pictures_one_each(
    send: Any, patient: Patient
) -> None:
    study = {"StudyInstanceUID": "1.2.3", **ADA}
    pictures = [
        of(**study, SeriesInstanceUID="1.2.3.9", SOPInstanceUID=f"1.2.3.9.{at}") for at in (1, 2)
    ]
    send(*(of(one, **study) for one in ct_files()), *pictures)
    settle()
    assert sorted(scan.received_files.count() for scan in Scan.objects.all()) == [1, 1, 4]


def test_a_study_waits_until_nothing_more_comes(send: Any, patient: Patient) -> None:
    send(of(**ADA))
    assert not filing_arrivals.file_next()
    Arrival.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    assert filing_arrivals.file_next()
    assert not filing_arrivals.file_next()


def test_a_sender_that_is_done_is_waited_for_less(send: Any) -> None:
    received = send(of(**ADA))
    assert Arrival.objects.get().due_at < timezone.now() + timedelta(seconds=11)
    peer = arriving.Peer(
        Arrival.objects.get().received_by, Arrival.objects.get().organisation, "sender:ct-1"
    )
    arriving.receive_object(peer, iter([of(**ADA, SOPInstanceUID="1.2.4")]))
    assert Arrival.objects.get().due_at > timezone.now() + timedelta(seconds=30)
    arriving.no_more_of(received.arrivals)
    assert Arrival.objects.get().due_at < timezone.now() + timedelta(seconds=11)


class TestOnce:
    def test_the_same_study_twice_is_stored_once(self, send: Any, patient: Patient) -> None:
        send(of(**ADA))
        assert outcomes(send(of(**ADA))) == [Outcome.ALREADY_HERE]
        settle()
        again = send(of(**ADA))
        assert outcomes(again) == [Outcome.ALREADY_HERE]
        settle()
        assert Scan.objects.count() == 1
        assert len(list(received_path("x").parent.iterdir())) == 1

    def test_other_content_of_the_same_uid_is_refused(self, send: Any, patient: Patient) -> None:
        send(of(**ADA))
        for changed in ({"PatientName": "Example^Eva"}, {"ImageComments": "later"}):
            assert outcomes(send(of(**(ADA | changed)))) == [Outcome.OTHER_CONTENT]

    def test_the_same_picture_written_differently_on_another_way_is_the_same(
        self, send: Any, patient: Patient
    ) -> None:
        send(of(**ADA))
        elsewhere = send(of(**ADA, ImageComments="archived"), source="archive:pacs")
        assert outcomes(elsewhere) == [Outcome.ALREADY_HERE]
        other = send(of(**(ADA | {"PatientID": "A-2"})), source="archive:pacs")
        assert outcomes(other) == [Outcome.OTHER_CONTENT]

    def test_what_was_discarded_may_come_again(self, send: Any, owner: User) -> None:
        received = send(of(**ADA))
        settle()
        filing_arrivals.discard(by=owner, arrival_id=received.arrivals[0].id, because="a test")
        assert outcomes(send(of(**ADA))) == [Outcome.STORED]

    def test_another_organisation_knows_nothing_of_it(
        self, send: Any, stranger: User, patient: Patient
    ) -> None:
        send(of(**ADA))
        theirs = arrive(
            by=stranger,
            organisation=organisation_of(stranger),
            source="sender:x",
            parts=[iter([of(**ADA)])],
        )
        assert outcomes(theirs) == [Outcome.STORED]


class TestSlicesThatCameLate:
    def test_they_wait_and_the_whole_series_sent_again_is_a_scan(
        self, send: Any, patient: Patient, owner: User
    ) -> None:
        files = [of(one, **ADA) for one in ct_files()]
        send(*files[:3])
        settle()
        send(files[3])
        settle()
        waiting = filing_arrivals.arrivals(by=owner).get()
        assert waiting.reason == filing_arrivals.LATE
        assert outcomes(send(*files)) == [Outcome.STORED] * 3 + [Outcome.ALREADY_HERE]
        settle()
        assert sorted(scan.received_files.count() for scan in Scan.objects.all()) == [3, 4]


class TestRefusals:
    def test_each_object_is_answered_for_itself(self, send: Any) -> None:
        received = send(b"no DICOM", of(**ADA), of(**ADA, SOPInstanceUID="1.2.5")[:400])
        assert outcomes(received) == [
            Outcome.NOT_UNDERSTOOD, Outcome.STORED, Outcome.NOT_UNDERSTOOD,
        ]  # fmt: skip
        assert len(list(received_path("x").parent.iterdir())) == 1

    def test_kinds_and_syntaxes_that_are_not_read_are_named(self, send: Any) -> None:
        ultrasound = of(SOPClassUID="1.2.840.10008.5.1.4.1.1.6.1")
        assert outcomes(send(ultrasound)) == [Outcome.NOT_THIS_CLASS]
        video = SPINE.replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2.9\0", 1)
        assert outcomes(send(video)) == [Outcome.NOT_THIS_SYNTAX]

    def test_what_is_not_what_was_announced_is_refused(self, send: Any) -> None:
        other = Announced(sop_class_uid="1.2.840.10008.5.1.4.1.1.2")
        assert outcomes(send(SPINE, announced=other)) == [Outcome.DOES_NOT_MATCH]
        assert outcomes(send(SPINE, announced=Announced(instance_uid="1.2"))) == [
            Outcome.DOES_NOT_MATCH
        ]
        assert outcomes(send(SPINE, announced=Announced(study_uid="1.2"))) == [Outcome.OTHER_STUDY]

    def test_our_own_results_are_not_measured_again(self, send: Any) -> None:
        assert outcomes(send(of(Manufacturer="Trabecula"))) == [Outcome.OWN]
        assert not Arrival.objects.exists()

    def test_a_full_disk_and_too_much_that_waits_are_said_and_nothing_stays(
        self, send: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        send(of(**ADA))
        for limits in (ReceivingLimits(waiting_bytes=100), ReceivingLimits(free_bytes=2**60)):
            monkeypatch.setattr(arriving, "RECEIVING", limits)
            assert outcomes(send(of(SOPInstanceUID="1.2.6"))) == [Outcome.NO_ROOM]
        monkeypatch.setattr(arriving, "RECEIVING", ReceivingLimits(instances=1))
        assert outcomes(send(of(**ADA, SOPInstanceUID="1.2.7"))) == [Outcome.NO_ROOM]
        assert ArrivedFile.objects.count() == 1

    def test_more_bytes_than_a_file_may_have_are_not_kept(
        self, send: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, peer: User
    ) -> None:
        class Small:
            file_bytes = len(SPINE) - 1

        monkeypatch.setattr(arriving, "LIMITS", Small)
        assert outcomes(send(SPINE)) == [Outcome.TOO_LARGE]
        lying = tmp_path / "lying.dcm"
        lying.write_bytes(SPINE)
        of_path = arrive(by=peer, organisation=organisation_of(peer), source="x", parts=[lying])
        assert outcomes(of_path) == [Outcome.TOO_LARGE]
        assert lying.exists()
        Small.file_bytes += 1
        assert outcomes(send(SPINE)) == [Outcome.STORED]

    def test_a_connection_that_breaks_leaves_nothing(self, peer: User) -> None:
        def breaking() -> Iterator[bytes]:
            yield SPINE[:1000]
            raise ConnectionResetError

        with pytest.raises(ConnectionResetError):
            arrive(by=peer, organisation=organisation_of(peer), source="x", parts=[breaking()])
        assert not list(received_path("x").parent.iterdir())


def test_a_worker_that_starts_keeps_what_waits(send: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    send(of(**ADA))
    (waiting,) = arriving.names_of_arrived()
    monkeypatch.setattr("time.time", lambda: timezone.now().timestamp() + 3 * 24 * 60 * 60)
    forget_unfinished({waiting})
    assert received_path(waiting).exists()
    forget_unfinished(set())
    assert not received_path(waiting).exists()
