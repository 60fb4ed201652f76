"""Named calibrations: the parameters that the evidence engine answers with, and their doubts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from riskapp.risk import published
from riskapp.risk.bases import bases, how_made
from riskapp.risk.effects import doubts, effects, is_of
from riskapp.risk.errors import InvalidProfile, OutsideModelRange, UnknownModel
from riskapp.risk.hazard_terms import Parameters
from riskapp.risk.populations import Population, population

# Folders of data that the engine's numbers are made of; guidelines and treatments judge them.
NUMBERS = ("evidence", "modifiers", "people", "populations")
SEEN = "seen"  # the mark of a number that was read in the publication itself


@dataclass(frozen=True, slots=True)
class EvidenceSet:
    """One calibration for one population.

    Attributes
    ----------
    parameters : mapping of name to float
        As ``hazard_terms`` reads them.
    doubts : mapping of family to float
        Standard deviation of a family's effect on the log-hazard, e.g. ``hip.current_smoker``.
    sources : mapping of field to str
        The publications that a field's effects rest on, with their marks and from where they are
        borrowed, if so.
    remarks : tuple of str
        Sentences to be said beside every number.
    """

    name: str
    population: str
    parameters: Parameters
    doubts: Mapping[str, float]
    sources: Mapping[str, str]
    remarks: tuple[str, ...] = ()


def listed() -> tuple[str, ...]:
    """Names of the evidence sets that can be chosen."""
    return tuple(name for name in published.names("evidence") if not name.endswith("-counterparts"))


def check(name: str) -> None:
    """Refuse an evidence set that is not there, in a sentence."""
    if name not in listed():
        raise UnknownModel(
            f"Evidence set {name[:40]!r} is not available; choose one of: {', '.join(listed())}."
        )


def answered(name: str) -> tuple[str, ...]:
    """Codes of the populations that an evidence set can answer for, in alphabetical order."""
    return tuple(code for code in published.names("populations") if how_made(name, code))


def answering(code: str) -> tuple[str, ...]:
    """Names of the evidence sets that can answer for a population."""
    return tuple(name for name in listed() if how_made(name, code))


def choosable() -> tuple[Population, ...]:
    """The populations that can be chosen: those that some evidence set can answer for."""
    codes = sorted({code for name in listed() for code in answered(name)})
    return tuple(population(code) for code in codes)


def check_population(code: str) -> None:
    """Refuse a population that cannot be chosen.

    Raises
    ------
    InvalidProfile
        With a sentence that names those that can.
    """
    # Asked of every row of a table, so the others are looked at only for the sentence.
    if code in published.names("populations") and answering(code):
        return
    codes = [one.code for one in choosable()]
    raise InvalidProfile(
        {
            "population": f"Population {code[:40]!r} is not available; "
            f"choose one of: {', '.join(codes)}."
        }
    )


def follows_frax(name: str) -> bool:
    """Whether it is calibrated to results of FRAX, for which guidelines set their thresholds."""
    return "calibrated_to" in published.read(f"evidence/{name}")


@cache
def fingerprint() -> str:
    """Of all data that the numbers are made of: two ids are alike only if the numbers are."""
    return published.sha256_of_all(*NUMBERS)[:8]


def version(name: str) -> str:
    """Raised by hand with a new calibration, for people to read; see ``fingerprint``.

    A set that borrows carries its lender's version behind its own.
    """
    stored = published.read(f"evidence/{name}")
    lender = stored.get("borrows")
    return str(stored["version"]) + (f".{version(lender)}" if lender else "")


@cache
def evidence_set(name: str, code: str) -> EvidenceSet:
    """Read one calibration.

    Raises
    ------
    UnknownModel
        If there is no such evidence set.
    OutsideModelRange
        If it has not been calibrated for this population.
    """
    check(name)
    if how_made(name, code) is None:
        raise OutsideModelRange(f"Evidence set {name!r} is not calibrated for population {code!r}.")
    return EvidenceSet(
        name=name,
        population=code,
        parameters={**effects(name), **bases(name, code)},
        doubts=doubts(name),
        sources=sources(name),
        remarks=remarks(name),
    )


def sources(name: str) -> dict[str, str]:
    """The publications behind each field, each with how far it was checked unless it was seen."""
    stored = published.read(f"evidence/{name}")
    rows = published.read(f"evidence/{name}-counterparts")["parameters"]
    own = _by_field(rows)
    lender = stored.get("borrows")
    if lender is None:
        return own
    kept = published.read(f"evidence/{lender}-counterparts")["parameters"]
    lent = _by_field([row for row in kept if not is_of(row["name"], stored["replaces"])])
    whole, part = borrowed_fields(name)
    found = {field: f"borrowed from {lender}: {lent[field]}" for field in whole}
    found |= {
        field: f"{own[field]}; in part borrowed from {lender}: {lent[field]}" for field in part
    }
    return own | found


def borrowed_fields(name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Fields whose effects on fractures are borrowed from another set: all of them, and in part.

    What a field does to death and to the T-score alone is not counted here.
    """
    stored = published.read(f"evidence/{name}")
    if "borrows" not in stored:
        return (), ()
    fractures = [key for key in effects(stored["borrows"]) if key.startswith(("hip.", "other."))]
    kept = {_field_of(key) for key in fractures if not is_of(key, stored["replaces"])}
    own = {_field_of(key) for key in stored["effects"]}
    # Secondary osteoporosis acts through the T-score only.
    kept |= {"secondary_osteoporosis"}
    return tuple(sorted(kept - own)), tuple(sorted(kept & own))


def remarks(name: str) -> tuple[str, ...]:
    """What has to be said beside every number of an evidence set."""
    whole, part = borrowed_fields(name)
    if not whole:
        return ()
    lender = published.read(f"evidence/{name}")["borrows"]
    in_part = f", in part {', '.join(part)}" if part else ""
    return (
        f"Evidence set {name} borrows from {lender} the effects of {', '.join(whole)}{in_part}.",
    )


def _by_field(rows: list[dict[str, str]]) -> dict[str, str]:
    marks: dict[str, dict[str, list[str]]] = {}
    for row in rows:
        found = marks.setdefault(_field_of(row["name"]), {}).setdefault(row["source"], [])
        if row["mark"] not in found:
            found.append(row["mark"])
    return {field: "; ".join(_once(by_source)) for field, by_source in marks.items()}


def _once(marks: Mapping[str, list[str]]) -> Iterator[str]:
    """Each publication once, with what was taken from it in brackets behind it."""
    taken: dict[str, list[str]] = {}
    for source, found in marks.items():
        publication, bracket, what = source.removesuffix(")").partition(" (")
        if not (bracket and source.endswith(")")):
            publication, what = source, ""
        taken.setdefault(publication, []).append(f"{what}{_doubtful(found)}".strip())
    for publication, parts in taken.items():
        said = "; ".join(part for part in parts if part)
        bracketed = said if said.startswith("[") and len(parts) == 1 else f"({said})"
        yield f"{publication} {bracketed}" if said else publication


def _doubtful(marks: list[str]) -> str:
    part = "in part " if len(marks) > 1 else ""
    doubtful = [f"{part}{mark}" for mark in marks if mark != SEEN]
    return f" [{'; '.join(doubtful)}]" if doubtful else ""


def _field_of(parameter: str) -> str:
    cause, _, rest = parameter.partition(".")
    if "bmi" in rest:
        return "body_mass_index"
    if rest.startswith("t_score"):
        return "femoral_neck_t_score"
    return cause if cause.endswith("_fracture") else rest.partition(".")[0]
