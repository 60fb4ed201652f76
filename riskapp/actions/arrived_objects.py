"""What a sender says, and what becomes of each object that it sends."""

from dataclasses import dataclass

from django.contrib.auth.models import User

from imaging.intake.head import Head
from riskapp.exchange.receiving import Outcome
from riskapp.models import Arrival, Organisation


@dataclass(frozen=True, slots=True)
class Announced:
    """What a sender said of an object apart from it; blank where it said nothing."""

    study_uid: str = ""
    sop_class_uid: str = ""
    instance_uid: str = ""


NOTHING_ANNOUNCED = Announced()


@dataclass(frozen=True, slots=True)
class Peer:
    """Who sends.

    Attributes
    ----------
    by : User
        The account that acts for the peer.
    source : str
        By which way it comes, such as ``archive:pacs``.
    issuer : str
        Who issues the organisation's record numbers, where the peer's entry says so.
    """

    by: User
    organisation: Organisation
    source: str
    issuer: str = ""


@dataclass(frozen=True, slots=True)
class ReceivedObject:
    """What became of one object; UIDs are blank where it was not understood."""

    outcome: Outcome
    sop_class_uid: str = ""
    instance_uid: str = ""
    arrival: Arrival | None = None


@dataclass(frozen=True, slots=True)
class Received:
    """What became of what was sent, object by object in order."""

    objects: tuple[ReceivedObject, ...]

    @property
    def arrivals(self) -> tuple[Arrival, ...]:
        """The studies that the objects belong to, each once."""
        known = {one.arrival.id: one.arrival for one in self.objects if one.arrival}
        return tuple(known.values())


class Answered(Exception):
    """An object is not stored; says how it is answered, and where it is already."""

    def __init__(
        self, outcome: Outcome, head: Head | None = None, arrival: Arrival | None = None
    ) -> None:
        super().__init__(outcome.sentence)
        self.outcome, self.head, self.arrival = outcome, head, arrival
