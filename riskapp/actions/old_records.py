"""Records of people whose time of keeping is over: found, and erased with a certificate each."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Model

from riskapp.actions.auditing import Actor
from riskapp.actions.belongings import belongings, last_moment
from riskapp.actions.erasing import take_out
from riskapp.actions.erasure_certificate import number_hashes
from riskapp.actions.errors import Refused
from riskapp.actions.rewriting import rewrite_tables
from riskapp.models import Erasure, LegalHold, Patient

# A wrong clock makes every record old. No more than these are erased in one night unasked: a few,
# or a share of many; and never more than a quarter of all there are.
MOST_A_NIGHT, MOST_SHARE, SHARE_OF_FEW = 20, 0.02, 0.25
TOO_MANY = (
    "{count} records are due at once, more than one night erases unasked ({most}). None was "
    "erased: look whether the clock is right, then run manage.py retain --all."
)


def due(before: datetime) -> Iterator[Patient]:
    """People to whose record nothing was added since then, and that nobody has to keep."""
    found = (
        Patient.objects.filter(registered_at__lt=before)
        .exclude(holds__in=LegalHold.objects.filter(lifted_at=None))
        .exclude(scans__uploaded_at__gte=before)
        .exclude(assessments__created_at__gte=before)
    )
    return (one for one in found.iterator() if last_added_to(one) < before)


def last_added_to(patient: Patient) -> datetime:
    """The latest moment that any row of a record bears; one that lies ahead counts as well."""
    return last_moment(belongings(patient, mentioned=False))


def most_of(people: int) -> int:
    """How many of so many people's records one night may erase."""
    return min(max(MOST_A_NIGHT, int(MOST_SHARE * people)), int(SHARE_OF_FEW * people))


def erase_due(patients: list[Patient], before: datetime) -> tuple[list[Erasure], list[str]]:
    """Erase them; the certificates, and why others have to wait, as sentences."""
    done, waits, tables = [], [], set[type[Model]]()
    for patient in patients:
        erasure, is_new = Erasure.objects.get_or_create(
            patient_id=patient.id,
            erased_at=None,
            defaults={
                "organisation": patient.organisation,
                "because": Erasure.Because.KEPT_LONG_ENOUGH,
                "number_hash": number_hashes(patient.organisation, patient.record_number)[0],
            },
        )
        try:
            tables |= set(take_out(erasure, by=Actor.SITE, unless_since=before))
            done.append(erasure)
        except Refused as reason:
            waits.append(str(reason))
            if is_new:
                erasure.delete()
    if tables:
        rewrite_tables(tables)
    return done, waits
