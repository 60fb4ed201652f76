"""What attenuation of L1 on a CT made for another reason is held against."""

from dataclasses import dataclass

from imaging.presenting.finding_titles import title_of


@dataclass(frozen=True, slots=True)
class Threshold:
    """A published limit of attenuation, and how often it errs."""

    hu: float
    says: str
    source: str


PICKHARDT = "Pickhardt 2013, Ann Intern Med 158:588, doi:10.7326/0003-4819-158-8-201304160-00003"
# Pickhardt et al. 2013, Ann Intern Med 158:588-595, doi 10.7326/0003-4819-158-8-201304160-00003:
# L1 without contrast at 120 kV against osteoporosis by DXA.
THRESHOLDS = (
    Threshold(110.0, "more than 90 in 100 without osteoporosis by DXA lie above it", PICKHARDT),
    Threshold(135.0, "balances both errors", PICKHARDT),
    Threshold(160.0, "about 90 in 100 with osteoporosis by DXA lie at or below it", PICKHARDT),
)
LOW_HU = THRESHOLDS[0].hu
CONDITIONS = (
    "no contrast medium, a tube voltage of 120 kV, and trabecular bone of an L1 that is not "
    "deformed and holds no metal"
)


def conditions_missed(held_back: list[str]) -> str:
    """Why attenuation is not held against the thresholds; blank where it may be."""
    titles = [title_of(code) for code in held_back]
    return "; ".join(dict.fromkeys(titles))


def is_low(l1_hu: float | None, held_back: list[str], limit_hu: float = LOW_HU) -> bool:
    """Whether it lies at or below a threshold that it may be held against."""
    return l1_hu is not None and not held_back and l1_hu <= limit_hu
