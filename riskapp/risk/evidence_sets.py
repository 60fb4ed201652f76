"""Named calibrations: the parameters that the evidence engine answers with, and their doubts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from riskapp.risk import published
from riskapp.risk.bases import bases, how_made
from riskapp.risk.errors import InvalidProfile, OutsideModelRange, UnknownModel
from riskapp.risk.hazard_terms import Parameters
from riskapp.risk.populations import Population, population

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
        The publications that a field's effects rest on, with their marks.
    """

    name: str
    population: str
    parameters: Parameters
    doubts: Mapping[str, float]
    sources: Mapping[str, str]


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
    codes = [one.code for one in choosable()]
    if code not in codes:
        raise InvalidProfile(
            {
                "population": f"Population {code[:40]!r} is not available; "
                f"choose one of: {', '.join(codes)}."
            }
        )


def version(name: str) -> int:
    """Raised whenever a calibration changes, so that a stored number can be traced."""
    return int(published.read(f"evidence/{name}")["version"])


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
    stored = published.read(f"evidence/{name}")
    if how_made(name, code) is None:
        raise OutsideModelRange(f"Evidence set {name!r} is not calibrated for population {code!r}.")
    beside = published.read(f"evidence/{name}-counterparts")
    return EvidenceSet(
        name=name,
        population=code,
        parameters={**stored["effects"], **bases(name, code)},
        doubts={row["family"]: row["sd"] for row in beside["doubts"]},
        sources=_sources(beside["parameters"]),
    )


def _sources(rows: list[dict[str, str]]) -> dict[str, str]:
    """The publications behind each field, each with how far it was checked unless it was seen."""
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
