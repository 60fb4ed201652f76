"""An archive is asked to commit itself to keeping objects (PS3.4 annex J)."""

from collections.abc import Sequence
from contextlib import suppress
from threading import Event as Flag

from pydicom.dataset import Dataset
from pynetdicom import build_context, evt
from pynetdicom.events import Event

from imaging.broken import BROKEN_FILE
from riskapp.exchange.archive.answers import Declined, Silent
from riskapp.exchange.archive.association import talking
from riskapp.exchange.archive.limits import ARCHIVE_LIMITS
from riskapp.exchange.archive.trouble import BROKE_OFF
from riskapp.exchange.connection_archive import Archive
from riskapp.exchange.storage_commitment import (
    COMMITMENT,
    COMMITMENT_INSTANCE,
    REQUEST,
    Report,
    UnreadableReport,
    read_report,
)

NOT_OFFERED = "The archive does not commit itself to keeping (storage commitment)."


def ask_to_keep(
    archive: Archive, objects: Sequence[tuple[str, str]], transaction_uid: str
) -> Report | None:
    """Ask for a promise, and wait a little for it.

    Parameters
    ----------
    objects
        SOP class and instance of each.

    Returns
    -------
    Report or None
        None where it is not said at once: archives may report hours later, to our receiver.

    Raises
    ------
    Silent
        If it cannot be asked now.
    Declined
        If it makes no such promises.
    """
    heard: list[Report] = []
    is_heard = Flag()
    with talking(
        archive,
        [build_context(COMMITMENT)],
        seconds=ARCHIVE_LIMITS.question_s,
        most_bytes=ARCHIVE_LIMITS.answer_bytes,
        handlers=[(evt.EVT_N_EVENT_REPORT, _hear, [heard, is_heard])],
    ) as association:
        try:
            status, _ = association.send_n_action(
                _request(objects, transaction_uid), REQUEST, COMMITMENT, COMMITMENT_INSTANCE
            )
        except ValueError as error:  # no presentation context that was accepted
            raise Declined(NOT_OFFERED) from error
        except RuntimeError as error:
            raise Silent(BROKE_OFF) from error
        if status.get("Status") != 0x0000:
            raise Silent(BROKE_OFF if "Status" not in status else NOT_OFFERED)
        is_heard.wait(ARCHIVE_LIMITS.commit_s)
    return next((one for one in heard if one.transaction_uid == transaction_uid), None)


def _request(objects: Sequence[tuple[str, str]], transaction_uid: str) -> Dataset:
    asked = Dataset()
    asked.TransactionUID = transaction_uid
    asked.ReferencedSOPSequence = []
    for class_uid, instance_uid in objects:
        reference = Dataset()
        reference.ReferencedSOPClassUID = class_uid
        reference.ReferencedSOPInstanceUID = instance_uid
        asked.ReferencedSOPSequence.append(reference)
    return asked


def _hear(event: Event, heard: list[Report], is_heard: Flag) -> tuple[int, None]:
    with suppress(UnreadableReport, *BROKEN_FILE):
        heard.append(read_report(event.event_type, event.event_information))
    is_heard.set()
    return 0x0000, None
