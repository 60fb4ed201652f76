"""Observations: numbers and answers, in panels, components and by themselves."""

import re

from riskapp.exchange.choices import CHOICES
from riskapp.exchange.clinical_codes import OWN_ANSWER, Meaning, normal_system
from riskapp.exchange.fhir import alcohol, density
from riskapp.exchange.fhir.bundle import Entry
from riskapp.exchange.fhir.dates import When, effective
from riskapp.exchange.fhir.gathering import Gathering, Told, key_of
from riskapp.exchange.fhir.limits import FALLS_TELL_OF_MONTHS
from riskapp.exchange.fhir.quantities import Unusable, in_unit, plausible
from riskapp.exchange.fhir.shapes import (
    Coding,
    Resource,
    codings,
    mapping,
    mappings,
    number,
    text,
    words_of,
)
from riskapp.exchange.reading import YES_OR_NO
from riskapp.exchange.wording import FIELDS
from riskapp.risk.limits import ADULT_FROM_YEARS, RANGES

USED = {"final", "amended", "corrected", "preliminary"}
# Measured in a child, they tell nothing of the adult.
OF_ADULTS = ("weight_kg", "height_cm", "body_mass_index")
OF_OTHERS = {
    "sex": "sex is read from the Patient",
    "dxa_manufacturer": "the maker is read from the device of each density",
}
# Questions wider than a field, the field, and what a plain yes leaves open; a no answers it.
WIDER = {
    "tobacco_use": ("current_smoker", "whether it is smoked, and still, is not told"),
    "alcohol_use": ("alcohol_3_or_more_units_daily", "how much is drunk is not told"),
}
# "Smoker, current status unknown"; not "Current non-smoker but past smoking history unknown".
UNKNOWN = re.compile(r"status unknown|unknown if", re.IGNORECASE)
NOT_ASKED = {
    "age_years": "age is read from the Patient",
    "z_score": "a Z-score is not asked for: T-scores and densities are",
    "forearm_density": "it is coded as one of the forearm, which is not asked for",
    "dxa_panel": "a panel; its measurements are read by themselves",
    "dxa_order": "a panel; its measurements are read by themselves",
}


def read_observation(gathering: Gathering, entry: Entry) -> None:
    """Tell what one Observation says, or why it says nothing."""
    resource = entry.resource
    status = text(resource.get("status"))
    if status not in USED:
        why = f"its status is {status}" if status else "it has no status"
        gathering.pass_over(entry, why)
        return
    if resource.get("focus"):
        gathering.pass_over(entry, "it is about what its focus names, and not about the person")
        return
    when = effective(resource, "effective")
    if when is None and resource.get("issued") is not None:
        when = effective(resource, "issued")
    if when is not None and when.is_after(gathering.today):
        gathering.pass_over(entry, f"its date, {when}, lies in the future")
        return
    before = gathering.counted
    for part in (resource, *mappings(resource.get("component"))):
        _Part(gathering, entry, part, when, status == "preliminary").read()
    if gathering.counted == before:
        gathering.pass_over(entry, _nothing_known(resource))


def _nothing_known(resource: Resource) -> str:
    if mappings(resource.get("hasMember")):
        return "a panel; its members are read by themselves"
    said = words_of(resource.get("code"))
    return f"{said or 'what it observes'} answers no question that is asked here"


class _Part:
    """An Observation or one of its components."""

    def __init__(
        self, gathering: Gathering, entry: Entry, part: Resource, when: When | None, weak: bool
    ) -> None:
        self.gathering, self.entry, self.part = gathering, entry, part
        self.when, self.weak = when, weak
        self.sites = density.sites_of(entry.resource)

    def read(self) -> None:
        meant, by = self.gathering.meanings(self.part.get("code"), self.sites)
        if not meant:
            self._say_what_is_missing()
        for meaning in sorted(meant, key=lambda each: each.name):
            try:
                self._tell(meaning, by)
            except Unusable as reason:
                told = meaning.name if meaning.name in RANGES or meaning.name in YES_OR_NO else ""
                self.gathering.pass_over(self.entry, str(reason), told)

    def _say_what_is_missing(self) -> None:
        """A code that means something only beside a body site."""
        for coding in codings(self.part.get("code")):
            possible = self.gathering.codes.possible(coding.system, coding.code)
            if possible:
                self.gathering.pass_over(self.entry, density.unclear_site(self.entry.resource))
                return

    def _tell(self, meaning: Meaning, by: Coding | None) -> None:
        name = meaning.name
        if name in NOT_ASKED:
            raise Unusable(NOT_ASKED[name])
        absent = words_of(self.part.get("dataAbsentReason"))
        if absent:
            raise Unusable(f"its value is absent: {absent}")
        if name in alcohol.ASKED:
            answer, words = alcohol.three_units(name, mapping(self.part.get("valueQuantity")))
            self._told("alcohol_3_or_more_units_daily", answer, by, words)
        elif name == "falls_in_past_year":
            self._falls(by)
        elif name in RANGES:
            self._number(name, by)
        elif name in YES_OR_NO or name in WIDER:
            self._answer(meaning, by)
        elif name in CHOICES:
            self._choice(name, by)
        else:
            raise Unusable("such a code is read in conditions and medicines, not in observations")

    def _number(self, name: str, by: Coding | None) -> None:
        quantity = mapping(self.part.get("valueQuantity"))
        whole = number(self.part.get("valueInteger"))
        if not quantity and whole is not None:
            quantity = {"value": whole}
        if not quantity:
            raise Unusable("there is no quantity")
        value = in_unit(quantity, RANGES[name].ucum)
        plausible(name, value)
        self._check_age(name)
        if density.is_density(name):
            density.check_method(self.gathering, self.entry.resource, self.sites)
        if name.endswith("_t_score"):
            density.check_reference(self.part)
        if RANGES[name].whole:
            value = int(value)
        unit = text(quantity.get("unit")) or text(quantity.get("code"))
        self._told(name, value, by, f"{text(str(quantity.get('value')))} {unit}".strip())

    def _check_age(self, name: str) -> None:
        if self.when is None:
            return
        if name == "falls_last_year":
            if self.when.months_until(self.gathering.today) > FALLS_TELL_OF_MONTHS:
                raise Unusable(f"asked on {self.when}, it tells of another year")
        born = self.gathering.born
        if name in OF_ADULTS and born is not None:
            years = self.when.day.first.year - born.day.first.year
            if years < ADULT_FROM_YEARS:
                raise Unusable(f"it is of {self.when}, when the person was a child")

    def _falls(self, by: Coding | None) -> None:
        """A question of yes or no: only no is a number."""
        self._check_age("falls_last_year")
        answers, _ = self.gathering.answers_of(self.part.get("valueCodeableConcept"))
        if answers.get("answer", self.part.get("valueBoolean")) is not False:
            raise Unusable("whether there were falls is told, but not how many")
        self._told("falls_last_year", 0, by, "none")

    def _answer(self, meaning: Meaning, by: Coding | None) -> None:
        """A yes or no: as such, coded, or told by the code itself."""
        field, left_open = WIDER.get(meaning.name, (meaning.name, ""))
        concept = self.part.get("valueCodeableConcept")
        words = words_of(concept) or text(self.part.get("valueString"))
        concept = concept or {"text": self.part.get("valueString")}
        answers, coded = self.gathering.answers_of(concept)
        plain = self.part.get("valueBoolean")
        plain = plain if isinstance(plain, bool) else answers.get("answer")
        if meaning.answer is not None and not answers and not words:
            # "Never smoked" is its own answer, alone or with a yes; "no ex-smoker" is none.
            plain = meaning.answer if plain is not False else False if meaning.answer else None
            words = words_of(self.part.get("code"))
        said = answers.get(field, plain)
        if said is None or any(UNKNOWN.search(one.display) for one in codings(concept)):
            told = f"its answer, {words!r}, is neither yes nor no here"
            raise Unusable(told if words else "it has no answer")
        if left_open and said and field not in answers:
            raise Unusable(left_open)
        by = coded or by
        self._told(field, said, by, words or ("yes" if said else "no"))

    def _choice(self, name: str, by: Coding | None) -> None:
        if name in OF_OTHERS:
            raise Unusable(OF_OTHERS[name])
        concept = self.part.get("valueCodeableConcept")
        for coding in codings(concept):
            value = coding.code.removeprefix(f"{name}.").lower()
            is_ours = normal_system(coding.system) in (OWN_ANSWER, "text")
            if is_ours and value in CHOICES[name]:
                self._told(name, value, by, words_of(concept))
                return
        raise Unusable("its answer is none of those that are known here")

    def _told(self, name: str, value: object, by: Coding | None, words: str) -> None:
        asked = next((each.display for each in codings(self.part.get("code")) if each.display), "")
        words = f"{asked or FIELDS[name].label}: {words}{' (preliminary)' if self.weak else ''}"
        told = Told(name, value, self.entry.label, self.when, key_of(by), words, weak=self.weak)
        if density.is_density(name):
            self.gathering.densities.append(
                density.measured(self.gathering, self.entry, told, self.sites)
            )
        else:
            self.gathering.tell(told)
