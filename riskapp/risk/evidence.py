"""Engine "evidence": published epidemiology; hip, other major fracture and death compete."""

from collections.abc import Sequence

from riskapp.risk import evidence_sets, predicting
from riskapp.risk.errors import RiskError, UnknownModel
from riskapp.risk.estimate import EstimateOptions, RiskEstimate
from riskapp.risk.evidence_sets import EvidenceSet
from riskapp.risk.missing import Known
from riskapp.risk.populations import Population, population
from riskapp.risk.profile import RiskProfile


class EvidenceEngine:
    """Engine "evidence": published epidemiology, nothing learned from people."""

    name = "evidence"
    trained_on = "published"

    def __init__(self, evidence_set: str = "frax-2008") -> None:
        evidence_sets.check(evidence_set)
        self.evidence_set = evidence_set

    @property
    def model_id(self) -> str:
        version = evidence_sets.version(self.evidence_set)
        return f"evidence-{self.evidence_set}-{version}-{evidence_sets.fingerprint()}"

    def estimate(self, profile: RiskProfile, options: EstimateOptions) -> RiskEstimate:
        """Answer about one person.

        Raises
        ------
        InvalidProfile
            If the population is not available.
        OutsideModelRange
            If the evidence set is not calibrated for it, or not for this sex.
        UnknownModel
            If another evidence set is asked for than the engine holds.
        """
        people, evidence = self.answering_for(profile, options)
        return predicting.estimate(profile, options, people, evidence, self.model_id)

    def estimate_many(
        self, profiles: Sequence[RiskProfile], options: EstimateOptions
    ) -> list[RiskEstimate | RiskError]:
        """Answers in the order of the profiles, or why there is none.

        Where neither interval nor reasons are asked for, complete profiles are answered for all
        at once; the numbers are those of ``estimate`` within rounding (1e-12).
        """
        found: dict[int, RiskEstimate | RiskError] = {}
        together: dict[str, list[tuple[int, Known]]] = {}
        for index, profile in enumerate(profiles):
            try:
                people, evidence = self.answering_for(profile, options)
                known = predicting.inputs_counted(profile, options)
                if predicting.can_be_one_of_many(profile, options, known):
                    together.setdefault(profile.population, []).append((index, known))
                else:
                    found[index] = predicting.estimate(
                        profile, options, people, evidence, self.model_id, known
                    )
            except RiskError as refusal:
                found[index] = refusal
        for few in together.values():
            chosen, counted = zip(*few, strict=True)
            asked = [profiles[index] for index in chosen]
            people, evidence = self.answering_for(asked[0], options)
            answers = predicting.estimate_complete(
                asked, counted, options, people, evidence, self.model_id
            )
            found.update(zip(chosen, answers, strict=True))
        return [found[index] for index in range(len(profiles))]

    def answering_for(
        self, profile: RiskProfile, options: EstimateOptions
    ) -> tuple[Population, EvidenceSet]:
        """Whose death rates and which calibration answer.

        Raises
        ------
        InvalidProfile, OutsideModelRange, UnknownModel
            As ``estimate`` does.
        """
        if options.evidence_set != self.evidence_set:
            raise UnknownModel(
                f"This engine answers from evidence set {self.evidence_set!r}, "
                f"not {options.evidence_set!r}."
            )
        people = population(profile.population)
        people.refuse_unless_published(profile.sex)
        return people, evidence_sets.evidence_set(self.evidence_set, people.code)
