"""Is it this patient's scan? What its files say is held against the record; a person decides."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format

from imaging.identity.whose import names_somebody, same_identifier, same_name
from riskapp.actions import auditing, queueing
from riskapp.actions.announcing import announce_scan
from riskapp.actions.errors import Refused
from riskapp.actions.finding import scan as find_scan
from riskapp.actions.looking import look_again
from riskapp.actions.permitting import Ability, needs
from riskapp.models import Job, Patient, Scan, ScanIdentity

PAGE = "The page may print whose it is; check it."
HELD = "The scan names another person: compare it with the record before it is measured."


OR = " or "


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that the scan and the record say differently; days as ISO 8601 writes them.

    Where figures can mean two days, ``scan`` is both with "or" between them.
    """

    field: str
    label: str
    scan: str
    record: str

    @property
    def in_words(self) -> tuple[str, str]:
        """What the scan and what the record says, ready to be shown."""
        if self.field != "date_of_birth":
            return self.scan, self.record
        scan, record = (
            OR.join(date_format(date.fromisoformat(day), "j F Y") for day in days.split(OR))
            for days in (self.scan, self.record)
        )
        return scan, record


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
    told = list(_told(identity))
    named = [one for one in told if one.identifier or one.name or one.births]
    if not named:
        return Comparison(False, _untold(identity), identity=identity)
    found = (each for one in told for each in _differences(one, scan.patient))
    differences = tuple(dict.fromkeys(found))
    if not differences:
        what = "files name" if named[0].by_tags else "page names"
        return Comparison(True, f"The {what} this patient.", identity=identity)
    words = "; ".join("{} {}, not {}".format(one.label, *one.in_words) for one in differences)
    return Comparison(True, f"The scan names another person ({words}).", differences, identity)


@dataclass(frozen=True, slots=True)
class _Told:
    """What the tags or one page say of the person; blank where they say nothing."""

    identifier: str
    name: str
    births: tuple[str, ...]
    sex: str
    by_tags: bool = False


def _told(identity: ScanIdentity) -> Iterator[_Told]:
    """Give what the tags say, then what each page says.

    Where names were taken out of the tags, what stands there are codes, unless it is a name.
    """
    if not identity.removed or names_somebody(identity.name, identity.identifier):
        births = (identity.birth_date.isoformat(),) if identity.birth_date else ()
        yield _Told(identity.identifier, identity.name, births, identity.sex, by_tags=True)
    for page in identity.printed or ():
        yield _Told(page["identifier"], page["name"], tuple(page["birth_dates"]), page["sex"])


def _untold(identity: ScanIdentity) -> str:
    if identity.removed:
        said = (
            "Names were taken out of the files before they came, so they cannot be compared with "
            "the record."
        )
    else:
        said = "The files do not say whose scan it is."
    return f"{said} {PAGE}" if identity.print_unread else said


def hold(job: Job) -> None:
    """End a job without measuring: its scan waits for a person."""
    with transaction.atomic():
        if not queueing.finish(job):
            return
        Scan.objects.filter(id=job.scan_id).update(status=Scan.Status.MISMATCH, reason=HELD)
        look_again(job.scan.patient_id)
        auditing.record(
            by=job.asked_by,
            action="scan.hold",
            target=job.scan_id,
            organisation=job.scan.patient.organisation,
            patient=job.scan.patient_id,
        )
        announce_scan("scan.mismatch", job)


@needs(Ability.WORK_ON_SCANS)
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
        held = scan.status == Scan.Status.MISMATCH
        # One that was measured before its names were looked at waits with what names the patient.
        if not held and (scan.is_pending or not compare(scan).must_be_confirmed):
            raise Refused({"scan": "Whose scan this is does not wait to be confirmed."})
        ScanIdentity.objects.filter(scan=scan).update(confirmed_at=timezone.now(), confirmed_by=by)
        if held:
            queueing.ask_for_measurement(by=by, scan=scan, regions=None)
        auditing.record(
            by=by, action="scan.confirm_identity", target=scan.id, patient=scan.patient_id
        )
    return scan


def _differences(told: _Told, patient: Patient) -> Iterator[Difference]:
    number, known = told.identifier, patient.record_number
    if number and not same_identifier(number, known):
        yield Difference("record_number", "record number", number, known)
    if told.name and not same_name(told.name, patient.name):
        yield Difference("name", "name", _plain(told.name), patient.name)
    born = patient.date_of_birth.isoformat()
    if told.births and born not in told.births:
        yield Difference("date_of_birth", "born", OR.join(told.births), born)
    if told.sex not in ("", patient.sex):
        yield Difference("sex", "sex", told.sex, patient.sex)


def _plain(name: str) -> str:
    """Family, given and middle name of a DICOM name as a person would write them."""
    family, *given = name.split("=")[0].split("^")[:3]
    return " ".join(part for part in (*given, family) if part)
