"""Engines learned from a cohort: the evidence's hazards times what the cohort taught.

Of each cause, h(t | x) = h_evidence(t | x) * level[year] * exp(f(x)). An engine without evidence to
start from has 1 in the place of h_evidence; it is there for comparison.
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from riskapp.risk import learned_reach, learned_spread, learned_words
from riskapp.risk.anchor import EVIDENCE_SET, Anchored, known_to_evidence
from riskapp.risk.completions import complete_rows
from riskapp.risk.design_row import Floats, known_values
from riskapp.risk.errors import OutsideModelRange, RiskError
from riskapp.risk.estimate import EstimateOptions, Outcome, RiskEstimate
from riskapp.risk.evidence_sets import evidence_set
from riskapp.risk.learned_curves import Worked, incidence, outcome_of, worked_out
from riskapp.risk.learned_model import LearnedModel
from riskapp.risk.learned_person import ExactCurves, Person, batches
from riskapp.risk.modifiers import NONE
from riskapp.risk.populations import population
from riskapp.risk.profile import RiskProfile, with_unknown_as_no

# Draws of what is not known. They serve the difference from the evidence only, whose own mean is
# exact, and further columns are drawn evenly: the standard error is a few per cent of the
# difference. The seed is fixed, so one answer changed moves the number by its own effect.
COMPLETIONS, POOL = 256, 1024
SEED = 20261120


class LearnedEngine(LearnedModel):
    """One learned engine, ready to answer."""

    def estimate(self, profile: RiskProfile, options: EstimateOptions) -> RiskEstimate:
        """Answer about one person.

        Raises
        ------
        OutsideModelRange
            If the evidence has no ground to speak about this person; without evidence to start
            from, if nobody like this person was among those trained on.
        """
        (answer,) = self.estimate_many([profile], options)
        if isinstance(answer, RiskError):
            raise answer
        return answer

    def estimate_many(
        self, profiles: Sequence[RiskProfile], options: EstimateOptions
    ) -> list[RiskEstimate | RiskError]:
        """Answers in the order of the profiles, or why there is none."""
        refused, asked = self._asked(profiles, options)
        answered: dict[int, RiskEstimate | RiskError] = {**refused}
        for index, person, worked in self._worked_out(asked, options, ExactCurves()):
            answered[index] = self._answer(person, worked, options)
        return [answered[index] for index in range(len(profiles))]

    def said(
        self, profile: RiskProfile, options: EstimateOptions
    ) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
        """The warnings of ``estimate`` about somebody of whom all is known that it reads.

        Then those there would be were the values together usual, and were they not.
        """
        self._refuse_strangers(profile)
        person = self._person(profile, options)
        said = learned_words.warnings(self, person.given, options)
        own, usual, unusual = (
            (*said, *(each.sentence for each in learned_reach.beyond(self, person, unusual=is_so)))
            for is_so in (None, False, True)
        )
        return own, usual, unusual

    def curves_many(
        self, profiles: Sequence[RiskProfile], options: EstimateOptions, exact: ExactCurves
    ) -> list[Mapping[Outcome, Floats] | RiskError]:
        """The curves of ``estimate_many`` alone, shape (10,) each, in a fraction of its time."""
        refused, asked = self._asked(profiles, options)
        answered: dict[int, Mapping[Outcome, Floats] | RiskError] = {**refused}
        for index, _, worked in self._worked_out(asked, options, exact):
            answered[index] = worked.shown
        return [answered[index] for index in range(len(profiles))]

    def _asked(
        self, profiles: Sequence[RiskProfile], options: EstimateOptions
    ) -> tuple[dict[int, RiskError], list[tuple[int, Person]]]:
        """Who is refused and why, and the others ready to be asked about."""
        refused: dict[int, RiskError] = {}
        asked: list[tuple[int, Person]] = []
        for index, profile in enumerate(profiles):
            try:
                self._refuse_strangers(profile)
                asked.append((index, self._person(profile, options)))
            except RiskError as refusal:
                refused[index] = refusal
        return refused, asked

    def _worked_out(
        self, asked: Sequence[tuple[int, Person]], options: EstimateOptions, exact: ExactCurves
    ) -> Iterator[tuple[int, Person, Worked]]:
        known = exact.of([person for _, person in asked], options) if self.anchored else {}
        for few in batches(asked):
            people = [person for _, person in few]
            f = self.ratios_of(people)
            learned, evidence = map(incidence, self.hazards_of(people, f))
            starts = np.cumsum([0, *(len(person.rows) for person in people)])
            for (index, person), start, end in zip(few, starts, starts[1:], strict=False):
                own = {outcome: curve[start:end] for outcome, curve in learned.items()}
                before = {outcome: curve[start:end] for outcome, curve in evidence.items()}
                ratios = {cause: each[start:end] for cause, each in f.items()}
                yield index, person, worked_out(own, before, known.get(id(person)), ratios)

    def completed_rows(self, profile: RiskProfile, *, unknown_as_no: bool = False) -> Floats:
        """Equally weighted rows, shape (n, p), drawn given what is known; one if all is known."""
        return self._person(profile, EstimateOptions(unknown_as_no=unknown_as_no)).rows

    def _person(self, profile: RiskProfile, options: EstimateOptions) -> Person:
        population(profile.population).refuse_unless_published(profile.sex)
        evidence_set(EVIDENCE_SET, profile.population)
        known = known_to_evidence(profile, unknown_as_no=options.unknown_as_no)
        given = profile
        if options.unknown_as_no:
            profile = with_unknown_as_no(profile)
        values, like = known_values(profile), self.people_like(profile.population)
        if all(name in values for name in self.columns):
            rows = np.array([[values[name] for name in self.columns]], dtype=np.float64)
        else:
            rng = np.random.default_rng(SEED)
            rows = complete_rows(
                profile.population, known, values, self.further, COMPLETIONS, POOL, rng, like
            )
        modifiers = known.modifiers if self.anchored else NONE
        return Person(given, profile, rows, Anchored((profile.population,), (modifiers,)), like)

    def _answer(self, person: Person, worked: Worked, options: EstimateOptions) -> RiskEstimate:
        curves = worked.shown
        drawn = learned_spread.drawn(self, person) if options.interval and self.uncertainty else {}
        swing = learned_reach.swing(worked.completions, worked.evidence)
        beyond = learned_reach.beyond(self, person, swing, worked.f)
        return RiskEstimate(
            engine=self.name,
            model_id=self.model_id,
            evidence_set=self.evidence_set,
            population=person.profile.population,
            trained_on=self.trained_on,
            outcomes={
                outcome: outcome_of(
                    curve, worked.completions[outcome][:, -1], drawn.get(outcome), options
                )
                for outcome, curve in curves.items()
            },
            explanation=learned_words.explanation(
                self, person, options, {o: float(curve[-1]) for o, curve in curves.items()}
            )
            if options.explain
            else None,
            unknown=learned_words.unknown(self, person.given),
            warnings=(
                *learned_words.warnings(self, person.given, options),
                *(each.sentence for each in beyond),
            ),
            flags=tuple(each.flag.value for each in beyond),
        )

    def _refuse_strangers(self, profile: RiskProfile) -> None:
        if self.anchored:
            return
        if profile.population not in self.populations:
            raise OutsideModelRange(
                f"The engine {self.name} was trained on people of population "
                f"{', '.join(self.populations)} only and cannot speak about {profile.population}."
            )
        youngest, oldest = self.age_years
        if not youngest <= profile.age_years <= oldest:
            raise OutsideModelRange(
                f"The engine {self.name} was trained on people aged {youngest:g} to {oldest:g} "
                f"and cannot speak about age {profile.age_years:g}."
            )
