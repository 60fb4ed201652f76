"""The last choice: of each field the newest, and nothing that contradicts the rest."""

from collections.abc import Mapping

from riskapp.exchange.fhir.gathering import Gathering, Told, why_older
from riskapp.risk.limits import BODY_MASS_INDEX_TOLERANCE_KG_M2, RANGES
from riskapp.risk.profile import FIELD_NAMES, TIMES

SIZE = ("weight_kg", "height_cm", "body_mass_index")
DETAILS = ("number_of_prior_fractures", "prior_fracture_site", "prior_fracture_months_ago")


def settle(gathering: Gathering) -> None:
    """Choose for every field that is still open; a profile takes what comes out."""
    _choose_size(gathering)
    _drop_denied_details(gathering)
    _count_from_the_first(gathering, "type_2_diabetes_years")
    for field in FIELD_NAMES:
        gathering.newest(field)
    _drop_longer_than_life(gathering)


def _choose_size(gathering: Gathering) -> None:
    """Weight and height, or the index where it is newer than the weight and says another."""
    newest: dict[str, Told] = {}
    for field in SIZE:
        many = gathering.take(field)
        for one in many[:-1]:
            gathering.drop(one, why_older(one, many[-1]))
        if many:
            newest[field] = many[-1]
    if "weight_kg" in newest and "height_cm" in newest:
        for field, why in _against(newest).items():
            gathering.drop(newest.pop(field), why)
    for one in newest.values():
        gathering.choose(one)


def _against(newest: Mapping[str, Told]) -> dict[str, str]:
    """What of weight, height and index cannot stand beside the rest, and why."""
    weight, height = newest["weight_kg"], newest["height_cm"]
    index = newest.get("body_mass_index")
    implied = weight.value / (height.value / 100) ** 2
    limit = RANGES["body_mass_index"]
    if not limit.low <= implied <= limit.high:
        why = f"weight and height give a body mass index of {implied:.1f}, which cannot be"
        return {"weight_kg": why, "height_cm": why}
    if index is None:
        return {}
    if _is_newer(index, weight) and _differ(index.value, implied):
        return {"weight_kg": f"the body mass index of {index.resource} is newer"}
    return {"body_mass_index": "weight and height say it more closely"}


def _is_newer(one: Told, other: Told) -> bool:
    return bool(one.when and (other.when is None or one.when.order[0] > other.when.order[0]))


def _differ(given: float, implied: float) -> bool:
    return abs(given - implied) > BODY_MASS_INDEX_TOLERANCE_KG_M2


def _count_from_the_first(gathering: Gathering, field: str) -> None:
    """An illness runs from its first diagnosis, however often later visits write it down again."""
    many = gathering.take(field)
    since_denied: list[Told] = []
    for one in many:
        since_denied = [*since_denied, one] if one.value else []
    first = min((one for one in since_denied if one.since), key=lambda one: one.order, default=None)
    for one in many:
        if first is None or one is first or not one.since:
            gathering.tell(one)
        else:
            gathering.drop(one, f"{first.resource} tells of an earlier day")


def _drop_denied_details(gathering: Gathering) -> None:
    """Where a fracture is denied last, nothing describes one."""
    leads = [one for one in gathering.told if one.field == "prior_fragility_fracture"]
    if not leads or max(leads, key=lambda one: one.order).value is not False:
        return
    for one in gathering.take(*DETAILS):
        if one.field == "number_of_prior_fractures" and one.value == 0:
            gathering.tell(one)
        else:
            gathering.drop(one, "a fragility fracture is denied")


def _drop_longer_than_life(gathering: Gathering) -> None:
    """A time that is longer than the person has lived is a slip."""
    age = next((one.value for one in gathering.chosen if one.field == "age_years"), None)
    if age is None:
        return
    for one in list(gathering.chosen):
        if one.field in TIMES and one.value / TIMES[one.field] > age:
            gathering.chosen.remove(one)
            gathering.pass_over(
                one.resource, f"{one.value:g} is longer than the person's life", one.field
            )
