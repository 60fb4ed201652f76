"""Parts of a table answered: people of one kind together where that can be, else row by row."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import compress
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from riskapp.exchange.columnar import alike, columns_of
from riskapp.exchange.reading import NOT_ANSWERS, read_profile
from riskapp.exchange.tables import Part, rows_of
from riskapp.management.scored_rows import COLUMNS, answers, names_read, told
from riskapp.risk.by_kind import EvidenceByKind
from riskapp.risk.errors import RiskError
from riskapp.risk.estimate import Engine, EstimateOptions
from riskapp.risk.evidence import EvidenceEngine
from riskapp.risk.kinds import Kind, People
from riskapp.risk.profile import FIELD_NAMES, RiskProfile

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
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
# On average, from which on those of a kind of one are read with the others.
PEOPLE_OF_A_KIND = 2


class ByKind(Protocol):
    """An engine that answers many people together, as those of ``riskapp.risk`` do."""

    def takes(self, people: People, options: EstimateOptions) -> Flags:
        """Who can be answered together with others, shape (n,)."""
        ...

    def kind_of(self, profile: RiskProfile, options: EstimateOptions) -> Kind:
        """The kind of a person, with what is said of this one."""
        ...

    def said_alike(
        self, people: People, kinds: Sequence[Kind], options: EstimateOptions
    ) -> tuple[People, Sequence[Kind], Flags, Flags]:
        """With the T-scores that count, and kinds that may be told further apart by them; who is
        surely not refused; and of whom nothing of their own is said."""
        ...

    def unknown(self, people: People) -> tuple[list[tuple[str, ...]], Positions]:
        """What is not known: different ones, and whose each is."""
        ...

    def probabilities(
        self, people: People, kinds: Sequence[Kind], options: EstimateOptions
    ) -> Floats:
        """Of hip and of major fracture within ten years, shape (2, n); hip first."""
        ...


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
        self._engines, self._names = engines, names_read(engines)
        self._together = [_Together(one, how, options, ignored) for one in engines]
        self._alone = partial(answers, how=how, options=options, ignored=ignored)
        self._by_columns = not how.interval and self._names == FIELD_NAMES

    def part(self, part: Part) -> pa.Table:
        """One row for each person and engine, in order; columns as ``SCHEMA``."""
        if not self._by_columns or not any(one.can for one in self._together):
            return self._one_by_one(rows_of(part), self._engines)
        batch = part
        if not isinstance(part, pa.RecordBatch):
            batch = columns_of(part, (*NOT_ANSWERS, *self._names))
        tables, places = [], []
        for at, engine in enumerate(self._together):
            rows, together = engine.answered(batch, part)
            others = np.setdiff1d(np.arange(batch.num_rows), rows, assume_unique=True)
            tables.append(together)
            if len(others):
                tables.append(self._one_by_one(rows_of(part, others), [self._engines[at]]))
            places.append(np.concatenate([rows, others]) * len(self._engines) + at)
        if len(tables) == 1:
            return tables[0]
        order = np.argsort(np.concatenate(places), kind="stable")
        return pa.concat_tables(tables).unify_dictionaries().take(pa.array(order))

    def _one_by_one(self, rows: Sequence[Mapping[str, Any]], engines: Sequence[Engine]) -> pa.Table:
        return pa.Table.from_pylist(list(self._alone(rows, engines)), SCHEMA)


class _Together:
    """One engine's answers to people of the same kinds."""

    def __init__(
        self, engine: Engine, how: EstimateOptions, options: Mapping[str, Any], ignored: str
    ) -> None:
        self._engine, self._how, self._options, self._ignored = engine, how, options, ignored
        self._by_kind: ByKind | None = None
        if isinstance(engine, EvidenceEngine):
            self._by_kind = EvidenceByKind(engine)
        else:
            # What learned engines need takes a while to import.
            from riskapp.risk.learned_by_kind import learned_by_kind

            self._by_kind = learned_by_kind(engine)
        self._kinds: dict[Hashable, Kind] = {}

    @property
    def can(self) -> bool:
        """Whether the engine can answer so at all."""
        return self._by_kind is not None

    def answered(self, batch: pa.RecordBatch, part: Part) -> tuple[Positions, pa.Table]:
        """Who is answered together, as positions, and their rows; columns as ``SCHEMA``."""
        if self._by_kind is None:
            return np.zeros(0, dtype=np.intp), SCHEMA.empty_table()
        rows, people, kinds = self._alike(batch, part, self._by_kind)
        return rows, self._table(_ids(batch, rows), people, kinds, self._by_kind)

    def _alike(
        self, batch: pa.RecordBatch, part: Part, engine: ByKind
    ) -> tuple[Positions, People, list[Kind]]:
        """Who is answered together: positions, people, and the kinds that they are of."""
        found = alike(batch, unknown_as_no=self._how.unknown_as_no)
        taken = engine.takes(found.people, self._how)
        rows, people = found.rows[taken], found.people.chosen(taken)
        if len(self._kinds) + len(found.keys) > MOST_KINDS:
            self._kinds.clear()
        together = self._learn(found.keys, rows, people, part, engine)
        kinds = [self._kinds[key] for at, key in enumerate(found.keys) if at in together]
        there = np.isin(np.arange(len(found.keys)), sorted(together))
        place = np.cumsum(there) - 1
        known = there[people.kinds]
        rows, people = rows[known], people.chosen(known)
        people = replace(people, kinds=place[people.kinds])
        people, split, agree, plain = engine.said_alike(people, kinds, self._how)
        # Of whom something of their own is said, they are read alone, and summed with the others.
        all_kinds, odd = list(split), np.flatnonzero(agree & ~plain)
        for at, row in zip(odd, rows_of(part, rows[odd]), strict=True):
            if (own := self._read(row, engine)) is not None:
                people.kinds[at] = len(all_kinds)
                all_kinds.append(own)
                plain[at] = True
        return rows[plain], people.chosen(plain), all_kinds

    def _learn(
        self, keys: Sequence[Hashable], rows: Positions, people: People, part: Part, engine: ByKind
    ) -> set[int]:
        """Positions of the kinds whose people are answered together: all of them are known then.

        A few of each kind are looked at until nothing is said of one that is not said of all. Of
        some kinds nobody is so: their people are answered one by one. It rests on this part alone,
        whatever was read before, so that workers who share a table write the same bytes.
        """
        sizes = np.bincount(people.kinds, minlength=len(keys))
        starts, order = np.cumsum(sizes) - sizes, np.argsort(people.kinds, kind="stable")
        # Where nearly everybody is of a kind of their own, nothing is spared by reading kinds.
        few = len(rows) < PEOPLE_OF_A_KIND * np.count_nonzero(sizes)
        open_: list[int] = np.flatnonzero(sizes > int(few)).tolist()
        asked: set[int] = set()
        together: set[int] = set()
        for trial in range(TRIALS):
            if not open_:
                break
            somebody = order[starts[open_] + sizes[open_] * trial // TRIALS].tolist()
            pairs = [pair for pair in zip(open_, somebody, strict=True) if pair[1] not in asked]
            asked.update(somebody)
            known = self._known(keys, pairs, rows, part, engine)
            looked_at = people.chosen(np.array([one for _, one, _ in known], dtype=np.intp))
            looked_at = replace(looked_at, kinds=np.arange(len(known)))
            *_, plain = engine.said_alike(looked_at, [kind for *_, kind in known], self._how)
            found = {at: kind for at, _, kind in compress(known, plain)}
            self._kinds |= {keys[at]: kind for at, kind in found.items()}
            together.update(found)
            open_ = [at for at in open_ if at not in together]
        return together

    def _known(
        self,
        keys: Sequence[Hashable],
        pairs: Sequence[tuple[int, int]],
        rows: Positions,
        part: Part,
        engine: ByKind,
    ) -> list[tuple[int, int, Kind]]:
        """Kinds with somebody of each; who is of one that was not met before is read."""
        new = [(at, one) for at, one in pairs if keys[at] not in self._kinds]
        told_by = rows_of(part, rows[[one for _, one in new]])
        read = {at: self._read(row, engine) for (at, _), row in zip(new, told_by, strict=True)}
        found = ((at, one, self._kinds.get(keys[at]) or read.get(at)) for at, one in pairs)
        return [(at, one, kind) for at, one, kind in found if kind is not None]

    def _read(self, row: Mapping[str, Any], engine: ByKind) -> Kind | None:
        """The kind of somebody; None where people like this are answered one by one."""
        asked = told(row, FIELD_NAMES, self._options)
        try:
            reading = read_profile(asked, clamp_age=self._options["clamp_age"])
            return None if reading.warnings else engine.kind_of(reading.profile, self._how)
        except RiskError:
            return None  # who is refused is told why one by one

    def _table(
        self, ids: pa.Array, people: People, kinds: Sequence[Kind], by_kind: ByKind
    ) -> pa.Table:
        engine = self._engine
        hip, major = by_kind.probabilities(people, kinds, self._how)
        unknown, of_person = by_kind.unknown(people)
        nobody = np.zeros(len(ids), dtype=np.int32)

        def said(texts: Sequence[str], of: npt.NDArray[Any] = nobody) -> pa.Array:
            # Each text once: of a dictionary with one twice, other bytes are written each time.
            place = {text: at for at, text in enumerate(dict.fromkeys(texts))}
            codes = np.array([place[text] for text in texts], dtype=np.int32)
            return pa.DictionaryArray.from_arrays(codes[of], pa.array(list(place), pa.string()))

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
