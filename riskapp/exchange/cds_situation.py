"""What cards are made of: the estimate, the orders in hand, and where links lead."""

from dataclasses import dataclass
from datetime import date

from riskapp.risk.estimate import RiskEstimate
from riskapp.risk.profile import RiskProfile, Treatment
from riskapp.risk.verdict import Verdict

HIGH, VERY_HIGH = 2, 3  # levels of a verdict


@dataclass(frozen=True, slots=True)
class Orders:
    """Orders in hand, as far as they concern bone.

    Attributes
    ----------
    dxa : tuple of str
        References to drafts of a bone density scan, such as "ServiceRequest/7".
    medicines : tuple of Treatment
        Classes of the medicines for osteoporosis among the drafts.
    """

    dxa: tuple[str, ...] = ()
    medicines: tuple[Treatment, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.dxa or self.medicines)


@dataclass(frozen=True, slots=True)
class Where:
    """Absolute addresses: of the site, of this person's page if there is one, of the SMART app."""

    site: str
    page: str = ""
    smart_launch: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """One person at one moment of the work.

    Attributes
    ----------
    estimate : RiskEstimate
        Of published epidemiology, or of a model that was approved; its first verdict is that of
        the guideline that counts here.
    patient, encounter, user : str
        References as the record's system knows them, such as "Patient/7"; blank where not told.
    orders : Orders or None
        None where a record is opened and nothing is being ordered.
    not_used : tuple of str
        Why answers in the record could not be used, in sentences.
    """

    estimate: RiskEstimate
    profile: RiskProfile
    patient: str
    encounter: str = ""
    user: str = ""
    orders: Orders | None = None
    not_used: tuple[str, ...] = ()
    today: date
    where: Where

    @property
    def verdict(self) -> Verdict:
        return self.estimate.guidelines[0]

    @property
    def is_high(self) -> bool:
        """Whether what is known suffices for treatment to be considered."""
        return self.verdict.applies is True and (self.verdict.level or 0) >= HIGH

    @property
    def treatment(self) -> Treatment | None:
        """The medicine that is taken now; None where none is, or it is not known."""
        taken = self.profile.osteoporosis_treatment
        return None if taken in (None, Treatment.NONE) else taken
