"""What may arrive from other systems and how each object is answered: limits and status codes."""

from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True, slots=True)
class ReceivingLimits:
    """Every limit on what peers send by themselves; an object's own limits: ``imaging.limits``."""

    # A study is complete when nothing more of it has come for so long; scanners send slices
    # within seconds of each other, and one that rebuilds pictures meanwhile pauses for minutes
    # between series.
    quiet_s: int = 60
    # The same, once the sender has said that it is done: it may begin again for what failed.
    settle_s: int = 10
    request_bytes: int = 4 * 2**30  # of one upload by STOW-RS
    instances: int = 6_000  # of one study that waits; a CT of three thin series has about 4,500
    part_headers_bytes: int = 8 * 2**10
    boundary_letters: int = 128  # RFC 2046 section 5.1.1 has 70; Orthanc 1.10 writes 73
    # Of all that waits in one organisation; beyond it nothing is taken until somebody decides.
    waiting_bytes: int = 64 * 2**30
    free_bytes: int = 2**30  # that are left on the disk
    associations: int = 20
    connections: int = 40  # before they have said who they are
    # Of one protocol data unit: what we ask senders for, and what none may go beyond, which also
    # holds for the association request with all its presentation contexts.
    pdu_bytes: int = 128 * 2**10
    most_pdu_bytes: int = 2**20
    # Of a message that is no object and is read into memory, such as a report of storage.
    message_bytes: int = 2 * 2**20
    association_s: int = 30  # until a peer has said who it is
    idle_s: int = 60  # without a byte
    object_s: int = 30 * 60  # for one object, however slowly it trickles
    because_letters: int = 200  # of why something was discarded
    expected_days: int = 3  # after the planned day an examination counts as missing


RECEIVING = ReceivingLimits()
# How far an ordered examination is; missing ones should have come by now.
EXPECTED_STATES = ("to_come", "missing", "arrived", "cancelled")


class Outcome(Enum):
    """What became of one object: DICOM status, and a sentence for its sender.

    Codes: PS3.4 table B.2-1 (C-STORE), PS3.18 table I.2-2 (STOW-RS) and PS3.7 annex C (0111). C409
    is of our own, from the range that means "cannot understand".
    """

    STORED = (0x0000, "")
    ALREADY_HERE = (0x0000, "The object is here already.")
    # Our own result that an archive sends on: it is here as what it was made from.
    OWN = (0x0000, "The object was made here.")
    NO_ROOM = (0xA700, "There is no room for more; send it again later.")
    TOO_LARGE = (0xA701, "The object is larger than any that is taken here.")
    DOES_NOT_MATCH = (0xA900, "The object is not what was announced.")
    NOT_UNDERSTOOD = (0xC000, "The object is damaged, or is no DICOM object.")
    NOT_THIS_SYNTAX = (0xC122, "Pixels packed in this way are not read here.")
    OTHER_STUDY = (0xC409, "The object belongs to another study than the address.")
    OTHER_CONTENT = (0x0111, "An object of this UID with other content is here.")
    NOT_THIS_CLASS = (0x0122, "Nothing can be measured on this kind of object.")

    @property
    def status(self) -> int:
        return self.value[0]

    @property
    def sentence(self) -> str:
        """At most 64 letters, so that it fits an error comment (0000,0902)."""
        return self.value[1]

    @property
    def is_success(self) -> bool:
        return self.status == 0
