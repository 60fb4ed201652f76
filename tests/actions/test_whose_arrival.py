"""Whose scan it is that another system sent: one patient's beyond doubt, else it waits."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from riskapp.actions import expecting, filing_arrivals, whose_arrival
from riskapp.actions.errors import NotFound, Refused
from riskapp.actions.expecting import Order, expect
from riskapp.actions.measuring import measure_next
from riskapp.actions.registering import register_patient
from riskapp.actions.stored_bytes import received_path
from riskapp.models import Arrival, AuditEvent, Patient, Scan
from tests.actions.arrivals import ADA, of, peer, send, settle

__all__ = ["peer", "send"]
pytestmark = pytest.mark.usefixtures("answered_here")


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
        send(of(**(ADA | {"PatientID": "OTHER-1", "AccessionNumber": "ACC-1"})))
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
        assert (waiting.accession_number, waiting.accession_hash) == ("", "")
        assert not list(received_path("x").parent.iterdir())
        actions = list(AuditEvent.objects.values_list("action", flat=True))
        assert actions[-1] == "arrival.discard"

    def test_while_more_of_it_comes_nobody_decides(
        self, waiting: Arrival, owner: User, patient: Patient, send: Any
    ) -> None:
        send(of(**(ADA | {"PatientID": "OTHER-1"}), SOPInstanceUID="1.2.9"))
        with pytest.raises(Refused, match="look again"):
            filing_arrivals.assign(by=owner, arrival_id=waiting.id, patient=patient)
