"""Records of a clinic, FHIR or OMOP, as a table that the checks of every cohort then read."""

from dataclasses import replace
from pathlib import Path

import pandas as pd

from riskapp.cohorts.fhir_bulk import is_export, read_export
from riskapp.cohorts.history import units_of
from riskapp.cohorts.index_rule import table_from
from riskapp.cohorts.omop import is_omop, read_omop
from riskapp.cohorts.site_schema import SiteSchema
from riskapp.exchange.clinical_codes import standard_codes


def are_records(path: Path) -> bool:
    """Whether this is an export of records, and not a table."""
    return is_omop(path) or is_export(path)


def load_records(path: Path, schema: SiteSchema) -> tuple[pd.DataFrame, SiteSchema, list[str]]:
    """Read records and choose each person's baseline.

    Returns
    -------
    table : DataFrame
        Fields of the contract, and dates of baseline, events and end.
    schema : SiteSchema
        The site's, with those dates.
    remarks : list of str
    """
    codes = standard_codes().with_own(schema.codes)
    reader = read_omop if is_omop(path) else read_export
    history = reader(path, codes, units_of(schema.columns))
    names = [column["name"] for column in schema.columns]
    table, dates, remarks = table_from(history, schema.index, names)
    return table, replace(schema, dates=dates), remarks
