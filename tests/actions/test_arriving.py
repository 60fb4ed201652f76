"""What other systems send: durable, once, filed where one patient is meant, else it waits."""

from collections.abc import Iterator
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pydicom
import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from riskapp.actions import arriving, expecting, filing_arrivals, whose_arrival
from riskapp.actions.arriving import NOTHING_ANNOUNCED, Announced, Received, arrive
from riskapp.actions.connecting import service_account
from riskapp.actions.errors import NotFound, Refused
from riskapp.actions.expecting import Order, expect
from riskapp.actions.finding import organisation_of
from riskapp.actions.measuring import measure_next
from riskapp.actions.registering import register_patient
from riskapp.actions.stored_bytes import forget_unfinished, received_path
from riskapp.exchange.receiving import Outcome, ReceivingLimits
from riskapp.models import Arrival, ArrivedFile, AuditEvent, Patient, Scan
from tests.drawn import ct_files, spine_file

SPINE = spine_file(1)
ADA = {
    "PatientID": "A-1",
    "PatientName": "Example^Ada",
    "PatientBirthDate": "19550601",
    "PatientSex": "F",
}


def of(data: bytes = SPINE, **changes: Any) -> bytes:
    dataset = pydicom.dcmread(BytesIO(data))
    for name, value in changes.items():
        setattr(dataset, name, value)
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    sink = BytesIO()
    dataset.save_as(sink)
    return sink.getvalue()


@pytest.fixture
def peer(owner: User) -> User:
    return service_account("sender", "ct-1", "Clinic A")


@pytest.fixture
def send(peer: User) -> Any:
    def sent(
        *files: bytes,
        announced: Announced = NOTHING_ANNOUNCED,
        source: str = "sender:ct-1",
        **of_it: Any,
    ) -> Received:
        return arrive(
            by=peer,
            organisation=organisation_of(peer),
            source=source,
            parts=[iter([one[:500], one[500:]]) for one in files],
            announced=announced,
            **of_it,
        )

    return sent


def settle() -> None:
    """As the worker does once nothing more comes."""
    Arrival.objects.filter(status="receiving").update(due_at=timezone.now())
    while filing_arrivals.file_next():
        pass


def outcomes(received: Received) -> list[Outcome]:
    return [one.outcome for one in received.objects]


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


class TestWhose:
    @pytest.mark.parametrize(
        ("told", "why"),
        [
            ({"PatientID": "A-2"}, whose_arrival.UNKNOWN),
            ({"PatientID": ""}, whose_arrival.NO_NUMBER),
            ({"PatientName": "Else^Somebody"}, whose_arrival.DIFFERS.format("name")),
            (
                {"PatientBirthDate": "19550602", "PatientSex": "M"},
                whose_arrival.DIFFERS.format("date of birth and sex"),
            ),
            ({"PatientName": "", "PatientBirthDate": ""}, whose_arrival.ONLY_A_NUMBER),
            (
                {"PatientName": "ANON", "PatientIdentityRemoved": "YES"},
                whose_arrival.REMOVED,
            ),
            (dict.fromkeys(ADA, ""), whose_arrival.NAMES_NOBODY),
            ({"IssuerOfPatientID": "ELSEWHERE"}, whose_arrival.OTHER_ISSUER),
        ],
    )
    def test_what_is_not_settled_waits_with_its_reason(
        self, send: Any, patient: Patient, owner: User, told: dict[str, str], why: str
    ) -> None:
        send(of(**(ADA | told)), issuer="OURS")
        settle()
        assert filing_arrivals.arrivals(by=owner).get().reason == why
        assert not Scan.objects.exists()

    def test_a_number_of_our_own_issuer_counts(self, send: Any, patient: Patient) -> None:
        send(of(**ADA, IssuerOfPatientID="OURS"), issuer="ours")
        settle()
        assert Scan.objects.get().patient == patient

    def test_files_that_name_two_people_wait(self, send: Any, patient: Patient) -> None:
        send(of(**ADA), of(**(ADA | {"PatientName": "Else^Eva"}), SOPInstanceUID="1.2.8"))
        settle()
        assert Arrival.objects.get().reason == whose_arrival.MIXED

    def test_nobody_elsewhere_is_matched(self, send: Any, stranger: User) -> None:
        register_patient(
            by=stranger,
            name="Ada Example",
            record_number="A-1",
            date_of_birth=date(1955, 6, 1),
            sex="female",
        )
        send(of(**ADA))
        settle()
        assert not Scan.objects.exists()


class TestOrders:
    @pytest.fixture
    def order(self, owner: User, patient: Patient) -> Order:
        ordered = Order("ACC-7", timezone.localdate(), "DXA of the spine", "dx", "worklist:ris")
        expect(by=owner, patient=patient, order=ordered)
        return ordered

    def test_a_scan_ticks_off_its_order(
        self, send: Any, order: Order, owner: User, patient: Patient
    ) -> None:
        assert expecting.to_come(by=owner).count() == 1
        send(of(**ADA, AccessionNumber="ACC-7"))
        settle()
        assert not expecting.to_come(by=owner).exists()
        assert Scan.objects.get().patient == patient

    def test_without_a_number_the_order_says_whose_it_is(
        self, send: Any, order: Order, patient: Patient
    ) -> None:
        send(of(**(ADA | {"PatientID": ""}), AccessionNumber="ACC-7"))
        settle()
        assert Scan.objects.get().patient == patient

    def test_a_wrong_number_is_reconciled_and_stays_to_be_confirmed_by_a_person(
        self, send: Any, order: Order, patient: Patient
    ) -> None:
        send(of(**(ADA | {"PatientID": "CT-EMERGENCY-3"}), AccessionNumber="ACC-7"))
        settle()
        measure_next("worker:1:1")
        assert Scan.objects.get().status == "mismatch"

    def test_an_order_for_another_patient_contradicts(
        self, send: Any, order: Order, owner: User
    ) -> None:
        register_patient(
            by=owner, name="Eva Else", record_number="E-1", date_of_birth=date(1960, 1, 1),
            sex="female",
        )  # fmt: skip
        eva = {"PatientID": "E-1", "PatientName": "Else^Eva", "PatientBirthDate": "19600101"}
        send(of(**(ADA | eva), AccessionNumber="ACC-7"))
        settle()
        assert Arrival.objects.get().reason == whose_arrival.ORDER_OF_ANOTHER
        assert expecting.to_come(by=owner).exists()

    def test_the_number_alone_is_not_enough_without_a_name(self, send: Any, order: Order) -> None:
        send(of(**dict.fromkeys(ADA, ""), AccessionNumber="ACC-7"))
        settle()
        assert Arrival.objects.get().reason == whose_arrival.ONLY_A_NUMBER

    def test_another_name_than_the_orders_contradicts(self, send: Any, order: Order) -> None:
        other = {"PatientID": "", "PatientName": "Else^Eva"}
        send(of(**(ADA | other), AccessionNumber="ACC-7"))
        settle()
        assert Arrival.objects.get().reason == whose_arrival.ORDER_DIFFERS.format("name")

    def test_an_order_told_later_settles_what_waits(
        self, send: Any, owner: User, patient: Patient
    ) -> None:
        send(of(**(ADA | {"PatientID": ""}), AccessionNumber="ACC-9"))
        settle()
        assert not Scan.objects.exists()
        expect(by=owner, patient=patient, order=Order("ACC-9", timezone.localdate()))
        settle()
        assert Scan.objects.get().patient == patient

    def test_a_patient_registered_later_settles_what_waits(self, send: Any, owner: User) -> None:
        send(of(**ADA))
        settle()
        register_patient(
            by=owner, name="Ada Example", record_number="a-1", date_of_birth=date(1955, 6, 1),
            sex="female",
        )  # fmt: skip
        settle()
        assert Scan.objects.get().patient.record_number == "a-1"

    def test_told_again_it_is_the_same_and_moved(self, order: Order, owner: User) -> None:
        patient = expecting.to_come(by=owner).get().patient
        before = AuditEvent.objects.count()
        expect(by=owner, patient=patient, order=order)
        assert AuditEvent.objects.count() == before
        later = timezone.localdate() + timedelta(days=1)
        expect(by=owner, patient=patient, order=Order("ACC-7", later))
        assert expecting.to_come(by=owner).get().planned_on == later

    def test_what_has_not_arrived_days_later_is_missing(
        self, owner: User, patient: Patient
    ) -> None:
        today = timezone.localdate()
        for number, days in (("ON-TIME", 3), ("LATE", 4)):
            day = today - timedelta(days=days)
            expect(by=owner, patient=patient, order=Order(number, day))
        assert [one.accession_number for one in expecting.missing(by=owner)] == ["LATE"]
        expecting.cancel(by=owner, id=expecting.missing(by=owner).get().id)
        assert not expecting.missing(by=owner).exists()

    def test_slips_are_refused(self, order: Order, owner: User, stranger: User) -> None:
        patient = expecting.to_come(by=owner).get().patient
        other = register_patient(
            by=owner, name="Eva Else", record_number="E-1", date_of_birth=date(1960, 1, 1),
            sex="female",
        )  # fmt: skip
        with pytest.raises(Refused, match="another patient"):
            expect(by=owner, patient=other, order=order)
        for wrong in ("", "x" * 65, "two\nlines"):
            with pytest.raises(Refused, match="accession number"):
                expect(by=owner, patient=patient, order=Order(wrong, timezone.localdate()))
        expect(by=owner, patient=patient, order=Order("x" * 64, timezone.localdate()))
        with pytest.raises(NotFound):
            expect(by=stranger, patient=patient, order=order)
        with pytest.raises(NotFound):
            expecting.cancel(by=stranger, id=expecting.to_come(by=owner).first().id)


class TestAPersonDecides:
    @pytest.fixture
    def waiting(self, send: Any) -> Arrival:
        send(of(**(ADA | {"PatientID": "OTHER-1"})))
        settle()
        return Arrival.objects.get()

    def test_assigned_it_is_compared_as_every_scan(
        self, waiting: Arrival, owner: User, patient: Patient
    ) -> None:
        (scan,) = filing_arrivals.assign(by=owner, arrival_id=waiting.id, patient=patient)
        assert scan.uploaded_by == owner
        measure_next("worker:1:1")
        scan.refresh_from_db()
        assert scan.status == "mismatch"
        with pytest.raises(Refused, match="dealt with"):
            filing_arrivals.assign(by=owner, arrival_id=waiting.id, patient=patient)

    def test_strangers_see_nothing_of_it(
        self, waiting: Arrival, stranger: User, patient: Patient
    ) -> None:
        assert not filing_arrivals.arrivals(by=stranger).exists()
        with pytest.raises(NotFound):
            filing_arrivals.assign(by=stranger, arrival_id=waiting.id, patient=patient)
        with pytest.raises(NotFound):
            filing_arrivals.discard(by=stranger, arrival_id=waiting.id, because="x")

    def test_discarded_its_bytes_go_and_the_reason_stays(
        self, waiting: Arrival, owner: User
    ) -> None:
        for wrong in (" ", "x" * 201, "two\nlines"):
            with pytest.raises(Refused, match="Say why"):
                filing_arrivals.discard(by=owner, arrival_id=waiting.id, because=wrong)
        filing_arrivals.discard(by=owner, arrival_id=waiting.id, because="x" * 200)
        waiting.refresh_from_db()
        assert (waiting.status, waiting.name) == ("discarded", "")
        assert not list(received_path("x").parent.iterdir())
        actions = list(AuditEvent.objects.values_list("action", flat=True))
        assert actions[-1] == "arrival.discard"

    def test_while_more_of_it_comes_nobody_decides(
        self, waiting: Arrival, owner: User, patient: Patient, send: Any
    ) -> None:
        send(of(**(ADA | {"PatientID": "OTHER-1"}), SOPInstanceUID="1.2.9"))
        with pytest.raises(Refused, match="look again"):
            filing_arrivals.assign(by=owner, arrival_id=waiting.id, patient=patient)


def test_a_worker_that_starts_keeps_what_waits(send: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    send(of(**ADA))
    (waiting,) = arriving.names_of_arrived()
    monkeypatch.setattr("time.time", lambda: timezone.now().timestamp() + 3 * 24 * 60 * 60)
    forget_unfinished({waiting})
    assert received_path(waiting).exists()
    forget_unfinished(set())
    assert not received_path(waiting).exists()
