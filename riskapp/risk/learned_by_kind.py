"""A learned engine's answers about many people of whom it knows all that it reads, as columns.

They are those of ``LearnedEngine`` within rounding (1e-12), without interval or reasons. Of whom
something that it reads is not known, they are asked about one by one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from riskapp.risk.anchor import CAUSES, EVIDENCE_SET, PUBLISHED_NAMES, known_to_evidence
from riskapp.risk.by_kind import complete, said_alike, unknown_of
from riskapp.risk.design_row import COLUMNS
from riskapp.risk.estimate import Engine, EstimateOptions
from riskapp.risk.evidence_sets import evidence_set
from riskapp.risk.kinds import Kind, People, grouped
from riskapp.risk.learned import LearnedEngine
from riskapp.risk.learned_words import field_of
from riskapp.risk.limits import RANGES
from riskapp.risk.many import Moved, incidence_of_many
from riskapp.risk.modifier_words import ROUNDING
from riskapp.risk.modifiers_by_kind import beside
from riskapp.risk.populations import population
from riskapp.risk.profile import FACTORS, RiskProfile
from riskapp.risk.reach import rarities
from riskapp.risk.summation import STEPS_PER_YEAR

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Positions = npt.NDArray[np.intp]

FEMALE = "female"


@dataclass(frozen=True, slots=True)
class LearnedByKind:
    """One engine that starts from the evidence and reads nothing but fields of a profile."""

    engine: LearnedEngine

    def takes(self, people: People, options: EstimateOptions) -> Flags:
        """Of whom all that the engine reads seems to be known."""
        found = np.ones(len(people), dtype=np.bool_)
        for name in map(field_of, self.engine.columns):
            if name in RANGES or (name in FACTORS and not options.unknown_as_no):
                density = people.column(name.replace("t_score", "bmd_g_cm2"))
                found &= ~np.isnan(people.column(name)) | ~np.isnan(density)
        return found

    def kind_of(self, profile: RiskProfile, options: EstimateOptions) -> Kind:
        """The kind of a person, with what is said of this one.

        Raises
        ------
        RiskError
            As ``LearnedEngine.estimate`` does.
        """
        known = known_to_evidence(profile, unknown_as_no=options.unknown_as_no)
        own, usual, unusual = self.engine.said(profile, options)
        return Kind(
            population=profile.population,
            sex=profile.sex.value,
            made_by=profile.dxa_manufacturer,
            counts=frozenset(known.modifiers.used),
            warnings=own,
            either=(usual, unusual),
        )

    def said_alike(
        self, people: People, kinds: Sequence[Kind], options: EstimateOptions
    ) -> tuple[People, Sequence[Kind], Flags, Flags]:
        """As ``by_kind.said_alike``, with the kinds of who is usual, then those of who is not.

        Whoever is not known fully is not answered together.
        """
        people, agree, plain = said_alike(people, kinds)
        rows = self._rows(people, kinds, options)
        full = ~np.isnan(rows).any(axis=1)
        plain &= full
        unusual, sure = self._unusual(rows[full])
        plain[full] &= self._surely_seen(rows[full]) & sure
        of_kind = people.kinds.copy()
        of_kind[full] += unusual * len(kinds)
        split = [replace(kind, warnings=kind.either[side]) for side in (0, 1) for kind in kinds]
        return replace(people, kinds=of_kind), split, agree & full, plain

    def unknown(self, people: People) -> tuple[list[tuple[str, ...]], Positions]:
        """As ``by_kind.unknown_of``, of the columns that the engine has."""
        names = [field_of(name) for name in self.engine.columns if name != FEMALE]
        return unknown_of(people, names)

    def probabilities(
        self, people: People, kinds: Sequence[Kind], options: EstimateOptions
    ) -> Floats:
        """Of hip and of major fracture within ten years, shape (2, n); hip first."""
        engine = self.engine
        rows = self._rows(people, kinds, options)
        moved = Moved(
            {
                PUBLISHED_NAMES[cause]: np.log(np.repeat(level, STEPS_PER_YEAR))
                for cause, level in engine.level_per_year.items()
            },
            {PUBLISHED_NAMES[cause]: engine.log_hazard_ratios(cause, rows) for cause in CAUSES},
        )
        if options.unknown_as_no:
            people = people.known_as_no(FACTORS)
        added = beside(people, kinds, EVIDENCE_SET)
        found = np.empty((2, len(people)))
        known = [(kind.population, kind.sex) for kind in kinds]
        for (code, sex), chosen in grouped(known, people.kinds):
            found[:, chosen] = incidence_of_many(
                complete(people.chosen(chosen), sex),
                population(code),
                evidence_set(EVIDENCE_SET, code).parameters,
                added and added.chosen(chosen),
                moved.chosen(chosen),
            )[:, -1]
        hip, major = np.clip(found, 0.0, 1.0)
        return np.stack([np.minimum(hip, major), major])

    def _rows(self, people: People, kinds: Sequence[Kind], options: EstimateOptions) -> Floats:
        """What the engine reads, shape (n, p); NaN where it is not known."""
        if options.unknown_as_no:
            people = people.known_as_no(FACTORS)
        female = np.array([float(kind.sex == FEMALE) for kind in kinds])
        return np.column_stack(
            [
                female[people.kinds] if name == FEMALE else people.column(field_of(name))
                for name in self.engine.columns
            ]
        )

    def _surely_seen(self, rows: Floats) -> Flags:
        """Of whom it is not said that a value lies outside what was seen."""
        found = np.ones(len(rows), dtype=np.bool_)
        for name, (lower, upper) in self.engine.seen.items():
            # What is counted from other answers may round apart.
            hair = 0.0 if COLUMNS[name].field == name and "t_score" not in name else ROUNDING
            values = rows[:, self.engine.columns.index(name)]
            found &= (values >= lower + hair) & (values <= upper - hair)
        return found

    def _unusual(self, rows: Floats) -> tuple[Flags, Flags]:
        """Whose values together are unlike those of the people trained on, and if that is sure."""
        reach = self.engine.reach
        if reach is None or not reach.columns or not len(rows):
            return np.zeros(len(rows), dtype=np.bool_), np.ones(len(rows), dtype=np.bool_)
        places = [self.engine.columns.index(name) for name in reach.columns]
        scores = [
            reach.scores(rows[:, at], name) for at, name in zip(places, reach.columns, strict=True)
        ]
        rarity = rarities(np.column_stack(scores), reach.correlation)
        sure = np.abs(rarity - reach.rarest) > ROUNDING * reach.rarest
        return rarity < reach.rarest, sure


def learned_by_kind(engine: Engine) -> LearnedByKind | None:
    """For engines whose people can be answered together; None for others."""
    if not isinstance(engine, LearnedEngine) or not engine.anchored:
        return None
    told = {*(engine.reach.columns if engine.reach else ()), *engine.seen}
    columns = set(engine.columns)
    return LearnedByKind(engine) if told <= columns <= set(COLUMNS) else None
