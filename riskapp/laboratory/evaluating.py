"""A cohort and engines in, one document out: everything that the report and the JSON hold."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

import numpy as np

from riskapp import __version__
from riskapp.cohorts.cohort import Cohort
from riskapp.evaluation.course import Course, Places, course
from riskapp.exchange.wording import SAFETY
from riskapp.laboratory import comparing, sentences
from riskapp.laboratory.asking import Asked, Candidate, Floats, Memory
from riskapp.laboratory.blanks import Blanking, few_of, missing_data_table
from riskapp.laboratory.checklists.probast import probast
from riskapp.laboratory.checklists.tripod import tripod
from riskapp.laboratory.describing import OUTCOME_LABELS, describe
from riskapp.laboratory.development import develop
from riskapp.laboratory.explaining import rests_on_model
from riskapp.laboratory.judging import edges_of, judge, shares_in
from riskapp.laboratory.page.numbers import hidden
from riskapp.laboratory.resampled import Question, resampled
from riskapp.laboratory.seen_before import seen_before
from riskapp.laboratory.setting import Progress, Setting
from riskapp.laboratory.study import LEVEL_COMPARABLE, RANKED_BY, Study
from riskapp.laboratory.thresholds import thresholds
from riskapp.laboratory.within_groups import subgroup_table
from riskapp.risk.errors import RiskError
from riskapp.risk.learned import LearnedEngine
from riskapp.training.fitting import Workshop

SCHEMA = "trabecula-evaluation-2"
LONGEST_HORIZON = 10
LIBRARIES = ("numpy", "scipy", "pandas", "lifelines", "xgboost-cpu", "lightgbm")


class CannotEvaluate(RiskError):
    """The cohort does not hold what was asked for; the sentence says what."""


def evaluate(cohort: Cohort, study: Study, progress: Progress) -> dict[str, Any]:
    """Judge every candidate on the people that all of them answered about.

    Raises
    ------
    CannotEvaluate
        If the cohort does not hold the outcome, or the engines share nobody.
    CannotJudge
        If nothing can be compared.
    """
    if study.outcome not in cohort.follow_up:
        raise CannotEvaluate(_not_held(cohort, study.outcome))
    memory = Memory()
    asked = {
        one.key: memory.ask(one, cohort.profiles)
        for one in progress(study.candidates, "engines asked")
    }
    shared = np.flatnonzero(np.logical_and.reduce([each.answered for each in asked.values()]))
    if not shared.size:
        raise CannotEvaluate("There is nobody whom every engine answers about.")
    return _Evaluation(cohort, study, memory, asked, shared).document(progress)


def _not_held(cohort: Cohort, outcome: str) -> str:
    held = [OUTCOME_LABELS[name].lower() for name in sorted(cohort.follow_up)]
    if held == ["death"]:
        return "The cohort follows people for death only, and engines are judged on fractures."
    return (
        f"The cohort holds no follow-up of {OUTCOME_LABELS[outcome].lower()}; it has "
        f"{', '.join(held)}."
    )


class _Evaluation:
    """One run; holds what its parts share."""

    def __init__(
        self,
        cohort: Cohort,
        study: Study,
        memory: Memory,
        asked: Mapping[str, Asked],
        shared: Any,
    ) -> None:
        self.cohort, self.study, self.memory, self.asked = cohort, study, memory, asked
        self.part = cohort.part(shared)
        self.ranked_by, self.ranked_in_words = RANKED_BY[study.outcome]
        self.seen: Course = course(
            self.part.follow_up[study.outcome], self.part.follow_up.get("death")
        )
        self.people: Places = np.unique(self.part.people, return_inverse=True)[1]
        self.horizon = min(LONGEST_HORIZON, max(1, int(self.seen.years.max() + 1e-6)))
        self.level = study.outcome in LEVEL_COMPARABLE and self.seen.competing
        self.curves: dict[str, Floats] = {
            key: each.curves[self.ranked_by][shared] for key, each in asked.items()
        }
        self.predicted = {key: each[:, self.horizon - 1] for key, each in self.curves.items()}
        self.marks = []
        if self.level and self.horizon == LONGEST_HORIZON:
            age = float(np.median([profile.age_years for profile in self.part.profiles]))
            self.marks = thresholds(self.ranked_by, age)

    def document(self, progress: Progress) -> dict[str, Any]:
        study, horizon = self.study, self.horizon
        described = describe(self.cohort)
        for name, told in described["follow_up"].items():
            told["label"] = OUTCOME_LABELS[name]
        edges = edges_of(self.predicted)
        pairs = comparing.compared_pairs(study.candidates, study.against)
        figures = self._figures(pairs)
        results = {}
        for key, each in self.curves.items():
            results[key] = judge(
                key, each, self.seen, self.people, horizon, figures, level=self.level
            )
            results[key]["predicted"]["shares"] = shares_in(self.predicted[key], edges)
        found: dict[str, Any] = {
            "schema": SCHEMA,
            "made": self._made(),
            "outcome": {
                "name": study.outcome,
                "label": OUTCOME_LABELS[study.outcome],
                "ranked_by": self.ranked_in_words,
                "level_comparable": study.outcome in LEVEL_COMPARABLE,
                "horizon": horizon,
            },
            "cohort": {"name": study.name, **described},
            "candidates": self._candidates(),
            "compared_on": {
                "people": self.seen.people,
                "events": hidden(int(self.seen.event.sum())),
                "events_within_horizon": hidden(self._events_within()),
            },
            "predicted_edges": edges,
            "results": results,
            "subgroups": self._subgroups(),
            "missing_data": self._missing_data(progress),
            "rests_on": self._rests_on(progress),
            "left_out_measures": self._left_out_measures(),
            "methods": sentences.METHODS,
            "safety": SAFETY,
            "development": self._development(progress),
        }
        found |= self._compared(pairs, figures)
        found["summary"] = sentences.summary(found)
        found["cannot_be_said"] = sentences.cannot_be_said(found)
        found["tripod"] = tripod(found)
        found["probast"] = probast(found)
        return found

    def _figures(self, pairs: comparing.Pairs) -> comparing.Figures:
        question = Question(
            curves=self.curves, seen=self.seen, people=self.people, horizon=self.horizon,
            level=self.level, marks=[mark.probability for mark in self.marks],
            pairs=[(one.key, other.key) for one, other in pairs],
        )  # fmt: skip
        return resampled(question, draws=self.study.resamples, seed=self.study.seed)

    def _compared(self, pairs: comparing.Pairs, figures: comparing.Figures) -> dict[str, Any]:
        """Differences, decisions and reclassification."""
        seen, predicted, horizon = self.seen, self.predicted, self.horizon
        found: dict[str, Any] = {
            "differences": comparing.differences(
                pairs, predicted, seen, self.people, horizon, figures, level=self.level
            ),
            "decision": None,
            "thresholds": [],
            "reclassification": [],
        }
        if self.marks and figures:
            found |= comparing.decisions(predicted, seen, horizon, self.marks, figures)
            found["reclassification"] = comparing.reclassified(
                pairs, predicted, seen, horizon, self.marks, figures
            )
        return found

    def _events_within(self) -> int:
        return int((self.seen.event & (self.seen.years <= self.horizon)).sum())

    def _made(self) -> dict[str, Any]:
        return {
            "version": __version__,
            "date": datetime.now(UTC).date().isoformat(),
            "command": self.study.command,
            "cohort_sha256": hashlib.sha256(self.study.path.read_bytes()).hexdigest(),
            "seed": self.study.seed,
            "resamples": self.study.resamples,
            "libraries": {name: version(name) for name in LIBRARIES},
        }

    def _candidates(self) -> list[dict[str, Any]]:
        return [
            {
                "key": one.key,
                "label": one.label,
                "engine": one.engine.name,
                "model_id": one.engine.model_id,
                "trained_on": one.engine.trained_on,
                "evidence_set": one.evidence_set if one.engine.trained_on == "published" else None,
                "unknown_as_no": one.unknown_as_no,
                "answered": int(self.asked[one.key].answered.sum()),
                "refused_number": int((~self.asked[one.key].answered).sum()),
                "refused": {
                    reason: hidden(number) for reason, number in self.asked[one.key].refused.items()
                },
                "seen_these_people": seen_before(one, self.cohort),
            }
            for one in self.study.candidates
        ]

    def _subgroups(self) -> list[dict[str, Any]]:
        return [
            row
            for key, curves in self.curves.items()
            for row in subgroup_table(
                key, curves, self.seen, self.people, self.part, self.horizon, level=self.level
            )
        ]  # fmt: skip

    def _missing_data(self, progress: Progress) -> list[dict[str, Any]]:
        rows, weights = few_of(self.seen, self.study.seed)
        blanking = Blanking(
            cohort=self.part.part(rows), memory=self.memory, outcome=self.ranked_by,
            seen=replace(self.seen.part(rows), weights=weights), people=self.people[rows],
            horizon=self.horizon, level=self.level,
        )  # fmt: skip
        return [
            row
            for one in progress(self._asked_again(), "inputs left blank")
            for row in missing_data_table(one, blanking)
        ]

    def _rests_on(self, progress: Progress) -> list[dict[str, Any]]:
        """What each learned engine rests on beside the evidence, among these people."""
        learned = [
            (one, one.engine)
            for one in self.study.candidates
            if isinstance(one.engine, LearnedEngine)
        ]
        return [
            {"key": one.key, "label": one.label, **told}
            for one, engine in progress(learned, "what engines rest on")
            for told in rests_on_model(engine, self.part, interactions=True)
        ]

    def _asked_again(self) -> list[Candidate]:
        """The one that others are held against, and learned engines: not each way of evidence."""
        return [
            one
            for one in self.study.candidates
            if one.key == self.study.against or one.engine.trained_on != "published"
        ]

    def _left_out_measures(self) -> list[dict[str, str]]:
        absent = []
        if not self.seen.competing:
            why = "Death is not coded, so the share with the outcome cannot be observed."
        else:
            why = "No engine gives a probability of this outcome; only the ranking is judged."
        if not self.level:
            absent += [
                {"what": name, "why": why}
                for name in (
                    "Calibration and observed over expected",
                    "Brier score and IPA",
                    "Decision curve and net benefit",
                    "Reclassification",
                )
            ]
        elif self.horizon < LONGEST_HORIZON:
            why = "Thresholds of guidelines are of ten years, which nobody was followed for."
            absent += [
                {"what": "Decision curve and net benefit", "why": why},
                {"what": "Reclassification", "why": why},
            ]
        return absent

    def _development(self, progress: Progress) -> dict[str, Any] | None:
        if self.study.plan is None:
            return None
        setting = Setting(
            workshop=Workshop(self.part),
            outcome=self.ranked_by,
            seen=self.seen,
            people=self.people,
            evidence=self.curves[self.study.against],
            horizon=self.horizon,
            level=self.study.outcome in LEVEL_COMPARABLE,
        )
        return develop(setting, self.study.plan, progress)


def silent(steps: Iterable[Any], what: str) -> Iterable[Any]:
    """Progress that says nothing."""
    return steps
