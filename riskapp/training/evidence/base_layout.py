"""Which bases a joint calibration fits, and what they are drawn to."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from riskapp.risk.hazard_terms import BASE_KNOTS_YEARS
from riskapp.risk.populations import population

CAUSES = ("hip", "other")
SEXES = ("female", "male")
# The groups of the United States share a base up to one ratio for each sex, for both hazards:
# more freedom does not bring the answers nearer to FRAX's.
GROUP_BASE = "us-white"
GROUPS = ("us-black", "us-hispanic", "us-asian")
# Where the search begins: near the published UK incidence, and half of it for groups.
START_AT = {"hip": (-9.3, -8.7, -8.0, -7.4, -6.5, -5.4, -4.7)}
START_AT["other"] = (-5.9, -5.9, -5.5, -5.1, -4.7, -4.8, -4.3)
GROUP_RATIO, GROUP_RATIO_SD = math.log(0.5), 0.5
# How sharply a base may bend between knots ten years apart, in log-hazard, and how far its steps
# may differ from those of the United Kingdom's base where no case says so.
BASE_BEND_SD, SHAPE_SD = 0.4, 0.25
# Deaths: people without factors die less often than the life table says, people with them more.
# Together they shall die about as often as adults outside institutions did (0.9 of the life
# table: NHANES 2003-2006 with linked mortality to 2015); FRAX's cases alone would remove more.
DEATH = {"female": -0.20, "male": -0.25}
DEATH_SD = 0.02
DEATHS_KNOWN, DEATH_SD_ELSEWHERE = ("gb", GROUP_BASE), 0.15
GROUP_DEATH_SD = 0.12


@dataclass(frozen=True, slots=True)
class Free:
    """One fitted parameter; ``populations`` None: it touches all."""

    name: str
    start: float
    drawn_to: float
    sd: float | None
    lower: float
    upper: float
    populations: tuple[str, ...] | None


def free_bases(codes: Collection[str]) -> list[Free]:
    """Base parameters of the populations that cases speak about."""
    found = []
    for code in codes:
        if code in GROUPS:
            found += _group(code)
        else:
            users = (code, *GROUPS) if code == GROUP_BASE else (code,)
            found += _own(code, tuple(one for one in users if one in codes))
    return found


def _own(code: str, users: tuple[str, ...]) -> list[Free]:
    found = []
    for sex in population(code).sexes:
        for cause in CAUSES:
            for knot, start in zip(BASE_KNOTS_YEARS, START_AT[cause], strict=True):
                found.append(_free(f"{code}:base.{cause}.{sex}.{knot}", start, None, users))
        sd = DEATH_SD if code in DEATHS_KNOWN else DEATH_SD_ELSEWHERE
        found.append(_free(f"{code}:base.death.{sex}", DEATH[sex], sd, users))
    return found


def _group(code: str) -> list[Free]:
    found = []
    for sex in SEXES:
        found.append(_free(f"{code}:ratio.{sex}", GROUP_RATIO, GROUP_RATIO_SD, (code,)))
        found.append(_free(f"{code}:ratio.death.{sex}", 0.0, GROUP_DEATH_SD, (code,)))
    return found


def _free(name: str, start: float, sd: float | None, users: tuple[str, ...]) -> Free:
    return Free(name, start, start, sd, -math.inf, math.inf, users)


def bases_of(code: str, values: Mapping[str, float]) -> dict[str, float]:
    """The bases of one population under the names that the evidence set stores."""
    owner = GROUP_BASE if code in GROUPS else code
    found = {
        name.partition(":")[2]: value
        for name, value in values.items()
        if name.startswith(f"{owner}:")
    }
    if code in GROUPS:
        for name in found:
            sex = next(one for one in name.split(".") if one in SEXES)
            death = "death." if name.startswith("base.death") else ""
            found[name] += values[f"{code}:ratio.{death}{sex}"]
    return found


def base_runs(free: Sequence[Free]) -> dict[str, list[int]]:
    """Where the knots of each base stand among the free parameters, in order of age."""
    runs: dict[str, list[int]] = {}
    for index, one in enumerate(free):
        family, _, knot = one.name.rpartition(".")
        if ":base." in family and knot.isdigit():
            runs.setdefault(family, []).append(index)
    return runs
