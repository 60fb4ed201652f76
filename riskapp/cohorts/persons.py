"""Who each row is about, and rows that are there twice."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from riskapp.cohorts.columns import days
from riskapp.cohorts.follow_up import UnusableCohort
from riskapp.cohorts.near_copies import refuse_near_copies
from riskapp.cohorts.site_schema import CONTRACT_COLUMNS, SiteSchema

# Two different people are alike in everything less often than this in the whole cohort, or
# nothing is concluded from rows that are alike.
CHANCE = 1e-3
# Fields that say much the same of a person.
TOGETHER = {
    "body_mass_index": "size",
    "weight_kg": "size",
    **{
        f"{site}_{kind}": "density"
        for site in ("femoral_neck", "total_hip", "lumbar_spine")
        for kind in ("bmd_g_cm2", "t_score")
    },
}


def people_of(table: pd.DataFrame, schema: SiteSchema) -> npt.NDArray[np.str_]:
    """Name who each row is about; rows without an id are each somebody else.

    Raises
    ------
    UnusableCohort
        If one person is there twice at one baseline, rows are copies under other ids or nearly
        so, or the ids cannot be those of people.
    """
    n = len(table)
    alone = np.array([f"row {position + 1}" for position in range(n)], dtype=np.str_)
    people = alone
    if "id" in table.columns:
        given = table["id"]
        named = np.array([str(each).strip().removesuffix(".0") for each in given], dtype=np.str_)
        people = np.where(given.notna().to_numpy() & (named != ""), named, alone)
    _refuse_strange_ids(table, people)
    _refuse_twice_at_baseline(table, people, schema)
    _refuse_copies(table, people, schema)
    refuse_near_copies(table, people, schema)
    return people


def _refuse_strange_ids(table: pd.DataFrame, people: npt.NDArray[np.str_]) -> None:
    """Refuse ids that cannot be who a row is about."""
    persons = len(np.unique(people))
    if persons == 1 < len(people):
        raise UnusableCohort(
            f"All {len(people)} rows carry one id, as if they were of one person; say in the JSON "
            "under person which column tells people apart."
        )
    if "sex" not in table.columns or persons == len(people):
        return
    sex = table["sex"].astype(str).str.strip().str.lower().where(table["sex"].notna(), None)
    both = int((sex.groupby(people).nunique() > 1).sum())
    if both:
        raise UnusableCohort(
            f"{both} people are of both sexes in their rows, so the column of ids does not tell "
            "who a row is about."
        )


def _compared(table: pd.DataFrame, schema: SiteSchema) -> pd.DataFrame:
    """What is used of each row, but for who it is about."""
    used = {*CONTRACT_COLUMNS, *(column["name"] for column in schema.columns)} - {"id"}
    names = [name for name in table.columns if name in used]
    return table[names].astype(str)


def _refuse_twice_at_baseline(
    table: pd.DataFrame, people: npt.NDArray[np.str_], schema: SiteSchema
) -> None:
    repeated = pd.Series(people).duplicated(keep=False).to_numpy()
    if not repeated.any():
        return
    key = pd.DataFrame({"who": people[repeated]})
    if schema.dates:
        key["when"] = days(table[schema.dates["baseline"]])[repeated]
    else:
        whole = _compared(table[repeated], schema)
        key["when"] = pd.util.hash_pandas_object(whole, index=False).to_numpy()
    twice = key.duplicated()
    if twice.any():
        raise UnusableCohort(
            f"{int(twice.sum())} rows repeat a person at the same baseline; keep one row for "
            "each person and baseline."
        )


def _refuse_copies(table: pd.DataFrame, people: npt.NDArray[np.str_], schema: SiteSchema) -> None:
    """Refuse copies under other ids where chance does not make people so alike."""
    whole = _compared(table, schema)
    copies = whole.duplicated()
    if not copies.any() or _expected_alike(whole) > CHANCE:
        return
    raise UnusableCohort(
        f"{int(copies.sum())} rows are copies of others under another id; keep each person once, "
        "or a fold would be judged on people it was fitted to."
    )


def _expected_alike(whole: pd.DataFrame) -> float:
    """Pairs of rows that chance would make alike, by the columns that tell people apart best.

    Of what goes together (all times; density and T-score; weight and body mass index) only the
    best is counted, and no more than six kinds.
    """
    n = len(whole)
    alike: dict[str, float] = {}
    for name in whole.columns:
        share = whole[name].value_counts().to_numpy() / n
        kind = "time" if name.endswith("time_years") else TOGETHER.get(str(name), str(name))
        alike[kind] = min(alike.get(kind, 1.0), float(share @ share))
    return n * (n - 1) / 2 * float(np.prod(sorted(alike.values())[:6]))
