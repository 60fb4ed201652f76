"""What was erased stays erased: after a cut, and after a backup that still had it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from riskapp.actions import erasure_register
from riskapp.actions.auditing import Actor
from riskapp.actions.backup_staging import forget_cut_off
from riskapp.actions.belongings import owned_tables
from riskapp.actions.erasing import erase, finish_files
from riskapp.actions.erasure_certificate import is_signed
from riskapp.actions.errors import Refused
from riskapp.actions.rewriting import rewrite_tables
from riskapp.models import Erasure, Patient

CHANGED = "It was changed, or signed by another site's keys."


def finish_what_was_cut_off() -> int:
    """Delete files of erasures that ended between their rows and their files; how many.

    Certificates that did not reach the register by then are written down too.
    """
    forget_cut_off()
    done = Erasure.objects.exclude(erased_at=None)
    left = [one for one in done.exclude(files=[]) if one.files]
    for erasure in left:
        finish_files(erasure)
    erasure_register.write_down(done.values_list("certificate", flat=True))
    return len(left)


def overwrite_since(moment: datetime | None) -> bool:
    """Once more for what was erased since, as somebody may have read for longer than it waited.

    False where the database still cannot give up what deleted rows left behind.
    """
    done = Erasure.objects.exclude(erased_at=None)
    fresh = done.filter(erased_at__gte=moment) if moment else done
    return not fresh.exists() or rewrite_tables(owned_tables())


def came_back() -> list[Mapping[str, Any]]:
    """Certificates of records that are there again, as a backup brings them: by the same id.

    Somebody who was erased and came anew has another id, and stays.
    """
    listed = {str(one.get("patient")): one for one in erasure_register.certificates()}
    done = Erasure.objects.exclude(erased_at=None).values_list("certificate", flat=True)
    listed |= {str(one["patient"]): one for one in done}
    ids = [UUID(id) for id in listed if _is_id(id)]
    # A thousand at once: SQLite takes so many values and not many more.
    here = {
        str(id)
        for first in range(0, len(ids), 1_000)
        for id in Patient.objects.filter(id__in=ids[first : first + 1_000]).values_list(
            "id", flat=True
        )
    }
    return [listed[id] for id in sorted(here)]


def erase_all_again() -> tuple[int, list[str]]:
    """Erase again what came back: how many records, and why others could not be, as sentences."""
    done, left = 0, []
    for certificate in came_back():
        try:
            done += erase_again(certificate, by=Actor.SITE)
        except Refused as reason:
            left.append(str(reason))
    return done, left


def erase_again(certificate: Mapping[str, Any], *, by: Any) -> bool:
    """Erase a record that a restored backup brought back; False where there is none.

    Raises
    ------
    Refused
        If the certificate is not one of this site, or the record may not be erased now.
    """
    if not is_signed(certificate):
        raise Refused({"certificate": CHANGED})
    patient = Patient.objects.filter(id=certificate["patient"]).first()
    if patient is None:
        return False
    erasure, _ = Erasure.objects.get_or_create(
        patient_id=patient.id,
        erased_at=None,
        defaults={
            "organisation": patient.organisation,
            "because": certificate["because"],
            "asked_by": None if isinstance(by, Actor) else by,
            "number_hash": certificate["record_number_hash"],
        },
    )
    erase(erasure, by=by)
    return True


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
