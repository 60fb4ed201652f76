"""A cohort file, checked; nothing in it is completed, drawn or guessed."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path

import numpy as np
import pandas as pd

from riskapp.cohorts.arranging import arrange
from riskapp.cohorts.cohort import Cohort
from riskapp.cohorts.columns import Flags, days, numbers
from riskapp.cohorts.declared import DeclaredColumns, read_declared
from riskapp.cohorts.follow_up import UnusableCohort
from riskapp.cohorts.leakage import refuse_leaks
from riskapp.cohorts.left_out import refuse_informative, why_left_out
from riskapp.cohorts.limits import SHARE_IN_OTHER_UNIT
from riskapp.cohorts.outcomes import AT_BASELINE, NOT_GIVEN, Outcomes, read_outcomes
from riskapp.cohorts.persons import people_of
from riskapp.cohorts.plausible import refuse_codes, refuse_swapped_size, remarks_of
from riskapp.cohorts.records import are_records, load_records
from riskapp.cohorts.repeatability import told_of
from riskapp.cohorts.scans import inside, join_scans
from riskapp.cohorts.site_schema import CONTRACT_COLUMNS, SiteSchema, read_schema, schema_beside
from riskapp.cohorts.slips import refuse_impossible, refuse_misfits, refuse_unreadable
from riskapp.cohorts.table_files import load_table
from riskapp.cohorts.units import likely_unit
from riskapp.cohorts.usual_dates import baseline_years
from riskapp.exchange.reading import read_profile
from riskapp.exchange.ucum import UNITS
from riskapp.risk.errors import InvalidProfile
from riskapp.risk.limits import RANGES
from riskapp.risk.profile import FIELD_NAMES, RiskProfile

# As the simulator numbers people.
SIMULATED_ID = r"simulated-\d+"
CLAMPED = "age outside the published ages, computed at the nearest"
MOST_NAMED = 12


def read_cohort(
    path: Path,
    *,
    population: str | None = None,
    clamp_age: bool = False,
    schema: Path | None = None,
) -> Cohort:
    """Read a cohort with the site's JSON: CSV, Parquet, a FHIR bulk export or OMOP's tables.

    Parameters
    ----------
    path : Path
        The table; for records, a zip of NDJSON, or a folder of NDJSON or of OMOP's tables.
    population : str or None
        For rows that name none.
    clamp_age : bool
        Compute ages outside 40 to 90 at the nearest limit and count them, instead of leaving
        these people out.
    schema : Path or None
        The site's JSON; by default the one of the same stem beside the table, if there is one.

    Raises
    ------
    UnusableCohort
        In one sentence: the file is no table, the JSON is wrong, something in it knows the
        future, or nobody can be used.
    """
    told = read_schema(schema) if schema is not None else schema_beside(path)
    misfits, remarks = 0, list[str]()
    if are_records(path):
        table, told, remarks = load_records(path, told)
    else:
        table, misfits = load_table(path)
        refuse_misfits(misfits, len(table) + misfits)
    if told.scans:
        table, joined = _with_scans(table, told, path)
        remarks += joined
    cohort = cohort_from(
        table, name=path.stem, schema=told, population=population, clamp_age=clamp_age
    ).with_remarks(tuple(remarks))
    if not misfits:
        return cohort
    left_out = {"line does not fit the header": misfits} | dict(cohort.left_out)
    return cohort.with_left_out(left_out)


def cohort_from(
    table: pd.DataFrame,
    *,
    name: str,
    schema: SiteSchema | None = None,
    population: str | None = None,
    clamp_age: bool = False,
) -> Cohort:
    """Check a table that is in memory; ``name`` says what estimates will call it.

    Raises
    ------
    UnusableCohort
        As ``read_cohort``.
    """
    schema = schema or SiteSchema()
    arranged, remarks = arrange(table.reset_index(drop=True), schema)
    if population:
        remarks += _name_population(arranged, population)
    outcomes = read_outcomes(arranged)
    people = people_of(arranged, schema)
    refuse_swapped_size(arranged)
    _refuse_other_units(arranged)
    # What is no measurement of a field goes by its range, and of a declared column by its own.
    refuse_codes(arranged, [*RANGES, *(each["name"] for each in schema.columns)], schema)
    declared = read_declared(arranged, schema)
    usable, left_out = _possible(outcomes, declared)
    read = _profiles(arranged, usable, declared, clamp_age)
    left_out += Counter({reason: int(rows.sum()) for reason, rows in read.left_out.items()})
    by_reason = _independent(outcomes, declared) | read.left_out
    lost = refuse_informative(arranged, by_reason, outcomes.follow_up)
    refuse_unreadable(read.left_out, read.fields)
    kept = np.array(read.positions, dtype=np.intp)
    if not kept.size:
        reasons = ", ".join(f"{count} for {name}" for name, count in left_out.items())
        raise UnusableCohort(f"Nobody in this cohort can be used: {reasons}.")
    simulated = schema.simulated is not None or _holds_simulated_people(arranged)
    cohort = Cohort(
        profiles=tuple(read.profiles),
        people=people[kept],
        follow_up={name: each.part(kept) for name, each in outcomes.follow_up.items()},
        site_columns=declared.columns,
        first_events_only=outcomes.first_events_only,
        left_out=dict(left_out),
        trained_on="simulated" if simulated else f"cohort {name}",
        made_by=schema.made_by(),
        repeatability={
            each["name"]: told_of(each["repeatability"])
            for each in schema.columns
            if "repeatability" in each
        },
        baseline_years=baseline_years(arranged, schema.dates, kept),
        remarks=(
            *remarks,
            *outcomes.remarks,
            *remarks_of(arranged, outcomes),
            *_before_baseline(left_out),
            *lost,
            *declared.remarks,
            *_not_used(arranged, schema),
            *read.remarks,
        ),
    )
    return cohort.with_remarks(refuse_leaks(cohort, schema))


def _with_scans(
    table: pd.DataFrame, told: SiteSchema, path: Path
) -> tuple[pd.DataFrame, list[str]]:
    theirs = {ours: name for name, ours in told.rename.items()}
    who = theirs.get("id", told.person)
    when, written = told.dates.get("baseline"), told.dates.get("format", "")
    if who not in table.columns or when not in table.columns:
        raise UnusableCohort(
            "Scans are joined by person and date: the table needs both, and the JSON the column "
            "of the date under dates.baseline."
        )
    people = [str(each).strip().removesuffix(".0") for each in table[who]]
    file = inside(path.parent, told.scans["file"])
    return join_scans(table, people, days(table[when], written), file, told.scans, told.columns)


def _before_baseline(left_out: Mapping[str, int]) -> tuple[str, ...]:
    return tuple(
        f"Refused: {number} rows in which {reason.replace(':', ' has its', 1)}; who had the event "
        "before is not at risk of it, and a time of zero cannot be told from that."
        for reason, number in left_out.items()
        if reason.endswith(AT_BASELINE)
    )


def _name_population(table: pd.DataFrame, population: str) -> list[str]:
    named = table["population"] if "population" in table.columns else None
    if named is None:
        table["population"] = population
        return []
    table["population"] = named.astype(object).where(named.notna(), population)
    return []


def _refuse_other_units(table: pd.DataFrame) -> None:
    """Refuse a column whose values fit another unit; converting it unasked would be guessing."""
    for name in RANGES:
        if name not in table.columns:
            continue
        values, _ = numbers(table[name])
        unit = likely_unit(name, values, SHARE_IN_OTHER_UNIT)
        if unit is not None:
            raise UnusableCohort(
                f"The column {name} looks like {UNITS[unit].words}: say so in the JSON under "
                f'units ("{name}": "{unit}"), or give it in {RANGES[name].unit}.'
            )


def _possible(outcomes: Outcomes, declared: DeclaredColumns) -> tuple[Flags, Counter[str]]:
    """Rows that can be used as far as follow-up and site columns go, and why the others cannot."""
    n = declared.usable.shape[0]
    usable = np.ones(n, dtype=np.bool_)
    left_out: Counter[str] = Counter()
    for reason, bad in {**outcomes.impossible, **declared.impossible}.items():
        if NOT_GIVEN not in reason:
            refuse_impossible(bad, reason)
        left_out[reason] += int((bad & usable).sum())
        usable &= ~bad
    return usable, +left_out


def _independent(outcomes: Outcomes, declared: DeclaredColumns) -> dict[str, Flags]:
    """Rows that cannot be used for a reason that should have nothing to do with events."""
    not_given = {
        reason: bad for reason, bad in outcomes.impossible.items() if reason.endswith(NOT_GIVEN)
    }
    return not_given | dict(declared.impossible)


@dataclass(frozen=True)
class _Read:
    profiles: list[RiskProfile]
    positions: list[int]
    left_out: dict[str, Flags]
    fields: dict[str, str]  # that each reason is about
    remarks: tuple[str, ...] = ()


def _profiles(
    table: pd.DataFrame, usable: Flags, declared: DeclaredColumns, clamp_age: bool
) -> _Read:
    given = [name for name in table.columns if name in FIELD_NAMES]
    fields = table[given].astype(object)
    records = fields.where(fields.notna(), None).to_dict("records")
    read = _Read([], [], {}, {})
    clamped = 0
    for position in np.flatnonzero(usable):
        try:
            reading = read_profile(
                {str(field): value for field, value in records[position].items()},
                clamp_age=clamp_age,
            )
        except InvalidProfile as error:
            # One reason for each row, so that their sum is how many are left out.
            field = next(iter(error.by_field))
            reason = why_left_out(field, records[position].get(field))
            rows = read.left_out.setdefault(reason, np.zeros(len(table), dtype=np.bool_))
            rows[position] = True
            read.fields[reason] = field
            continue
        clamped += bool(reading.warnings)
        read.profiles.append(declared.added_to(reading.profile, int(position)))
        read.positions.append(int(position))
    told: tuple[str, ...] = (f"{clamped} people: {CLAMPED}.",) if clamped else ()
    populations = sorted({profile.population for profile in read.profiles})
    if len(populations) > 1:
        told += (
            f"The people are of {len(populations)} populations ({', '.join(populations)}); each "
            "is compared with the evidence for their own.",
        )
    return replace(read, remarks=told)


def _holds_simulated_people(table: pd.DataFrame) -> bool:
    """Whether anybody's id is the simulator's, with or without its note beside the file."""
    if "id" not in table.columns:
        return False
    return bool(table["id"].astype(str).str.fullmatch(SIMULATED_ID).any())


def _not_used(table: pd.DataFrame, schema: SiteSchema) -> tuple[str, ...]:
    declared = {column["name"] for column in schema.columns}
    used = {*CONTRACT_COLUMNS, *declared}
    used |= {told[part] for told in schema.outcomes.values() for part in ("event", "time")
             if part in told}  # fmt: skip
    used |= {each for each in schema.dates.values() if isinstance(each, str)}
    used |= set(schema.dates.get("measured", ()))
    others = [str(name)[:60] for name in table.columns if name not in used]
    if not others:
        return ()
    near = [f"{name} (is it {meant[0]}?)" for name in others if (meant := _meant(name, table))]
    told = near + [name for name in others if not _meant(name, table)]
    more = f" and {len(told) - MOST_NAMED} more" if len(told) > MOST_NAMED else ""
    return (
        "Columns that are neither fields nor declared are not used: "
        f"{', '.join(told[:MOST_NAMED])}{more}.",
    )


def _meant(name: str, table: pd.DataFrame) -> list[str]:
    """The field whose name is nearest to a column's, where the table lacks that field."""
    free = [field for field in CONTRACT_COLUMNS if field not in table.columns]
    return get_close_matches(name.lower().replace(" ", "_"), free, n=1, cutoff=0.85)
