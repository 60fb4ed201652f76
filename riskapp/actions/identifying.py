"""Is it this patient's scan? What its files say is held against the record; a person decides."""

from dataclasses import dataclass
from datetime import date

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format

from imaging.identity import same_identifier, same_name
from riskapp.actions import auditing, queueing
from riskapp.actions.errors import Refused
from riskapp.actions.finding import scan as find_scan
from riskapp.models import Job, Patient, Scan, ScanIdentity

HELD = "The scan names another person: compare it with the record before it is measured."


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that the scan and the record say differently; days as ISO 8601 writes them."""

    field: str
    label: str
    scan: str
    record: str

    @property
    def in_words(self) -> tuple[str, str]:
        """What the scan and what the record says, ready to be shown."""
        if self.field != "date_of_birth":
            return self.scan, self.record
        scan, record = (date.fromisoformat(day) for day in (self.scan, self.record))
        return date_format(scan, "j F Y"), date_format(record, "j F Y")


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a scan's files say of the person, held against the patient's record.

    Attributes
    ----------
    told : bool
        Whether the files name anybody at all.
    """

    told: bool
    sentence: str
    differences: tuple[Difference, ...] = ()
    identity: ScanIdentity | None = None

    @property
    def must_be_confirmed(self) -> bool:
        """Whether a person has to decide before anything is measured."""
        waits = self.identity is not None and self.identity.confirmed_at is None
        return bool(self.differences) and waits


def compare(scan: Scan) -> Comparison:
    """Hold what the files of a scan said against the record of its patient."""
    identity = ScanIdentity.objects.filter(scan=scan).select_related("confirmed_by").first()
    if identity is None:
        return Comparison(False, "The files were not compared with the record.")
    if identity.removed:
        return Comparison(
            False,
            "Names were taken out of the files before they came, so they cannot be compared with "
            "the record.",
            identity=identity,
        )
    if not (identity.identifier or identity.name or identity.birth_date):
        return Comparison(False, "The files do not say whose scan it is.", identity=identity)
    differences = _differences(identity, scan.patient)
    if not differences:
        return Comparison(True, "The files name this patient.", identity=identity)
    told = "; ".join("{} {}, not {}".format(one.label, *one.in_words) for one in differences)
    return Comparison(True, f"The scan names another person ({told}).", differences, identity)


def hold(job: Job) -> None:
    """End a job without measuring: its scan waits for a person."""
    with transaction.atomic():
        if not queueing.finish(job):
            return
        Scan.objects.filter(id=job.scan_id).update(status=Scan.Status.MISMATCH, reason=HELD)
        auditing.record(
            by=job.asked_by,
            action="scan.hold",
            target=job.scan_id,
            organisation=job.scan.patient.organisation,
        )


def confirm_identity(*, by: User, scan: Scan) -> Scan:
    """Stand by it that a scan which names somebody else is this patient's, and measure it.

    Raises
    ------
    NotFound
        If the scan is another organisation's.
    Refused
        If it does not wait for that.
    """
    find_scan(by=by, id=scan.id)
    with transaction.atomic():
        scan = Scan.objects.select_for_update().get(id=scan.id)
        if scan.status != Scan.Status.MISMATCH:
            raise Refused({"scan": "Whose scan this is does not wait to be confirmed."})
        ScanIdentity.objects.filter(scan=scan).update(confirmed_at=timezone.now(), confirmed_by=by)
        queueing.ask_for_measurement(by=by, scan=scan, regions=None)
        auditing.record(by=by, action="scan.confirm_identity", target=scan.id)
    return scan


def _differences(identity: ScanIdentity, patient: Patient) -> tuple[Difference, ...]:
    number, name, born = identity.identifier, identity.name, identity.birth_date
    known = patient.record_number
    pairs = (
        (
            not number or same_identifier(number, known),
            Difference("record_number", "record number", number, known),
        ),
        (
            not name or same_name(name, patient.name),
            Difference("name", "name", _plain(name), patient.name),
        ),
        (
            born is None or born == patient.date_of_birth,
            Difference("date_of_birth", "born", str(born), str(patient.date_of_birth)),
        ),
        (
            identity.sex in ("", patient.sex),
            Difference("sex", "sex", identity.sex, patient.sex),
        ),
    )
    return tuple(difference for agrees, difference in pairs if not agrees)


def _plain(name: str) -> str:
    """Family, given and middle name of a DICOM name as a person would write them."""
    family, *given = name.split("=")[0].split("^")[:3]
    return " ".join(part for part in (*given, family) if part)
