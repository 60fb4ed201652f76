"""What a simulated cohort can be asked to be; all of it stands in the note beside the file."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from math import inf
from typing import Any

from riskapp.risk.errors import RiskError
from riskapp.risk.limits import RANGES
from riskapp.risk.profile import FACTORS
from riskapp.training.simulation.assumptions import ROUTINE_MISSING

HORIZON_YEARS = 10.0
FEMORAL_NECK = ("evidence", "survey")
MISSING = ("none", "random", "by_age", "routine")
# What a changed effect may be about: yes/no factors when present, T-score per unit lower, body
# mass index per 5 kg/m2 higher, age per 10 years older.
CHANGEABLE = (*FACTORS, "femoral_neck_t_score", "body_mass_index", "age_years")
# Beyond this nearly all fractures are one person's, and the mean hazard cannot be held.
LARGEST_RATIO = 50.0
MOST_SCANNERS, MOST_NOISE_COLUMNS = 100, 2_000
LONGEST_FOLLOW_UP = 100.0  # years: all of it after ten is cut, and a life is no longer
MOST_SD_PER_DECADE = 10.0  # what changes more with age is age
# Whatever a record may lack can be absent from all of it.
CAN_BE_ABSENT = tuple(ROUTINE_MISSING)


class ImpossibleSimulation(RiskError):
    """What was asked for cannot be simulated; the sentence says why."""


@dataclass(frozen=True, kw_only=True)
class SiteEffect:
    """One column of the site with a chosen true effect.

    Attributes
    ----------
    name : str
    hip, other : float
        Hazard ratio per SD higher, beyond age and sex.
    per_decade : float
        How many SDs it lies higher per 10 years of age.
    """

    name: str
    hip: float = 1.0
    other: float = 1.0
    per_decade: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Options:
    """One simulated cohort; the same options give the same bytes.

    Attributes
    ----------
    people, seed, population
    age_from, age_to : float
        Ages are even between.
    share_women : float
    shortest_follow_up, longest_follow_up : float
        The study ends for each person evenly between these years, and after ten.
    drop_out_per_year : float
        Rate at which people leave before.
    informative : float
        0: leaving tells nothing. Else the rate is multiplied by (hazard of hip fracture over
        that of the average)^informative, which unknown inputs hide.
    missing : str
        "none", "random" (the same share everywhere), "by_age" (twice the share at 90, none at
        40), "routine" (each field its own share).
    missing_share : float
        For "random" and, as the mean, "by_age".
    not_recorded : tuple of str
        Fields that the cohort does not have at all.
    scanners : int
        0: values are true. Else so many densitometers and CT scanners, each with an offset and a
        drift; BMD is given in its maker's units with its precision error.
    site_effects : tuple of SiteEffect
    noise_columns, noise_correlation : int, float
        A block of columns that mean nothing and go together.
    imaging_effects : bool
        Whether texture, CT attenuation and hip axis say more than the evidence engine knows.
    true_incidence : float
        Factor on the evidence's fracture hazards.
    changed_effects : mapping of name to float
        Further hazard ratios on both fracture hazards, of ``CHANGEABLE``.
    departure : int
        0: the evidence is right. Else the number of a world in which levels and effects of the
        evidence are off by a draw of the doubt about them, the same for all people of any seed.
    """

    people: int
    seed: int
    population: str = "gb"
    age_from: float = 40.0
    age_to: float = 90.0
    share_women: float = 0.5
    femoral_neck: str = "evidence"
    shortest_follow_up: float = 6.0
    longest_follow_up: float = 14.0
    drop_out_per_year: float = 0.0
    informative: float = 0.0
    missing: str = "none"
    missing_share: float = 0.3
    not_recorded: tuple[str, ...] = ()
    scanners: int = 0
    site_effects: tuple[SiteEffect, ...] = ()
    noise_columns: int = 0
    noise_correlation: float = 0.5
    imaging_effects: bool = True
    true_incidence: float = 1.0
    changed_effects: Mapping[str, float] = field(default_factory=dict)
    departure: int = 0

    def __post_init__(self) -> None:
        for wrong, why in _problems(self):
            if wrong:
                raise ImpossibleSimulation(why)

    def as_note(self) -> dict[str, Any]:
        """What stands under "simulated" in the note.

        What came later than the first notes is left out where it is not asked for: the notes of
        cohorts and models that are there stay as they are.
        """
        told = asdict(self) | {"site_effects": [asdict(each) for each in self.site_effects]}
        later = {"not_recorded": list(self.not_recorded), "departure": self.departure}
        kept = {name: value for name, value in told.items() if name not in later}
        return kept | {name: value for name, value in later.items() if value}


def from_note(how: Mapping[str, Any]) -> Options:
    """Options back from a note; what an older note does not name is as by default.

    Raises
    ------
    ImpossibleSimulation
        If the note names an option that is not known here, or lacks one that is needed.
    """
    known = {each.name for each in fields(Options)}
    unknown = set(how) - known
    if unknown or not {"people", "seed"} <= set(how):
        raise ImpossibleSimulation("The note beside the cohort is not of this simulator.")
    effects = tuple(SiteEffect(**each) for each in how.get("site_effects", ()))
    absent = tuple(how.get("not_recorded", ()))
    return Options(**{**how, "site_effects": effects, "not_recorded": absent})


def _problems(options: Options) -> list[tuple[bool, str]]:
    ages, names = RANGES["age_years"], [each.name for each in options.site_effects]
    kept = sorted(set(options.not_recorded) - set(CAN_BE_ABSENT))
    strange = sorted(set(options.changed_effects) - set(CHANGEABLE))
    ratios = [ratio for each in options.site_effects for ratio in (each.hip, each.other)]
    return [
        (options.people < 1, "The number of people should be 1 or more."),
        (options.seed < 0, "The seed should be 0 or more."),
        (options.departure < 0, "The number of a world should be 0 or more."),
        (
            not ages.low <= options.age_from < options.age_to <= ages.high,
            f"Ages should run upwards within {ages.low:g} to {ages.high:g}.",
        ),
        (not 0 <= options.share_women <= 1, "The share of women should lie between 0 and 1."),
        (
            options.femoral_neck not in FEMORAL_NECK,
            f"The femoral neck may be of {', '.join(FEMORAL_NECK)}.",
        ),
        (
            not 0 < options.shortest_follow_up < options.longest_follow_up <= LONGEST_FOLLOW_UP,
            f"Follow-up should run from above 0 to a longer time, at most {LONGEST_FOLLOW_UP:g} "
            "years.",
        ),
        (
            not (0 <= options.drop_out_per_year < inf and 0 <= options.informative < inf),
            "The rate of leaving, and how far it tells of fractures, should be 0 or more.",
        ),
        (options.missing not in MISSING, f"Missing may be {', '.join(MISSING)}."),
        (
            not 0 <= options.missing_share <= (0.5 if options.missing == "by_age" else 1),
            "The missing share should lie between 0 and 1, by age between 0 and 0.5.",
        ),
        (
            not (
                0 <= options.scanners <= MOST_SCANNERS
                and 0 <= options.noise_columns <= MOST_NOISE_COLUMNS
            ),
            f"There may be 0 to {MOST_SCANNERS} scanners and 0 to {MOST_NOISE_COLUMNS:,} columns "
            "of noise.",
        ),
        (
            not 0 <= options.noise_correlation < 1,
            "The correlation of the noise should be from 0 to below 1.",
        ),
        (len(set(names)) < len(names), "Site columns should have names of their own."),
        (
            not all(name.isidentifier() and name not in RANGES for name in names),
            "A site column should have a plain name that is no field's.",
        ),
        (
            not all(abs(each.per_decade) <= MOST_SD_PER_DECADE for each in options.site_effects),
            f"A site column should change by at most {MOST_SD_PER_DECADE:g} SD per decade of age.",
        ),
        (bool(kept), f"{', '.join(kept)} cannot be left unrecorded."),
        (bool(strange), f"Effects of {', '.join(strange)} cannot be changed."),
        (
            not all(
                1 / LARGEST_RATIO <= each <= LARGEST_RATIO
                for each in (options.true_incidence, *ratios, *options.changed_effects.values())
            ),
            f"Hazard ratios and factors should lie between {1 / LARGEST_RATIO:g} and "
            f"{LARGEST_RATIO:g}.",
        ),
    ]
