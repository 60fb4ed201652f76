"""What codes of terminologies mean in the contract's words: one table for every door."""

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

from riskapp.risk.profile import FIELD_NAMES

TABLE = Path(__file__).with_name("clinical_codes.csv")
# How the same system is written in FHIR, as an OID, in the clinic and here. OIDs as HL7 registers
# them (https://www.hl7.org/oid), seen with these names in several public readers of C-CDA.
SYSTEMS = {
    "http://hl7.org/fhir/sid/icd-10": "icd-10",
    "http://hl7.org/fhir/sid/icd-10-cm": "icd-10-cm",
    "http://hl7.org/fhir/sid/icd-10-gm": "icd-10-gm",
    "http://fhir.de/codesystem/bfarm/icd-10-gm": "icd-10-gm",
    "http://fhir.de/codesystem/dimdi/icd-10-gm": "icd-10-gm",
    "http://hl7.org/fhir/sid/icd-9-cm": "icd-9-cm",
    "http://hl7.org/fhir/sid/icd-9": "icd-9-cm",
    "http://www.whocc.no/atc": "atc",
    "http://fhir.de/codesystem/bfarm/atc": "atc",
    "http://fhir.de/codesystem/dimdi/atc": "atc",
    "https://loinc.org": "http://loinc.org",
    "https://snomed.info/sct": "http://snomed.info/sct",
    "loinc": "http://loinc.org",
    "snomed": "http://snomed.info/sct",
    "rxnorm": "http://www.nlm.nih.gov/research/umls/rxnorm",
    "urn:oid:2.16.840.1.113883.6.1": "http://loinc.org",
    "urn:oid:2.16.840.1.113883.6.96": "http://snomed.info/sct",
    "urn:oid:2.16.840.1.113883.6.90": "icd-10-cm",
    "urn:oid:2.16.840.1.113883.6.3": "icd-10",
    "urn:oid:2.16.840.1.113883.6.103": "icd-9-cm",
    "urn:oid:2.16.840.1.113883.6.88": "http://www.nlm.nih.gov/research/umls/rxnorm",
    "urn:oid:2.16.840.1.113883.6.73": "atc",
    "urn:oid:2.16.840.1.113883.6.12": "http://www.ama-assn.org/go/cpt",
    "urn:oid:2.16.840.1.113883.5.111": "http://terminology.hl7.org/codesystem/v3-rolecode",
    "http://hl7.org/fhir/v3/rolecode": "http://terminology.hl7.org/codesystem/v3-rolecode",
    "http://hl7.org/fhir/v2/0136": "http://terminology.hl7.org/codesystem/v2-0136",
}
SNOMED = "http://snomed.info/sct"
# Our own code systems, as riskapp.exchange.fhir.writing names them: a field is its own code, and
# an answer is "field.answer".
OWN_FIELD = "https://trabecula.example/fhir/codesystem/field"
OWN_ANSWER = "https://trabecula.example/fhir/codesystem/answer"
# A country's edition says all that the wider one says, and more.
WIDER = {"icd-10-cm": "icd-10", "icd-10-gm": "icd-10"}
# In these a code stands for everything below it, as the code is written.
BY_PREFIX = ("icd-10", "icd-10-cm", "icd-10-gm", "icd-9-cm", "atc")
# A SNOMED CT expression that adds nothing but the side of the body (272741003, laterality), as
# HL7's example of a femur's density has it. Any other refinement may turn the meaning over.
_WITH_SIDE = re.compile(
    r"\s*(\d{6,18})\s*(?:\|[^|]*\|)?\s*(?::\s*272741003\s*(?:\|[^|]*\|)?\s*=\s*\d+\s*(?:\|[^|]*\|)?\s*)?",
    re.ASCII,
)


class Meaning(NamedTuple):
    """What a code says: the field or kind of fracture, and for a coded answer yes or no."""

    name: str
    answer: bool | None = None


@dataclass(frozen=True)
class CodeTable:
    """Codes and what they mean.

    Attributes
    ----------
    rows : mapping of "system|code" to sequence of (meaning, region)
        The region is blank, or the meaning that a body site beside the code has to have.
    """

    rows: Mapping[str, Sequence[tuple[Meaning, str]]]

    def meanings(self, system: str, code: str, sites: Iterable[str] = ()) -> set[Meaning]:
        """Tell what a code means, given the body sites ("system|code") beside it.

        A meaning that needs one of the sites is closer than one that needs none.
        """
        rows = self._rows(system, code)
        regions = {
            meaning.name
            for site in sites
            for meaning, _ in self._rows(*_split(site))
            if meaning.name.startswith("region_")
        }
        close = {meaning for meaning, needed in rows if needed and needed in regions}
        return close or {meaning for meaning, needed in rows if not needed}

    def possible(self, system: str, code: str) -> set[Meaning]:
        """All that a code may mean beside one body site or another."""
        return {meaning for meaning, _ in self._rows(system, code)}

    def _rows(self, system: str, code: str) -> list[tuple[Meaning, str]]:
        """What the closest code says: before a wider system's, and before those above it."""
        name = normal_system(system)
        for each in (name, WIDER[name]) if name in WIDER else (name,):
            for written in reversed(_written(each, code)):
                rows = self.rows.get(f"{each}|{written}")
                if rows:
                    return list(rows)
        return []

    def with_own(self, own: Mapping[str, Sequence[str]]) -> "CodeTable":
        """Replace what means something by a site's own codes, written "system|code"."""
        rows = {
            key: [pair for pair in pairs if pair[0].name not in own or pair[0].answer is not None]
            for key, pairs in self.rows.items()
        }
        for name, codes in own.items():
            for written in codes:
                system, code = _split(written)
                rows.setdefault(f"{normal_system(system)}|{code}", []).append((Meaning(name), ""))
        return CodeTable(rows)


def normal_system(system: str) -> str:
    """One name for each terminology; editions and versions of SNOMED CT are one."""
    plain = system.strip().rstrip("/").lower()
    if plain.startswith(f"{SNOMED}/"):
        return SNOMED
    return SYSTEMS.get(plain, plain)


def _split(written: str) -> tuple[str, str]:
    system, _, code = written.partition("|")
    return system, code


def _written(system: str, code: str) -> tuple[str, ...]:
    """The code and, where codes stand for all below them, the shorter ones above it."""
    code = code.strip()
    if system == SNOMED:
        plain = _WITH_SIDE.fullmatch(code)
        return (plain[1] if plain else code,)
    if system not in BY_PREFIX:
        return (code,)
    # Signs after a code (M80.08+, G63.2*) say how it is used, not what it is.
    code = code.upper().rstrip("+*!†#-")
    # S720 and S72.0 are the same; what is written after a third character stands below it.
    stem = 4 if system == "icd-9-cm" and code.startswith("E") else 3
    if system != "atc" and len(code) > stem and code[stem] != ".":
        code = f"{code[:stem]}.{code[stem:]}"
    return tuple(
        code[:length].rstrip(".") for length in range(3, len(code) + 1) if code[length - 1] != "."
    )


@cache
def standard_codes() -> CodeTable:
    """The table that is shipped."""
    rows = {f"{OWN_FIELD}|{name}": [(Meaning(name), "")] for name in FIELD_NAMES}
    with TABLE.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(line for line in lines if not line.startswith("#")):
            answer = {"yes": True, "no": False}.get(row["answer"])
            key = f"{normal_system(row['system'])}|{row['code']}"
            rows.setdefault(key, []).append((Meaning(row["meaning"], answer), row["body_site"]))
    return CodeTable(rows)
