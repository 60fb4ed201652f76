"""Questions that a clinic's own models ask beyond our fields."""

from collections.abc import Iterable, Mapping

from riskapp.risk.site_columns import SiteColumn
from riskapp.web.presenters.fields import NOT_KNOWN, Field, FieldGroup, yes_no

# Before the name of a site's own column, which may be any word, in the form.
OF_SITE = "site-"
HEADING = "For this clinic’s own models"


def site_groups(
    columns: Iterable[SiteColumn],
    answers: Mapping[str, str],
    problems: Mapping[str, str],
    origins: Mapping[str, str],
) -> tuple[FieldGroup, ...]:
    """The one group of them, or none where no model asks anything more."""
    fields = tuple(_field(column, answers, problems, origins) for column in columns)
    return (FieldGroup(HEADING, fields),) if fields else ()


def _field(
    column: SiteColumn,
    answers: Mapping[str, str],
    problems: Mapping[str, str],
    origins: Mapping[str, str],
) -> Field:
    name = OF_SITE + column.name
    value = answers.get(name, NOT_KNOWN)
    unit = column.ucum.removeprefix("1")
    within = f"From {column.low:g} to {column.high:g} {unit}".rstrip() + "."
    return Field(
        name=name,
        kind="yes_no" if column.yes_no else "number",
        label=column.label,
        unit=unit,
        definition="" if column.yes_no else within,
        value=value,
        choices=yes_no(value) if column.yes_no else (),
        problem=problems.get(name, ""),
        origin=origins.get(name, ""),
    )
