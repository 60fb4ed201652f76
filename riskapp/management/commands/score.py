"""Estimate for every row of a table, e.g. to compare with another tool or to audit a clinic."""

from argparse import ArgumentParser
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from django.core.management.base import CommandError
from tqdm import tqdm

from riskapp import modelstore
from riskapp.actions.serving import refuse_changed
from riskapp.cohorts.asked_rows import arranged_names, arranged_rows, without_outcomes
from riskapp.cohorts.follow_up import UnusableCohort
from riskapp.cohorts.site_schema import (
    OUTCOME_COLUMNS,
    SiteSchema,
    read_schema,
    schema_beside,
)
from riskapp.exchange.reading import NOT_ANSWERS
from riskapp.exchange.tables import Table, UnreadableTable, read_table, table_writer
from riskapp.exchange.wording import SAFETY
from riskapp.management.arguments import UNREADABLE, refuse_overwriting, refuse_workbook
from riskapp.management.score_on_workers import answered_in_order
from riskapp.management.scored_rows import engines_of, names_read
from riskapp.management.scored_tables import SCHEMA, Answering
from riskapp.management.unheard import UnheardCommand
from riskapp.modelstore import ENGINES
from riskapp.risk.errors import InvalidProfile, UnknownModel
from riskapp.risk.estimate import Engine, EstimateOptions
from riskapp.risk.evidence_sets import check_population
from riskapp.risk.profile import FIELD_NAMES
from riskapp.training.distributed.cluster import connected

# Rows that are answered together. Intervals take long: fewer keep all workers busy.
ROWS, ROWS_WITH_INTERVALS = 131_072, 50


class Command(UnheardCommand):
    requires_system_checks = ()  # of pages, which serve has checked
    help = (
        "Give the 10-year probabilities for each row of a CSV or Parquet file. A row that cannot "
        "be used says why in its column 'refused' and stops no other."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("input", type=Path, help="CSV or Parquet with the fields' names")
        parser.add_argument("output", type=Path, help="CSV or Parquet to write, by its ending")
        parser.add_argument(
            "--engine",
            nargs="+",
            action="extend",
            metavar="NAME",
            help=f"one or more of {', '.join(ENGINES)}; evidence where none is named",
        )
        parser.add_argument("--model-id", help="a stored model, for a learned engine")
        parser.add_argument("--models", type=Path, help="a folder of models beside the site's own")
        parser.add_argument(
            "--schema",
            type=Path,
            help="the site's JSON, as train and evaluate read it; by default beside INPUT",
        )
        parser.add_argument("--evidence-set", default="frax-2008")
        parser.add_argument("--population", help="for rows that name none")
        parser.add_argument(
            "--unknown-as-no",
            action="store_true",
            help="FRAX's convention: an unanswered yes/no question counts as no",
        )
        parser.add_argument("--clamp-age", action="store_true")
        parser.add_argument("--no-interval", action="store_true")
        parser.add_argument(
            "--dask", metavar="ADDRESS", help="answer on workers: local, or a scheduler's address"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        source, output = options["input"], options["output"]
        refuse_overwriting(source, options["schema"], [output], what="input")
        refuse_workbook(output)
        if options["models"]:
            if options["dask"]:
                raise CommandError("Workers know no --models, only the site's own and the shipped.")
            modelstore.look_also_in(options["models"])
        how = EstimateOptions(
            evidence_set=options["evidence_set"],
            unknown_as_no=options["unknown_as_no"],
            explain=False,
            interval=not options["no_interval"],
            verdicts=False,
        )
        try:
            engines = engines_of(options)
            if options["model_id"]:
                refuse_changed(engine.model_id for engine in engines)
            if options["population"]:
                check_population(options["population"].strip().lower())
            table = _arranged(read_table(source), source, options["schema"])
            ignored = _ignored(table.columns, names_read(engines))
            if ignored:
                self.stdout.write(ignored)
            written = refused = 0
            with (
                tqdm(total=table.length, unit="person", disable=None) as shown,
                _found(table, engines, how, options, ignored) as found,
                table_writer(output, SCHEMA) as sink,
            ):
                for answers in found:
                    sink.write(answers)
                    written += len(answers)
                    refused += pc.sum(pc.not_equal(answers["refused"], "")).as_py() or 0
                    shown.update(len(answers) // len(engines))
        except (UnreadableTable, UnknownModel, InvalidProfile, UnusableCohort) as error:
            raise CommandError(str(error), returncode=UNREADABLE) from error
        except OSError as error:
            raise CommandError(
                f"{output} cannot be written: {error.strerror}.", returncode=UNREADABLE
            ) from error
        # Counts only: a terminal is no place for a patient's values.
        self.stdout.write(f"{written - refused} answered, {refused} refused; {output}")
        # Here, as the columns of the file are fixed.
        self.stdout.write(SAFETY)


def _arranged(table: Table, source: Path, schema: Path | None) -> Table:
    """The table under the contract's names, where the site's JSON says how."""
    told = read_schema(schema) if schema is not None else schema_beside(source)
    if told == SiteSchema():
        return table
    here = without_outcomes(told, table.columns)
    return replace(
        table,
        columns=arranged_names(told, table.columns),
        rows=arranged_rows(table.rows, here, told.dates),
        batches=None,
    )


@contextmanager
def _found(
    table: Table,
    engines: Sequence[Engine],
    how: EstimateOptions,
    options: Mapping[str, Any],
    ignored: str,
) -> Iterator[Iterator[pa.Table]]:
    """Answers in the order of the rows, worked out here or on workers."""
    if options["dask"]:
        size = ROWS_WITH_INTERVALS if how.interval else ROWS
        decides = ("engine", "model_id", "evidence_set", "population", "clamp_age")
        told = {name: options[name] for name in decides}
        with connected(options["dask"]) as client:
            yield answered_in_order(client, table.parts(size), how, told, ignored)
        return
    answering = Answering(engines, how, options, ignored)
    # Intervals take long enough to show how far they are, row by row.
    yield map(answering.part, table.parts(1 if how.interval else ROWS))


def _ignored(columns: Sequence[str], names: Sequence[str]) -> str:
    """Name the columns that are not read, in a sentence; empty where there are none."""
    if not set(columns) & set(FIELD_NAMES):
        raise UnreadableTable(
            "The first line names no field; expected age_years, sex, ..., or the site's JSON "
            "beside the file or under --schema, which says what its columns are."
        )
    # What became of people is no answer and no slip.
    known = (*names, *NOT_ANSWERS, *OUTCOME_COLUMNS)
    ignored = [name or "(without a name)" for name in columns if name not in known]
    return f"Columns that are no fields are ignored: {', '.join(ignored)}." if ignored else ""
