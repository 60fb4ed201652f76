"""The table of codes: each code is one, by the check digit that its terminology gives it."""

import csv
from collections import Counter
from pathlib import Path

import pytest

from riskapp.exchange.clinical_codes import TABLE, WIDER, normal_system, standard_codes
from riskapp.risk.profile import FIELD_NAMES

with TABLE.open(encoding="utf-8", newline="") as lines:
    ROWS = list(csv.DictReader(line for line in lines if not line.startswith("#")))

# Verhoeff's dihedral check (SNOMED CT Technical Implementation Guide, 5.1.7; recalled).
MULTIPLY = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 2, 3, 4, 0, 6, 7, 8, 9, 5],
    [2, 3, 4, 0, 1, 7, 8, 9, 5, 6], [3, 4, 0, 1, 2, 8, 9, 5, 6, 7],
    [4, 0, 1, 2, 3, 9, 5, 6, 7, 8], [5, 9, 8, 7, 6, 0, 4, 3, 2, 1],
    [6, 5, 9, 8, 7, 1, 0, 4, 3, 2], [7, 6, 5, 9, 8, 2, 1, 0, 4, 3],
    [8, 7, 6, 5, 9, 3, 2, 1, 0, 4], [9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
]  # fmt: skip
PERMUTE = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 5, 7, 6, 2, 8, 3, 0, 9, 4],
    [5, 8, 0, 3, 7, 9, 6, 1, 4, 2], [8, 9, 1, 6, 0, 4, 3, 5, 2, 7],
    [9, 4, 5, 3, 1, 2, 6, 8, 7, 0], [4, 2, 8, 6, 5, 7, 3, 9, 0, 1],
    [2, 7, 9, 3, 8, 0, 6, 4, 1, 5], [7, 0, 4, 6, 9, 1, 3, 2, 5, 8],
]  # fmt: skip


def verhoeff_holds(code: str) -> bool:
    check = 0
    for place, digit in enumerate(reversed(code)):
        check = MULTIPLY[check][PERMUTE[place % 8][int(digit)]]
    return check == 0


def luhn_holds(code: str) -> bool:
    """LOINC: modulus 10 over the digits before the hyphen (LOINC Users' Guide; recalled)."""
    digits, check = code.split("-")
    doubled = [
        int(digit) * (2 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits))
    ]
    return (10 - sum(value - 9 if value > 9 else value for value in doubled) % 10) % 10 == int(
        check
    )


def codes(system: str) -> list[str]:
    return sorted({row["code"] for row in ROWS if row["system"] == system})


@pytest.mark.parametrize("code", codes("http://snomed.info/sct"))
def test_every_snomed_code_ends_in_its_check_digit(code: str) -> None:
    assert verhoeff_holds(code)


# Answers (LA...) have a check digit of their own, whose rule is not published with the codes.
@pytest.mark.parametrize("code", [each for each in codes("http://loinc.org") if each[0] != "L"])
def test_every_loinc_code_ends_in_its_check_digit(code: str) -> None:
    assert luhn_holds(code)


def test_no_row_stands_twice_and_each_has_words_and_a_source() -> None:
    keys = [tuple(row[name] for name in ("meaning", "system", "code", "body_site")) for row in ROWS]
    assert [key for key, count in Counter(keys).items() if count > 1] == []
    assert all(row["display"] and row["source"] for row in ROWS)


def test_no_code_says_yes_and_no_to_one_question() -> None:
    said: dict[tuple[str, str, str], set[str]] = {}
    for row in ROWS:
        if row["answer"]:
            key = (row["meaning"], row["system"], row["code"])
            said.setdefault(key, set()).add(row["answer"])
    assert [key for key, answers in said.items() if len(answers) > 1] == []


def test_a_national_edition_says_what_the_wider_one_says_and_its_own_closer() -> None:
    table = standard_codes()
    assert {one.name for one in table.meanings("icd-10", "M80.08")} == {"osteoporotic_fracture"}
    assert {one.name for one in table.meanings("icd-10-cm", "M80.08XA")} == {"vertebra_fracture"}
    for edition in WIDER:
        assert {one.name for one in table.meanings(edition, "S72.01")} == {"hip_fracture"}


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("urn:oid:2.16.840.1.113883.6.1", "http://loinc.org"),
        ("http://snomed.info/sct/900000000000207008", "http://snomed.info/sct"),
        ("urn:oid:2.16.840.1.113883.6.96", "http://snomed.info/sct"),
        ("http://fhir.de/CodeSystem/bfarm/atc", "atc"),
        ("HTTP://LOINC.ORG/", "http://loinc.org"),
        ("http://example.org/own", "http://example.org/own"),
    ],
)
def test_a_terminology_is_one_however_it_is_written(written: str, meant: str) -> None:
    assert normal_system(written) == meant


def test_a_side_of_the_body_changes_no_meaning_and_any_other_refinement_ends_it() -> None:
    table = standard_codes()
    neck = {"region_femoral_neck"}
    snomed = "http://snomed.info/sct"
    for code in (
        "29627003",
        "29627003:272741003=7771000",
        "29627003 |Neck|: 272741003 |Lat| = 7771000 |Left|",
    ):
        assert {one.name for one in table.meanings(snomed, code)} == neck
    # 408729009 = 410516002: the finding is known to be absent.
    assert table.meanings(snomed, "69896004:408729009=410516002") == set()


def test_every_field_is_a_code_of_our_own() -> None:
    table = standard_codes()
    for name in FIELD_NAMES:
        found = table.meanings("https://trabecula.example/fhir/CodeSystem/field", name)
        assert {one.name for one in found} == {name}


TOLD = Path(__file__).parents[2] / "docs" / "fhir.md"
TERMINOLOGIES = {
    "http://snomed.info/sct": "SNOMED CT",
    "icd-10": "ICD-10",
    "http://www.nlm.nih.gov/research/umls/rxnorm": "RxNorm",
    "http://loinc.org": "LOINC",
    "atc": "ATC",
    "icd-9-cm": "ICD-9-CM",
    "icd-10-cm": "ICD-10-CM",
    "icd-10-gm": "ICD-10-GM",
    "omop": "OMOP",
    "http://www.ama-assn.org/go/cpt": "CPT",
}


def how_sure(row: dict[str, str]) -> str:
    if "recalled" in row["source"]:
        return "recalled"
    return "lists" if "seen in public code lists" in row["source"] else "named"


def test_how_many_codes_are_confirmed_is_told_as_it_is() -> None:
    told = TOLD.read_text(encoding="utf-8")
    sure = Counter((row["system"], how_sure(row)) for row in ROWS)
    total: Counter[str] = Counter()
    for system, name in TERMINOLOGIES.items():
        counted = {kind: sure[system, kind] for kind in ("named", "lists", "recalled")}
        total.update(counted)
        cells = (name, sum(counted.values()), *counted.values())
        assert f"| {' | '.join(map(str, cells))} |" in told
    others = len(ROWS) - total.total()
    assert f"Of its {len(ROWS)} rows {total.total()} are codes of other terminologies" in told
    assert f"{total['named']} were found with their meaning in a named" in told
    assert f"{total['lists']} in public code lists only" in told
    assert f"and {total['recalled']} are recalled and to be confirmed" in told
    assert f"The other\n{others} are words" in told
    # Nothing recalled hides among what is no terminology's.
    assert sum(how_sure(row) == "recalled" for row in ROWS) == total["recalled"]


@pytest.mark.parametrize("code", ["V07", "V08"])
def test_what_icd_10_does_not_have_means_nothing(code: str) -> None:
    assert standard_codes().meanings("icd-10", code) == set()
    assert standard_codes().meanings("icd-10", "V09.9") != set()
