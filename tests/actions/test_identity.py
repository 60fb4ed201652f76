"""Identity and pixels lie apart, and a scan that names another person waits for one."""

from datetime import date
from io import BytesIO
from pathlib import Path

import pydicom
import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile

from imaging.isolated.storing import Keep, KeptScan, keep_isolated
from imaging.phantoms.dxa_report import pdf_of_text
from riskapp.actions import measuring, queueing, taking_apart
from riskapp.actions.correcting_regions import measure_again
from riskapp.actions.errors import NotFound, Refused
from riskapp.actions.identifying import HELD, compare, confirm_identity
from riskapp.actions.importing_scan import import_scan
from riskapp.actions.measuring import measure_next
from riskapp.actions.stored_bytes import open_stored
from riskapp.models import Job, Patient, ReceivedFile, Scan, ScanIdentity
from tests.drawn import spine_file
from tests.people import textured
from tests.trail import done

pytestmark = pytest.mark.usefixtures("answered_here")
WORKER = queueing.this_process()
SPINE = spine_file(7)
# The record of the fixture ``patient``.
SAME = {
    "PatientID": "a-1",
    "PatientName": "EXAMPLE^ADA^MARIA^^MD",
    "PatientBirthDate": "19550601",
    "PatientSex": "F",
}


def scan_of(**tags: object) -> bytes:
    dataset = pydicom.dcmread(BytesIO(SPINE))
    for name, value in tags.items():
        setattr(dataset, name, value)
    sink = BytesIO()
    dataset.save_as(sink)
    return sink.getvalue()


@pytest.fixture(autouse=True)
def measured_at_once(monkeypatch: pytest.MonkeyPatch) -> list[list[Path]]:
    """Measuring itself is not what is tried here; what it was given is noted."""
    given: list[list[Path]] = []

    def measure(paths: list[Path], **_: object) -> measuring.Measured:
        given.append(list(paths))
        return measuring.Measured(measurement=textured(0.6))

    monkeypatch.setattr(measuring, "measure_isolated", measure)
    return given


def taken_in(by: User, patient: Patient, *files: bytes) -> Scan:
    scan = import_scan(by=by, patient=patient, files=[ContentFile(data) for data in files])
    assert measure_next(WORKER)
    scan.refresh_from_db()
    return scan


def on_disk(*folders: Path) -> bytes:
    """All that is kept, as whoever holds the key reads it."""
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return b"".join(open_stored(path).read() for path in files)


def test_the_patients_own_scan_is_measured_and_only_the_record_names_anybody(
    owner: User, patient: Patient, tmp_path: Path
) -> None:
    accession = {"AccessionNumber": "ACC-77", "StudyInstanceUID": "1.2.88.1"}
    scan = taken_in(owner, patient, scan_of(**SAME, **accession))
    assert scan.status == Scan.Status.MEASURED
    assert compare(scan).sentence == "The files name this patient."
    identity = scan.identity
    assert identity.identifier == "a-1"
    assert identity.birth_date == date(1955, 6, 1)
    assert (identity.accession_number, identity.study_uid) == ("ACC-77", "1.2.88.1")
    assert len(identity.instances) == scan.files.count() == 1
    left = on_disk(tmp_path)
    for secret in (b"EXAMPLE^", b"19550601", b"ACC-77", b"1.2.88.1"):
        assert secret not in left
    assert not list((tmp_path / "received").iterdir())
    assert not ReceivedFile.objects.exists()


@pytest.mark.parametrize(
    ("tags", "words"),
    [
        ({"PatientID": "B-2"}, "record number B-2, not A-1"),
        ({"PatientName": "Other^Person"}, "name Person Other, not Ada Example"),
        ({"PatientBirthDate": "19550602"}, "born 2 June 1955, not 1 June 1955"),
        ({"PatientSex": "M"}, "sex male, not female"),
    ],
)
def test_a_scan_that_names_another_person_waits_and_is_measured_once_confirmed(
    owner: User, colleague: User, stranger: User, patient: Patient,
    tags: dict[str, str], words: str, measured_at_once: list[list[Path]],
) -> None:  # fmt: skip
    scan = taken_in(owner, patient, scan_of(**(SAME | tags)))
    assert (scan.status, scan.reason) == (Scan.Status.MISMATCH, HELD)
    assert words in compare(scan).sentence
    assert not measured_at_once
    assert not scan.versions.exists()
    assert not scan.is_pending
    with pytest.raises(Refused, match="confirm first"):
        measure_again(by=owner, scan=scan)
    with pytest.raises(NotFound):
        confirm_identity(by=stranger, scan=scan)

    assert confirm_identity(by=colleague, scan=scan).status == Scan.Status.QUEUED
    assert measure_next(WORKER)
    scan.refresh_from_db()
    assert scan.status == Scan.Status.MEASURED
    assert scan.identity.confirmed_by == colleague
    assert len(measured_at_once) == 1
    with pytest.raises(Refused, match="does not wait"):
        confirm_identity(by=owner, scan=scan)
    assert done(action__startswith="scan.") == [
        ("scan.import", "owner"),
        ("scan.take_apart", "owner"),
        ("scan.hold", "owner"),
        ("scan.confirm_identity", "colleague"),
        ("scan.measure", "colleague"),
    ]


@pytest.mark.parametrize(
    ("tags", "words"),
    [
        ({}, "do not say whose"),
        ({"PatientName": "Anonymous", "PatientID": "ANON"}, "do not say whose"),
        ({"PatientID": "B-2", "PatientIdentityRemoved": "YES"}, "taken out"),
        (
            {"PatientID": "S-02", "PatientName": "S-02", "PatientIdentityRemoved": "YES"},
            "taken out",
        ),
    ],
)
def test_files_without_identity_are_measured_and_said_to_be_so(
    owner: User, patient: Patient, tags: dict[str, str], words: str
) -> None:
    scan = taken_in(owner, patient, scan_of(**tags))
    assert scan.status == Scan.Status.MEASURED
    assert words in compare(scan).sentence


def test_a_name_that_is_still_there_is_compared_whatever_the_file_says_of_itself(
    owner: User, patient: Patient
) -> None:
    other = {"PatientName": "ZQXWORTH^BALDRIC", "PatientID": "ZQX0042"}
    scan = taken_in(owner, patient, scan_of(**other, PatientIdentityRemoved="YES"))
    assert scan.status == Scan.Status.MISMATCH
    assert "name BALDRIC ZQXWORTH, not Ada Example" in compare(scan).sentence
    same = taken_in(owner, patient, scan_of(**SAME, PatientIdentityRemoved="YES"))
    assert same.status == Scan.Status.MEASURED
    assert compare(same).sentence == "The files name this patient."


PAGE = "Name: {}    Patient ID: {}    DOB: {}\nRegion  BMD (g/cm2)\nNeck  0.700\n"


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (("Zqxworth, Baldric", "a-1", "1 June 1955"), "name Baldric Zqxworth, not Ada Example"),
        (("Example, Ada", "B-2", "1 June 1955"), "record number B-2, not A-1"),
        (("Example, Ada", "A-1", "2/6/1955"), "born 6 February 1955 or 2 June 1955, not 1 June"),
    ],
)
def test_a_page_that_names_another_person_waits_until_somebody_confirms(
    owner: User, patient: Patient, tmp_path: Path, told: tuple[str, str, str], words: str,
    measured_at_once: list[list[Path]],
) -> None:  # fmt: skip
    scan = taken_in(owner, patient, pdf_of_text(PAGE.format(*told)))
    assert (scan.status, scan.reason) == (Scan.Status.MISMATCH, HELD)
    assert words in compare(scan).sentence
    assert not measured_at_once
    confirm_identity(by=owner, scan=scan)
    assert measure_next(WORKER)
    assert len(measured_at_once) == 1
    assert not on_disk(tmp_path)  # the page itself is gone, and its name with it


def test_a_page_of_this_patient_is_measured_and_one_of_nobody_says_what_it_may_hold(
    owner: User, patient: Patient
) -> None:
    own = taken_in(owner, patient, pdf_of_text(PAGE.format("Ada M. Example", "A-1", "1/6/1955")))
    assert own.status == Scan.Status.MEASURED
    assert compare(own).sentence == "The page names this patient."
    nobodys = taken_in(owner, patient, pdf_of_text("Region  BMD (g/cm2)\nNeck  0.700\n"))
    assert nobodys.status == Scan.Status.MEASURED
    assert compare(nobodys).sentence.endswith("The page may print whose it is; check it.")


def test_two_people_in_one_upload_are_refused_and_nothing_of_it_stays(
    owner: User, patient: Patient, tmp_path: Path
) -> None:
    other = SAME | {"PatientID": "B-2"}
    scan = taken_in(owner, patient, scan_of(**SAME), scan_of(**other))
    assert scan.status == Scan.Status.REFUSED
    assert "more than one patient" in scan.reason
    assert not scan.files.exists()
    assert not on_disk(tmp_path)
    with pytest.raises(Refused, match="send them again"):
        measure_again(by=owner, scan=scan)


def test_a_document_is_measured_on_the_original_which_then_goes(
    owner: User, patient: Patient, tmp_path: Path, measured_at_once: list[list[Path]]
) -> None:
    scan = taken_in(owner, patient, b"%PDF-1.4 report of EXAMPLE^ADA")
    ((path,),) = measured_at_once
    assert not path.exists()  # it was lent from memory
    assert not on_disk(tmp_path)
    assert [file.size_bytes for file in scan.files.all()] == [0]
    with pytest.raises(Refused, match="send them again"):
        measure_again(by=owner, scan=scan)


def test_a_worker_that_lost_its_job_while_taking_apart_stores_nothing(
    owner: User, patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    scan = import_scan(by=owner, patient=patient, files=[ContentFile(scan_of(**SAME))])

    def slowly(paths: list[Path], key: bytes, keep: Keep) -> KeptScan:
        Job.objects.update(claims=9, worker="another:1:1")  # taken meanwhile
        return keep_isolated(paths, key, keep)

    monkeypatch.setattr(taking_apart, "keep_isolated", slowly)
    assert measure_next(WORKER)
    assert not ScanIdentity.objects.exists()
    assert not scan.files.exists()
    assert scan.received_files.count() == 1
    assert Job.objects.get().failures == 0


def test_a_job_taken_up_again_is_not_taken_apart_twice(
    owner: User, patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object, **__: object) -> None:
        raise SystemExit

    with monkeypatch.context() as dying:
        dying.setattr(measuring, "measure_isolated", die)
        scan = import_scan(by=owner, patient=patient, files=[ContentFile(scan_of(**SAME))])
        with pytest.raises(SystemExit):
            measure_next(WORKER)
    kept = list(scan.files.values_list("sha256", flat=True))
    assert len(kept) == 1
    assert measure_next(WORKER)
    scan.refresh_from_db()
    assert scan.status == Scan.Status.MEASURED
    assert list(scan.files.values_list("sha256", flat=True)) == kept
    assert ScanIdentity.objects.count() == 1
