"""Numbers of one report checked against each other: what fits is trusted, what does not is not.

A misread digit nearly always breaks an identity that the page must keep: mass over area is
density, parts add up to their total, a mean lies between left and right.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from imaging.densitometry.young_adults import expected_t_score
from imaging.reports.printed import Facts, Printed, Quantity, Row
from imaging.reports.regions import LEVELS, levels_of
from imaging.wording import in_words

Values = Mapping[str, Mapping[Quantity, Printed]]
Key = tuple[str, Quantity]
# Vendors compute from unrounded numbers and truncate or round.
WHOLE_PLACES = 2.0  # halves of the last place, that is a whole one
# Parts whose area and mass add up to a total: Hologic's hip has an intertrochanteric region,
# GE Lunar's a shaft, and Ward's triangle lies within both. Forearm: Hologic's three sections.
PARTS_OF_TOTAL: dict[str, tuple[tuple[str, ...], ...]] = {
    "total_hip": (
        ("femoral_neck", "trochanter", "intertrochanter"),
        ("femoral_neck", "trochanter", "femoral_shaft"),
    ),
    "radius_total": (("radius_33", "radius_mid", "radius_ud"),),
    "ulna_total": (("ulna_33", "ulna_mid", "ulna_ud"),),
    "forearm_total": (("forearm_33", "forearm_mid", "forearm_ud"),),
}
SIDES = ("", "_left", "_right")
# Share of the area of L1-L4 that each vertebra has, from the area of one printed example and
# agreeing with the growth of bodies downward; good to a tenth, which moves the mean by about 1 %.
USUAL_AREA = {"L1": 0.225, "L2": 0.24, "L3": 0.26, "L4": 0.275}
USUAL_AREA_TOLERANCE = 0.02
# A T-score is printed to a tenth of a rounded BMD against a reference that is known to three
# places.
T_TOLERANCE = 0.15
# References that scanners may use differ by less than this from each other, for any sex or
# ancestry; a lost sign or a wrong digit mostly moves a T-score by more.
T_ABSURD = 1.6
# At ninety people's mean lies about 3 SD below that of the young; weight and ancestry move a
# Z-score by less than the rest.
Z_BEYOND_T = (-2.5, 5.0)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the checks say of one report.

    Attributes
    ----------
    confirmed : mapping of (region, quantity) to names of checks
        Numbers that at least one check holds to the last places.
    fitting : mapping of (region, quantity) to names of checks
        Numbers that a looser check lets pass.
    wrong : mapping of (region, quantity) to sentence
        Numbers that may not be used, and why.
    """

    confirmed: Mapping[Key, tuple[str, ...]]
    fitting: Mapping[Key, tuple[str, ...]]
    wrong: Mapping[Key, str]


class Checking:
    """Collects what each check says."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self.values: dict[str, Mapping[Quantity, Printed]] = {r.region: r.numbers for r in rows}
        self.confirmed: dict[Key, list[str]] = {}
        self.fitting: dict[Key, list[str]] = {}
        self.failed: list[tuple[Sequence[Key], str]] = []
        self.misnamed: dict[str, str] = {}  # regions that are not what they are called, and why

    def hold(self, keys: Sequence[Key], check: str) -> None:
        for key in keys:
            self.confirmed.setdefault(key, []).append(check)

    def fit(self, keys: Sequence[Key], check: str) -> None:
        for key in keys:
            self.fitting.setdefault(key, []).append(check)

    def fail(self, keys: Sequence[Key], why: str) -> None:
        self.failed.append((keys, why))

    def wrong(self) -> dict[Key, str]:
        """Blame each failure on those of its numbers that nothing else holds, or on all."""
        blamed: dict[Key, str] = {}
        for keys, why in self.failed:
            alone = [key for key in keys if key not in self.confirmed]
            for key in alone or keys:
                blamed.setdefault(key, why)
        for region, why in self.misnamed.items():
            blamed |= {(region, quantity): why for quantity in self.values[region]}
        return blamed

    def get(self, region: str, quantity: Quantity) -> Printed | None:
        return self.values.get(region, {}).get(quantity)


def check(rows: Sequence[Row], facts: Facts) -> Verdict:
    """Run every check that the printed numbers allow."""
    checking = Checking(rows)
    for region in checking.values:
        if not region.endswith("_mean"):  # the mean of two quotients is not that of the means
            _quotient(checking, region)
    _sums_of_vertebrae(checking)
    _sums_of_parts(checking)
    _means_of_sides(checking)
    _between_vertebrae(checking)
    for region in checking.values:
        _t_score(checking, region, facts)
        _scores(checking, region)
    return Verdict(
        confirmed={key: tuple(names) for key, names in checking.confirmed.items()},
        fitting={key: tuple(names) for key, names in checking.fitting.items()},
        wrong=checking.wrong(),
    )


def _quotient(checking: Checking, region: str) -> None:
    """BMC / area = BMD, as far as rounding lets it."""
    bmd, bmc, area = (
        checking.get(region, quantity) for quantity in (Quantity.BMD, Quantity.BMC, Quantity.AREA)
    )
    if bmd is None or bmc is None or area is None:
        return
    quotient = bmc.value / area.value
    rounding = quotient * (bmc.half_place / bmc.value + area.half_place / area.value)
    allowed = rounding + WHOLE_PLACES * bmd.half_place
    keys = [(region, q) for q in (Quantity.BMD, Quantity.BMC, Quantity.AREA)]
    if abs(quotient - bmd.value) <= allowed:
        checking.hold(keys, "BMC / area = BMD")
    else:
        checking.fail(
            keys,
            f"{region}: BMC {bmc.value:g} g over area {area.value:g} cm2 is {quotient:.3f} and "
            f"not the BMD of {bmd.value:g} g/cm2",
        )


def _sums_of_vertebrae(checking: Checking) -> None:
    for region in checking.values:
        levels = levels_of(region)
        if len(levels) < 2:
            continue
        failures = len(checking.failed)
        _sum(checking, region, levels, "sum of its vertebrae")
        if len(checking.failed) - failures == 2:  # area and BMC: its name is wrong, not a figure
            checking.misnamed[region] = (
                f"{region} is not the sum of the vertebrae it is named after"
            )


def _sums_of_parts(checking: Checking) -> None:
    for total, choices in PARTS_OF_TOTAL.items():
        for side in SIDES:
            for parts in choices:
                _sum(checking, total + side, [part + side for part in parts], "sum of its parts")


def _sum(checking: Checking, whole: str, parts: Sequence[str], name: str) -> None:
    for quantity in (Quantity.AREA, Quantity.BMC):
        total = checking.get(whole, quantity)
        given = [checking.get(part, quantity) for part in parts]
        known = [number for number in given if number is not None]
        if total is None or len(known) < len(given):
            continue
        added = sum(number.value for number in known)
        allowed = sum(WHOLE_PLACES * number.half_place for number in (total, *known))
        if abs(added - total.value) <= allowed:
            checking.hold([(region, quantity) for region in (whole, *parts)], name)
        else:
            checking.fail(
                [(whole, quantity)],
                f"{whole}: its {quantity.value} of {total.value:g} is not the sum of its parts, "
                f"{added:.4g}",
            )


def _means_of_sides(checking: Checking) -> None:
    """The mean of left and right lies half-way between them."""
    for region in [name for name in checking.values if name.endswith("_mean")]:
        bone = region.removesuffix("_mean")
        for quantity in Quantity:
            mean = checking.get(region, quantity)
            left, right = (checking.get(f"{bone}_{s}", quantity) for s in ("left", "right"))
            if mean is None or left is None or right is None:
                continue
            keys = [(f"{bone}_{side}", quantity) for side in ("left", "right", "mean")]
            if abs((left.value + right.value) / 2 - mean.value) <= 2 * mean.half_place + 1e-9:
                checking.hold(keys, "mean of both sides")
            else:
                checking.fail(
                    keys,
                    f"{in_words(bone)}: {mean.value:g} is not the mean of {left.value:g} on the "
                    f"left and {right.value:g} on the right",
                )


def _between_vertebrae(checking: Checking) -> None:
    """Without areas, BMD of several vertebrae still is near their mean with usual areas."""
    for region in checking.values:
        levels = levels_of(region)
        whole = checking.get(region, Quantity.BMD)
        parts = {level: checking.get(level, Quantity.BMD) for level in levels}
        known = {level: bmd.value for level, bmd in parts.items() if bmd is not None}
        if whole is None or len(levels) < 2 or len(known) < len(levels):
            continue
        if not set(levels) <= set(LEVELS):
            continue
        weight = sum(USUAL_AREA[level] for level in levels)
        usual = sum(USUAL_AREA[level] * bmd for level, bmd in known.items()) / weight
        between = min(known.values()) - 0.001 <= whole.value <= max(known.values()) + 0.001
        keys = [(name, Quantity.BMD) for name in (region, *levels)]
        if between and abs(whole.value - usual) <= USUAL_AREA_TOLERANCE * usual:
            checking.fit(keys, "near the mean of its vertebrae")
        elif not any(key in checking.confirmed for key in keys):
            checking.fail(
                keys,
                f"{region}: its BMD of {whole.value:g} g/cm2 does not fit those of its vertebrae, "
                f"which make about {usual:.3f}",
            )


def _scores(checking: Checking, region: str) -> None:
    """A person's own age takes a Z-score only so far from the T-score."""
    t, z = checking.get(region, Quantity.T), checking.get(region, Quantity.Z)
    if t is None or z is None or Z_BEYOND_T[0] <= z.value - t.value <= Z_BEYOND_T[1]:
        return
    checking.fail(
        [(region, Quantity.T), (region, Quantity.Z)],
        f"{region}: a Z-score of {z.value:.1f} does not go with a T-score of {t.value:.1f}",
    )


def _t_score(checking: Checking, region: str, facts: Facts) -> None:
    """T = (BMD - mean) / SD of the reference, where one is known for maker and site."""
    bmd, t = checking.get(region, Quantity.BMD), checking.get(region, Quantity.T)
    if bmd is None or t is None or facts.manufacturer is None:
        return
    expected = expected_t_score(region, bmd.value, facts.manufacturer)
    if expected is None:
        return
    away = abs(t.value - expected.t_score)
    keys = [(region, Quantity.T), (region, Quantity.BMD)]
    name = f"T-score against {expected.reference}"
    if away <= T_TOLERANCE + expected.doubt:
        if expected.doubt == 0:
            checking.hold([(region, Quantity.T)], name)
        else:
            checking.fit([(region, Quantity.T)], name)
        checking.fit([(region, Quantity.BMD)], name)
    elif facts.reference == "nhanes_female" and expected.doubt == 0:
        checking.fail(
            keys[:1],
            f"{region}: a BMD of {bmd.value:g} g/cm2 makes a T-score of {expected.t_score:.1f} "
            f"and not {t.value:.1f}, by the reference that the report names",
        )
    elif away > T_ABSURD:
        checking.fail(
            keys,
            f"{region}: a T-score of {t.value:.1f} does not go with a BMD of {bmd.value:g} g/cm2, "
            "whichever reference is meant",
        )
