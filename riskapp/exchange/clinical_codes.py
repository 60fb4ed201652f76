"""What codes of terminologies mean in the contract's words: one table for every door."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

TABLE = Path(__file__).with_name("clinical_codes.csv")
# How the same system is written in FHIR, in the clinic and here.
SYSTEMS = {
    "http://hl7.org/fhir/sid/icd-10": "icd-10",
    "http://hl7.org/fhir/sid/icd-10-cm": "icd-10",
    "http://hl7.org/fhir/sid/icd-10-gm": "icd-10",
    "http://fhir.de/codesystem/bfarm/icd-10-gm": "icd-10",
    "http://www.whocc.no/atc": "atc",
    "http://fhir.de/codesystem/bfarm/atc": "atc",
    "loinc": "http://loinc.org",
    "snomed": "http://snomed.info/sct",
    "rxnorm": "http://www.nlm.nih.gov/research/umls/rxnorm",
    "icd-10-cm": "icd-10",
}
# In these a code stands for everything below it, as the code is written.
BY_PREFIX = ("icd-10", "atc")


class Meaning(NamedTuple):
    """What a code says: the field or kind of fracture, and for a coded answer yes or no."""

    name: str
    answer: bool | None = None


@dataclass(frozen=True)
class CodeTable:
    """Codes and what they mean.

    Attributes
    ----------
    rows : mapping of "system|code" to sequence of (meaning, body site)
    """

    rows: Mapping[str, Sequence[tuple[Meaning, str]]]

    def meanings(self, system: str, code: str, sites: Iterable[str] = ()) -> set[Meaning]:
        """Tell what a code means, given the body sites ("system|code") beside it."""
        name = normal_system(system)
        found: set[Meaning] = set()
        beside = set(sites)
        for written in _written(name, code):
            for meaning, needed in self.rows.get(f"{name}|{written}", ()):
                if not needed or needed in beside:
                    found.add(meaning)
        return found

    def with_own(self, own: Mapping[str, Sequence[str]]) -> "CodeTable":
        """Replace what means something by a site's own codes, written "system|code"."""
        rows = {
            key: [pair for pair in pairs if pair[0].name not in own or pair[0].answer is not None]
            for key, pairs in self.rows.items()
        }
        for name, codes in own.items():
            for written in codes:
                system, _, code = written.rpartition("|")
                key = f"{normal_system(system)}|{code}"
                rows.setdefault(key, []).append((Meaning(name), ""))
        return CodeTable(rows)


def normal_system(system: str) -> str:
    """One name for each terminology."""
    plain = system.strip().rstrip("/").lower()
    return SYSTEMS.get(plain, plain)


def _written(system: str, code: str) -> Iterable[str]:
    """The code and, where codes stand for all below them, the shorter ones above it."""
    code = code.strip()
    if system not in BY_PREFIX:
        return (code,)
    code = code.upper()
    # S720 and S72.0 are the same; what is written after a third character stands below it.
    if system == "icd-10" and len(code) > 3 and code[3] != ".":
        code = f"{code[:3]}.{code[3:]}"
    return tuple(
        code[:length].rstrip(".") for length in range(3, len(code) + 1) if code[length - 1] != "."
    )


@cache
def standard_codes() -> CodeTable:
    """The table that is shipped."""
    rows: dict[str, list[tuple[Meaning, str]]] = {}
    with TABLE.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(line for line in lines if not line.startswith("#")):
            answer = {"yes": True, "no": False}.get(row["answer"])
            key = f"{normal_system(row['system'])}|{row['code']}"
            rows.setdefault(key, []).append((Meaning(row["meaning"], answer), row["body_site"]))
    return CodeTable(rows)
