"""Why an action was not done: one sentence that a person can act on.

Django answers its own two kinds with 404 and 403 at every door, so that a forgotten
translation cannot turn into a page of another organisation.
"""

from collections.abc import Mapping
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404


class ActionError(Exception):
    """Base class, so that a door can catch every refusal in one clause."""


class NotFound(ActionError, Http404):
    """There is no such thing in the user's organisation, whatever others may have."""


class NotAllowed(ActionError, PermissionDenied):
    """The user may not do this at all."""


class RecordRestricted(NotAllowed):
    """The record is restricted to its care team; ``patient_id`` says whose."""

    def __init__(self, patient_id: UUID) -> None:
        super().__init__(
            "This record is restricted to its care team. State why you need it to open it for "
            f"four hours; for programs: POST /api/v1/patients/{patient_id}/emergency-access/."
        )
        self.patient_id = patient_id


class Refused(ActionError):
    """The request can be mended.

    Attributes
    ----------
    by_field : dict of str to str
        One sentence for each argument that must be mended.
    """

    def __init__(self, by_field: Mapping[str, str]) -> None:
        super().__init__(" ".join(by_field.values()))
        self.by_field = dict(by_field)


class AlreadyHere(Refused):
    """The patient has these very files already; ``scan_id`` says where."""

    def __init__(self, scan_id: UUID) -> None:
        super().__init__({"files": "The patient has a scan of these very files already."})
        self.scan_id = scan_id


class TooLarge(Refused):
    """More files or bytes than one scan may have."""


class Unreachable(Refused):
    """A peer has to answer first, and does not."""


class KeyOfAnother(Refused):
    """The key that names this request named another one before."""


class ChangedMeanwhile(Refused):
    """What is to be changed is no longer as the caller read it."""


class StateNotNamed(Refused):
    """A change that does not say which state it changes."""
