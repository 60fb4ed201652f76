"""Who a record is about: whose resources are read, and what the Patient says."""

from datetime import date

from riskapp.exchange.fhir.bundle import Entries, Entry
from riskapp.exchange.fhir.countries import POPULATION_OF
from riskapp.exchange.fhir.dates import When, period_of, read_when
from riskapp.exchange.fhir.gathering import Gathering, Told
from riskapp.exchange.fhir.limits import LONGEST_TEXT, OLDEST_YEARS
from riskapp.exchange.fhir.record import FhirPerson, Identifier, UnreadableRecord
from riskapp.exchange.fhir.shapes import (
    Resource,
    codes_of,
    codings,
    extensions,
    mapping,
    mappings,
    text,
)
from riskapp.exchange.fhir.understood import why_not_to_be_read
from riskapp.risk import evidence_sets
from riskapp.risk.errors import InvalidProfile

SEXES = {
    "female": "female", "f": "female", "248152002": "female",
    "male": "male", "m": "male", "248153007": "male",
}  # fmt: skip
# How sex at birth is sent: US Core and HL7's extension for any recorded sex.
BIRTH_SEX = ("us-core-birthsex", "us-core-sex", "patient-birthSex")
RECORDED_SEX, AT_BIRTH = "individual-recordedSexOrGender", "76689-9"  # LOINC, Sex assigned at birth


def the_patient(entries: Entries, wanted: str | None) -> Entry | None:
    """The Patient that the record is about; None where it is not here.

    Raises
    ------
    UnreadableRecord
        If there are several and none is named.
    """
    people = [one for one in entries.all if one.kind == "Patient" and one.within is None]
    if wanted:
        asked = wanted.strip()
        found = entries.resolve(asked) or entries.resolve(f"Patient/{asked}")
        return found if found is not None and found.kind == "Patient" else None
    if len(people) > 1:
        raise UnreadableRecord(f"The record holds {len(people)} patients; say which one is meant.")
    return people[0] if people else None


class Whose:
    """Whether a resource is about the person."""

    def __init__(self, entries: Entries, person: Entry | None, wanted: str | None) -> None:
        self.entries, self.person = entries, person
        self.named = (wanted or "").strip()
        self.numbers = {
            (text(each.get("system")), text(each.get("value")))
            for each in mappings(person.resource.get("identifier") if person else None)
            if text(each.get("value"))
        }

    def why_not(self, entry: Entry) -> str:
        """Why a resource is not read as this person's; blank where it is."""
        subject = _subject(entry)
        if subject is None:
            return "it does not say whom it is about"
        if self.person is None:
            return self._by_name(subject)
        found = self.entries.resolve(subject, entry)
        if found is self.person:
            return ""
        number = mapping(subject.get("identifier"))
        pair = (text(number.get("system")), text(number.get("value")))
        if found is None and not subject.get("reference") and pair in self.numbers:
            return ""
        return "it is about another patient"

    def _by_name(self, subject: Resource) -> str:
        """Without a Patient: all must be about the one named, or all about the same."""
        written = text(subject.get("reference")).split("/_history/")[0]
        if not written:
            return "it does not say whom it is about"
        if not self.named:
            self.named = written
        mine = self.named.removeprefix("Patient/")
        same = written == self.named or written.removeprefix("Patient/") == mine
        return "" if same else "it is about another patient"


def _subject(entry: Entry) -> Resource | None:
    """The subject or patient of a resource, or of what contains it."""
    for one in (entry, entry.within):
        if one is None:
            continue
        for name in ("subject", "patient"):
            subject = one.resource.get(name)
            if isinstance(subject, dict) and subject:
                return subject
    return None


def read_person(gathering: Gathering, entry: Entry) -> FhirPerson:
    """Read the Patient and tell age, sex and population.

    Raises
    ------
    UnreadableRecord
        If the person has died: nobody's fracture is to be foretold then; or what the resource says
        is changed by what is not known here.
    """
    patient = entry.resource
    if why := why_not_to_be_read(patient):
        raise UnreadableRecord(f"The Patient cannot be read: {why}.")
    if patient.get("deceasedBoolean") is True or "deceasedDateTime" in patient:
        raise UnreadableRecord(
            "The record says that the person has died; there is no risk to estimate."
        )
    born = read_when(patient.get("birthDate"))
    gathering.born = born if _is_birthday(gathering, entry, born) else None
    gathering.sex = _read_sex(gathering, entry)
    if gathering.born is not None:
        _tell_age(gathering, entry, gathering.born)
    _tell_population(gathering, entry)
    return FhirPerson(
        id=entry.id,
        name=_name(patient),
        birth_date=_middle(gathering.born) if gathering.born else None,
        sex=gathering.sex,
        identifiers=tuple(_identifiers(patient)),
        born=str(gathering.born or ""),
    )


def _is_birthday(gathering: Gathering, entry: Entry, born: When | None) -> bool:
    if born is None:
        written = entry.resource.get("birthDate")
        why = "there is no date of birth" if written is None else "its date of birth is no date"
        gathering.pass_over(entry, why, "age_years")
        return False
    if born.day.first > gathering.today:
        gathering.pass_over(entry, "its date of birth lies in the future", "age_years")
        return False
    if gathering.today.year - born.day.first.year > OLDEST_YEARS:
        gathering.pass_over(entry, f"nobody has lived over {OLDEST_YEARS} years", "age_years")
        return False
    return True


def _middle(born: When) -> date:
    first, last = born.day.first, born.day.last
    return date.fromordinal((first.toordinal() + last.toordinal()) // 2)


def _tell_age(gathering: Gathering, entry: Entry, born: When) -> None:
    day, today = _middle(born), gathering.today
    age = today.year - day.year - ((today.month, today.day) < (day.month, day.day))
    words = f"born {born}"
    if not born.is_exact:
        words += f"; only the {born.day.precision} is known, taken as its middle"
    gathering.tell(Told("age_years", max(age, 0), entry.label, born, "Patient.birthDate", words))


def _read_sex(gathering: Gathering, entry: Entry) -> str | None:
    """Sex at birth where it is told, else the administrative one."""
    patient = entry.resource
    gender = text(patient.get("gender")).lower()
    for code, at_birth in _at_birth(patient):
        sex = SEXES.get(at_birth.lower())
        if sex is None:
            gathering.pass_over(entry, "sex at birth is told as not known", "sex")
            continue
        words = f"sex at birth; the administrative gender is {gender}" if gender else "sex at birth"
        gathering.tell(Told("sex", sex, entry.label, None, code, words))
        return sex
    sex = SEXES.get(gender) if len(gender) > 1 else None
    if sex is None:
        told = f"its gender is {gender!r}" if gender else "there is no gender"
        gathering.pass_over(
            entry, f"{told}; the published tables need the sex at birth, female or male", "sex"
        )
        return None
    gathering.tell(Told("sex", sex, entry.label, None, "Patient.gender", "administrative gender"))
    return sex


def _at_birth(patient: Resource) -> list[tuple[str, str]]:
    found = []
    for ending in BIRTH_SEX:
        for each in extensions(patient, ending):
            coded = codes_of(each.get("valueCodeableConcept")) or {text(each.get("valueCode"))}
            coded |= {text(mapping(each.get("valueCoding")).get("code"))} - {""}
            found += [(f"Patient.extension:{ending}", code) for code in sorted(coded) if code]
    for each in extensions(patient, RECORDED_SEX):
        kinds = {
            coding.code
            for part in extensions(each, "type")
            for coding in codings(part.get("valueCodeableConcept"))
        }
        if AT_BIRTH in kinds:
            for part in extensions(each, "value"):
                code = next(iter(codings(part.get("valueCodeableConcept"))), None)
                if code is not None:
                    found.append((f"Patient.extension:{RECORDED_SEX}", code.code))
    return found


def _tell_population(gathering: Gathering, entry: Entry) -> None:
    """Whose rates apply, by the country of the address in use; never by race."""
    addresses = [
        each for each in mappings(entry.resource.get("address")) if _in_use(each, gathering.today)
    ]
    addresses.sort(key=lambda each: each.get("use") != "home")
    countries = [text(each.get("country")) for each in addresses if text(each.get("country"))]
    if not countries:
        gathering.pass_over(entry, "no address names a country", "population")
        return
    country = countries[0]
    code = POPULATION_OF.get(country.lower().rstrip("."), country.lower())
    try:
        evidence_sets.check_population(code)
    except InvalidProfile:
        why = f"no population of ours stands for the country {country[:60]!r}; choose one"
        gathering.pass_over(entry, why, "population")
        return
    words = f"from the country of the address, {country}"
    gathering.tell(Told("population", code, entry.label, None, "Patient.address.country", words))


def _in_use(address: Resource, today: date) -> bool:
    _, end = period_of(address.get("period"))
    return address.get("use") not in ("old", "billing") and (end is None or end.day.last >= today)


def _name(patient: Resource) -> str:
    names = sorted(
        mappings(patient.get("name")), key=lambda each: each.get("use") not in ("official", None)
    )
    for each in names:
        if each.get("use") == "old":
            continue
        given = each.get("given")
        parts = [text(part) for part in given] if isinstance(given, list) else []
        full = text(each.get("text")) or " ".join([*parts, text(each.get("family"))]).strip()
        if full:
            return full[:LONGEST_TEXT]
    return ""


def _identifiers(patient: Resource) -> list[Identifier]:
    found = []
    for each in mappings(patient.get("identifier")):
        value = text(each.get("value"))
        if value and each.get("use") != "old":
            kinds = [one.code for one in codings(each.get("type")) if one.system != "text"]
            found.append(Identifier(text(each.get("system")), value, kinds[0] if kinds else ""))
    return found
