"""Parts of a table answered: people of one kind together where that can be, else row by row."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from riskapp.exchange.columnar import Alike, alike, columns_of
from riskapp.exchange.reading import NOT_ANSWERS, read_profile
from riskapp.exchange.tables import Part, rows_of
from riskapp.management.scored_rows import COLUMNS, answers, names_read, told
from riskapp.risk.by_kind import probabilities, said_alike, unknown_inputs
from riskapp.risk.errors import RiskError
from riskapp.risk.estimate import Engine, EstimateOptions
from riskapp.risk.evidence import EvidenceEngine
from riskapp.risk.kinds import Kind, People, kind_of
from riskapp.risk.profile import FIELD_NAMES

Positions = npt.NDArray[np.intp]

# Few different sentences stand in many rows: each is held, and written, once.
TEXT = pa.dictionary(pa.int32(), pa.string())
WRITTEN_OUT = ("id", "refused")
SCHEMA = pa.schema(
    [
        (name, pa.float64() if kind is float else pa.string() if name in WRITTEN_OUT else TEXT)
        for name, kind in COLUMNS.items()
    ]
)
# Kinds of people that are remembered from one part of a table to the next.
MOST_KINDS = 100_000
# People of a kind who are read until nothing is said of one that is not said of all.
TRIALS = 3


class Answering:
    """Answers parts of a table, one after another.

    Parameters
    ----------
    options : mapping
        What the command was given, as far as it decides the answers.
    ignored : str
        What is said of columns that are no fields, in every row.
    """

    def __init__(
        self,
        engines: Sequence[Engine],
        how: EstimateOptions,
        options: Mapping[str, Any],
        ignored: str,
    ) -> None:
        self._engines, self._how, self._options, self._ignored = engines, how, options, ignored
        self._names = names_read(engines)
        self._kinds: dict[Hashable, Kind | None] = {}

    def part(self, part: Part) -> pa.Table:
        """One row for each person and engine, in order; columns as ``SCHEMA``."""
        (engine, *more) = self._engines
        if self._how.interval or more or self._names != FIELD_NAMES:
            return self._one_by_one(rows_of(part))
        if not isinstance(engine, EvidenceEngine):
            return self._one_by_one(rows_of(part))
        batch = part
        if not isinstance(part, pa.RecordBatch):
            batch = columns_of(part, (*NOT_ANSWERS, *self._names))
        rows, people, kinds = self._alike(batch, part, engine)
        others = np.setdiff1d(np.arange(batch.num_rows), rows, assume_unique=True)
        together = self._together(_ids(batch, rows), people, kinds, engine)
        if not len(others):
            return together
        both = pa.concat_tables([together, self._one_by_one(rows_of(part, others))])
        order = np.argsort(np.concatenate([rows, others]), kind="stable")
        return both.unify_dictionaries().take(pa.array(order))

    def _one_by_one(self, rows: Sequence[Mapping[str, Any]]) -> pa.Table:
        found = answers(rows, self._engines, self._how, self._options, self._ignored)
        return pa.Table.from_pylist(list(found), SCHEMA)

    def _alike(
        self, batch: pa.RecordBatch, part: Part, engine: EvidenceEngine
    ) -> tuple[Positions, People, list[Kind]]:
        """Who is answered together: positions, people, and the kinds that they are of."""
        found = alike(batch, unknown_as_no=self._how.unknown_as_no)
        people = found.people
        if len(self._kinds) + len(found.keys) > MOST_KINDS:
            self._kinds.clear()
        self._learn(found, part, engine)
        kinds = [self._kinds.get(key) for key in found.keys]
        there = np.array([kind is not None for kind in kinds], dtype=np.bool_)
        place = np.cumsum(there) - 1
        known = there[people.kinds]
        people = people.chosen(known)
        people = replace(people, kinds=place[people.kinds])
        read = [kind for kind in kinds if kind is not None]
        people, agree, plain = said_alike(people, read)
        rows = found.rows[known]
        # Of whom something of their own is said, they are read alone, and summed with the others.
        odd = np.flatnonzero(agree & ~plain)
        for at, row in zip(odd, rows_of(part, rows[odd]), strict=True):
            if (own := self._read(row, engine)) is not None:
                people.kinds[at] = len(read)
                read.append(own)
                plain[at] = True
        return rows[plain], people.chosen(plain), read

    def _learn(self, found: Alike, part: Part, engine: EvidenceEngine) -> None:
        """Read somebody of each kind that was not met before, of whom nothing of their own is said.

        Of some kinds nobody is found: their people are answered one by one.
        """
        unread = np.array([key not in self._kinds for key in found.keys], dtype=np.bool_)
        order = np.argsort(found.people.kinds, kind="stable") if unread.any() else unread
        sizes = np.bincount(found.people.kinds, minlength=len(unread))
        starts, asked = np.cumsum(sizes) - sizes, np.full(len(sizes), -1)
        for trial in range(TRIALS):
            if not unread.any():
                return
            somebody = order[starts + sizes * trial // TRIALS]
            places = np.flatnonzero(unread & (somebody != asked))
            asked = somebody
            rows = rows_of(part, found.rows[somebody[places]])
            kinds = [self._read(row, engine) for row in rows]
            places = places[[kind is not None for kind in kinds]]
            read = [kind for kind in kinds if kind is not None]
            people = replace(found.people.chosen(somebody[places]), kinds=np.arange(len(read)))
            *_, plain = said_alike(people, read)
            for place, kind, kept in zip(places.tolist(), read, plain, strict=True):
                if kept:
                    self._kinds[found.keys[place]] = kind
                    unread[place] = False

    def _read(self, row: Mapping[str, Any], engine: EvidenceEngine) -> Kind | None:
        """The kind of somebody; None where people like this are answered one by one."""
        asked = told(row, self._names, self._options)
        try:
            reading = read_profile(asked, clamp_age=self._options["clamp_age"])
            return None if reading.warnings else kind_of(reading.profile, engine, self._how)
        except RiskError:
            return None  # who is refused is told why one by one

    def _together(
        self, ids: pa.Array, people: People, kinds: Sequence[Kind], engine: EvidenceEngine
    ) -> pa.Table:
        as_no = self._how.unknown_as_no
        hip, major = probabilities(people, kinds, engine.evidence_set, unknown_as_no=as_no)
        unknown, of_person = unknown_inputs(people)
        nobody = np.zeros(len(ids), dtype=np.int32)

        def said(texts: Sequence[str], of: npt.NDArray[Any] = nobody) -> pa.Array:
            return pa.DictionaryArray.from_arrays(of.astype(np.int32), pa.array(texts, pa.string()))

        known = {
            "id": ids,
            "engine": said([engine.name]),
            "model_id": said([engine.model_id]),
            "evidence_set": said([engine.evidence_set]),
            "population": said([kind.population for kind in kinds], people.kinds),
            "hip_10y": pa.array(hip),
            "major_osteoporotic_10y": pa.array(major),
            "unknown": said([";".join(names) for names in unknown], of_person),
            "warnings": said([self._warnings(kind) for kind in kinds], people.kinds),
            "refused": pa.repeat("", len(ids)),
        }
        none = pa.nulls(len(ids), pa.float64())
        return pa.table([known.get(name, none) for name in SCHEMA.names], SCHEMA)

    def _warnings(self, kind: Kind) -> str:
        return " ".join([self._ignored, *kind.warnings] if self._ignored else kind.warnings)


def _ids(batch: pa.RecordBatch, rows: Positions) -> pa.Array:
    """As text; blank where none was given."""
    if "id" not in batch.schema.names:
        return pa.repeat("", len(rows))
    given = batch.column("id").take(pa.array(rows))
    if pa.types.is_integer(given.type) or pa.types.is_string(given.type):
        return pc.fill_null(pc.cast(given, pa.string()), "")
    return pa.array(["" if one is None else str(one) for one in given.to_pylist()], pa.string())
