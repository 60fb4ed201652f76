"""Bone densities and T-scores: which bone, whose scanner, and the choice among visits."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from riskapp.exchange.fhir.bundle import Entry
from riskapp.exchange.fhir.gathering import Gathering, Told
from riskapp.exchange.fhir.quantities import Unusable
from riskapp.exchange.fhir.shapes import Resource, codings, mappings, text, words_of
from riskapp.risk.bone_density import DxaManufacturer, Site, t_score_at
from riskapp.risk.limits import FIRST_DXA, RANGES

REGIONS = {f"region_{site}" for site in Site}
# Words in the names that makers go by, as DICOM and FHIR files have them (recalled).
MAKERS = {
    "hologic": DxaManufacturer.HOLOGIC,
    "lunar": DxaManufacturer.GE_LUNAR,
    "ge healthcare": DxaManufacturer.GE_LUNAR,
    "ge medical": DxaManufacturer.GE_LUNAR,
    "general electric": DxaManufacturer.GE_LUNAR,
    "norland": DxaManufacturer.NORLAND,
    "coopersurgical": DxaManufacturer.NORLAND,
}
MALE = re.compile(r"\b(males?|men|männer|männlich)\b", re.IGNORECASE)
FEMALE = re.compile(r"\b(females?|women|frauen|weiblich)\b", re.IGNORECASE)
NO_MAKER = (
    "the maker of its scanner is not told (Observation.device), and the same bone reads "
    "differently on each"
)


@dataclass(frozen=True, slots=True)
class Density:
    """One density or T-score, and what is known of the scanner."""

    told: Told
    site: Site
    maker: DxaManufacturer | None

    @property
    def is_bmd(self) -> bool:
        return self.told.field.endswith("_bmd_g_cm2")

    @property
    def day(self) -> object:
        return self.told.when and self.told.when.order[0]


def is_density(field: str) -> bool:
    return field.endswith(("_bmd_g_cm2", "_t_score"))


def sites_of(resource: Resource) -> list[str]:
    """``system|code`` of the body sites: of the resource, and of components that name one."""
    found = [coding.key for coding in codings(resource.get("bodySite"))]
    for part in mappings(resource.get("component")):
        found += [coding.key for coding in codings(part.get("valueCodeableConcept"))]
    return found


def unclear_site(resource: Resource) -> str:
    """Why a density that needs its site is not used."""
    site = words_of(resource.get("bodySite"))
    if not site:
        return "it does not say which part of the femur was measured (Observation.bodySite)"
    return f"its body site, {site!r}, does not say femoral neck, total hip or lumbar spine"


def check_method(gathering: Gathering, resource: Resource, sites: Sequence[str]) -> None:
    """Refuse what was not measured by DXA of the whole region.

    Raises
    ------
    Unusable
        With the reason.
    """
    meant, _ = gathering.meanings(resource.get("method"))
    if any(one.name == "method_other" for one in meant):
        raise Unusable(f"measured by {words_of(resource.get('method'))}, not by DXA")
    regions = {
        one.name
        for site in sites
        for one in gathering.codes.meanings(*site.split("|", 1))
        if one.name.startswith("region_")
    }
    if "region_other" in regions and not regions & REGIONS:
        raise Unusable(f"{words_of(resource.get('bodySite'))} is another region than is asked for")


def check_reference(part: Resource) -> None:
    """Refuse a T-score that says itself that it compares with men: the contract's are of women.

    Raises
    ------
    Unusable
        With the reason.
    """
    for each in mappings(part.get("referenceRange")):
        said = f"{text(each.get('text'))} {words_of(each.get('appliesTo'))}".strip()
        if MALE.search(said) and not FEMALE.search(said):
            raise Unusable(f"its reference, {said!r}, is of men, and T-scores compare with women")


def measured(gathering: Gathering, entry: Entry, told: Told, sites: Sequence[str]) -> Density:
    site = Site(told.field.removesuffix("_bmd_g_cm2").removesuffix("_t_score"))
    return Density(told, site, _maker(gathering, entry))


def _maker(gathering: Gathering, entry: Entry) -> DxaManufacturer | None:
    """Who made the scanner, as the Device says; None where it is not told or another."""
    reference = entry.resource.get("device")
    device = gathering.entries.resolve(reference, entry)
    said = [text(reference.get("display"))] if isinstance(reference, dict) else []
    if device is not None and device.kind in ("Device", "DeviceDefinition"):
        gathering.used.add(device.label)
        names = [text(each.get("name")) for each in mappings(device.resource.get("deviceName"))]
        said = [text(device.resource.get("manufacturer")), *names, *said]
    for each in said:
        for word, maker in MAKERS.items():
            if word in each.lower():
                return maker
    return None


def choose_densities(gathering: Gathering) -> None:
    """For each site the newest visit; all densities of one maker, as a profile has one.

    Of one day a density goes before a T-score, which is computed from it, and of two sides of
    the body the lower, as on scans (``exchange.scan_fields``).
    """
    usable = _with_makers(gathering)
    maker = _one_maker(gathering, usable)
    kept: list[Density] = []
    for site in Site:
        here = [one for one in usable if one.site == site and one.maker in (maker, None)]
        kept += _of_site(gathering, here)
    for one in kept:
        gathering.choose(one.told)
    if maker is not None and any(one.is_bmd for one in kept):
        by = next(one for one in kept if one.is_bmd)
        gathering.choose(
            Told(
                "dxa_manufacturer",
                maker.value,
                by.told.resource,
                by.told.when,
                "Observation.device",
                f"maker of the scanner of {by.told.field}",
            )
        )
    _choose_day(gathering, kept)


def _with_makers(gathering: Gathering) -> list[Density]:
    """Without the densities of unknown scanners; a T-score needs none."""
    usable = []
    for one in gathering.densities:
        if one.is_bmd and one.maker is None:
            gathering.drop(one.told, NO_MAKER)
        else:
            usable.append(one if one.is_bmd else Density(one.told, one.site, None))
    return usable


def _one_maker(gathering: Gathering, usable: list[Density]) -> DxaManufacturer | None:
    """The maker whose scale is used: of the newest density, of the femoral neck before others."""
    made = [one for one in usable if one.is_bmd]
    if not made:
        return None
    neck = [one for one in made if one.site == Site.FEMORAL_NECK]
    maker = max(neck or made, key=lambda one: one.told.order).maker
    for one in made:
        if one.maker != maker:
            gathering.drop(
                one.told,
                f"it is on the scale of {one.maker}, and the density that is used on {maker}'s",
            )
    return maker


def _of_site(gathering: Gathering, here: list[Density]) -> list[Density]:
    if not here:
        return []
    newest = max(here, key=lambda one: one.told.order)
    same = [one for one in here if one.day == newest.day and one.told.weak == newest.told.weak]
    in_use = {id(one) for one in same}
    for one in here:
        if id(one) not in in_use:
            gathering.drop(one.told, f"{newest.told.resource} is of a later visit")
    kept = []
    for is_bmd in (True, False):
        alike = sorted((one for one in same if one.is_bmd == is_bmd), key=lambda x: x.told.value)
        for one in alike[1:]:
            gathering.drop(one.told, f"of the same day {alike[0].told.resource} is as low or lower")
        kept += alike[:1]
    if len(kept) == 2 and _is_implied(kept[0]):
        gathering.drop(kept[1].told, "the density of the same day says it more closely")
        kept = kept[:1]
    return kept


def _is_implied(bmd: Density) -> bool:
    return bmd.maker is not None and t_score_at(bmd.site, bmd.told.value, bmd.maker) is not None


def _choose_day(gathering: Gathering, kept: list[Density]) -> None:
    """The day of the densities in use; of several the earliest, as the warning of age needs it."""
    exact = [one for one in kept if one.told.when is not None and one.told.when.is_exact]
    if kept and not exact:
        gathering.drop(kept[0].told, "the day of the DXA is not told, so dxa_date stays unknown")
        return
    if not exact:
        return
    first = min(exact, key=lambda one: one.told.order)
    when = first.told.when
    if when is None or when.day.first < FIRST_DXA:
        gathering.pass_over(
            first.told.resource, f"there was no DXA before {FIRST_DXA.year}", "dxa_date"
        )
        return
    several = len({one.told.when.day.first for one in exact if one.told.when}) > 1
    words = "the earliest of several days" if several else RANGES[first.told.field].label
    gathering.choose(
        Told("dxa_date", when.day.first, first.told.resource, when, "Observation.effective", words)
    )
