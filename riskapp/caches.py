"""Everything that a process keeps beyond the request that made it, in one table.

How many entries a cache has at most stands beside its code and is looked up there when the table is
shown (docs/caches.md). A cache without such a number takes arguments of a closed set, which the
table names. A test finds what is not in the table.
"""

from dataclasses import dataclass
from functools import reduce
from importlib import import_module
from typing import Any

ONE = "one"


@dataclass(frozen=True, slots=True)
class Cache:
    """One cache.

    Attributes
    ----------
    where : str
        Module and name.
    holds : str
    key : str
        What decides the content.
    most : str
        Where the code sets no number of entries: what bounds it.
    """

    where: str
    holds: str
    key: str
    most: str = ""

    @property
    def bound(self) -> str:
        if self.most:
            return self.most
        module, _, name = self.where.partition(":")
        kept: Any = reduce(getattr, name.split("."), import_module(module))
        return f"{kept.cache_info().maxsize:,}"


SHIPPED = "the files that ship, which never change in place"
WHILE_IT_IS_THERE = "lives with its object"
# fmt: off
CACHES: dict[str, tuple[Cache, ...]] = {
    "Of people": (
        Cache("riskapp.risk.predicting:explained", "reasons for one answer",
              "all answers, evidence set and convention"),
        Cache("riskapp.risk.kept_sums:_summed", "probabilities over a block of a grid",
              "every hazard that they are made of"),
        Cache("riskapp.risk.kept_sums:_columns", "the larger part of a block’s hazards",
              "every hazard that they are made of"),
        Cache("riskapp.risk.uncertainty:_drawn_from", "standard normal draws of the intervals",
              "how many were drawn before, from a fixed seed: which inputs are known"),
        Cache("riskapp.risk.uncertainty:_after_choosing", "where those begin if all is known",
              "a fixed seed", ONE),
        Cache("riskapp.risk.averages:_logs", "mean hazards of people of one age",
              "evidence set, population, sex, whole year of age, risk factor"),
        Cache("riskapp.risk.verdict_forms:_form", "what a guideline says, with no numbers",
              "which of its comparisons hold, and its notes"),
        Cache("riskapp.risk.verdict_forms:_reached", "how far it gets, without words",
              "which of its comparisons hold"),
        Cache("riskapp.exchange.answer_text:_form_text", "the first as JSON", "the same"),
    ),
    "Of published tables and what ships": (
        Cache("riskapp.risk.published:read", "a data file",
              "its name: " + SHIPPED, "a data file each"),
        Cache("riskapp.risk.published:printed", "the same for pages", "its name", "a file each"),
        Cache("riskapp.risk.published:_listed", "names of data files", "folder and its time"),
        Cache("riskapp.risk.populations:population", "a population; others are refused", "its code",
              "a population each"),
        Cache("riskapp.risk.evidence_sets:evidence_set", "a calibration; others are refused",
              "evidence set and population", "one for each two"),
        Cache("riskapp.risk.evidence_sets:fingerprint", "digest of all numbers", SHIPPED, ONE),
        Cache("riskapp.risk.bases:bases", "bases of hazards; others are refused",
              "evidence set and population", "one for each two"),
        Cache("riskapp.risk.bases:_lent_means", "mean hazards that others’ bases are matched to",
              "evidence set and population", "one for each two"),
        Cache("riskapp.risk.bone_measurements:family", "how measurements of bone go together",
              SHIPPED, ONE),
        Cache("riskapp.risk.bone_measurements:inverse_of", "a small matrix",
              "which of the measurements are known", "their choices"),
        Cache("riskapp.risk.bone_measurements:told_by", "a small matrix",
              "which are known, and which tell of the rest", "their choices"),
        Cache("riskapp.risk.bone_measurements:_weights", "small matrices",
              "which are known, and which tell of the rest", "their choices"),
        Cache("riskapp.risk.shapley:_weights", "shares of coalitions", "how many players"),
        Cache("riskapp.risk.many:_lines", "hazards of a kind of people, as lines",
              "parameters, population and sex"),
        Cache("riskapp.risk.one_complete:_tables", "the same, for one person's sums",
              "parameters, population and sex"),
        Cache("riskapp.risk.summation:_terms", "pieces of the hazards at one age",
              "parameters, population, sex and age"),
        Cache("riskapp.risk.guideline_data:listed", "the guidelines", SHIPPED, ONE),
        Cache("riskapp.risk.guideline_data:fields_read", "fields that they ask about",
              SHIPPED, ONE),
        Cache("riskapp.risk.guideline_data:common_term", "a condition that several name",
              "its name in the code", "a term each"),
        Cache("riskapp.risk.guideline_data:_by_code", "the guidelines", SHIPPED, ONE),
        Cache("riskapp.risk.guideline_data:placeholders", "what a sentence names", "the sentence"),
        Cache("riskapp.risk.guidelines:_by_kind", "the guidelines in order", SHIPPED, ONE),
        Cache("riskapp.risk.guidelines:_in_words", "a population’s name", "its code"),
        Cache("riskapp.risk.verdict_forms:_limits", "limits at an age", "guideline, and age band"),
        Cache("riskapp.risk.verdict_forms:_edges", "ages at which limits change",
              "a guideline’s code", "a guideline each"),
        Cache("riskapp.risk.comparisons:comparisons", "what all guidelines compare", SHIPPED,
              ONE),
        Cache("riskapp.risk.comparisons:givens", "those of what is known", SHIPPED, ONE),
        Cache("riskapp.risk.comparisons:_by_field", "those of each field", SHIPPED, ONE),
        Cache("riskapp.risk.comparisons:_all_edges", "ages at which any limit changes", SHIPPED,
              ONE),
        Cache("riskapp.risk.comparisons:_in_band", "comparisons with the limits of an age band",
              "the band", "an age band each"),
        Cache("riskapp.risk.verdict_forms:_own", "which a guideline makes", "its code",
              "a guideline each"),
        Cache("riskapp.risk.verdict_forms:_placed", "a guideline that is told how they come out",
              "its code", "a guideline each"),
        Cache("riskapp.risk.recall_rules:recall_rules", "when to look again", SHIPPED, ONE),
        Cache("riskapp.risk.effect_sources:effect_sources", "publications by field",
              "evidence set; others are refused", "an evidence set each"),
        Cache("riskapp.risk.treatments:listed", "the treatments", SHIPPED, ONE),
        Cache("riskapp.risk.treatments:for_patients", "those for patients", SHIPPED, ONE),
        Cache("riskapp.risk.treatment_benefits:_normal_quantiles", "numbers", "a constant", ONE),
        Cache("riskapp.actions.versions:table_hashes", "digests of the tables", SHIPPED, ONE),
        Cache("riskapp.actions.versions:tables_hash", "digest of them all", SHIPPED, ONE),
        Cache("riskapp.training.simulation.truth:_mean_hazards", "mean hazards",
              "population, sex, risk factor", "one for each three"),
        Cache("riskapp.cohorts.site_schema:_form", "the form of a site’s schema", SHIPPED, ONE),
        Cache("riskapp.exchange.clinical_codes:standard_codes", "codes that are read",
              SHIPPED, ONE),
        Cache("riskapp.exchange.cds_services:_observed", "those of LOINC", SHIPPED, ONE),
        Cache("riskapp.exchange.dicom_codes:_table", "codes that are written", SHIPPED, ONE),
        Cache("riskapp.exchange.fhir.writing.codes:guideline_categories", "categories by code",
              SHIPPED, ONE),
        Cache("riskapp.exchange.fhir.writing.codes:code_systems", "codes of ours", SHIPPED, ONE),
        Cache("riskapp.exchange.languages:languages", "languages", SHIPPED, ONE),
        Cache("riskapp.exchange.peer_http:_usual_authorities", "authorities that are trusted",
              SHIPPED, ONE),
        Cache("riskapp.exchange.printing:_style", "a parsed style sheet", "its text and size"),
        Cache("riskapp.exchange.printing:drawing_rules", "rules for drawings", "the style sheet"),
        Cache("riskapp.web.report:_styles", "style sheets", "their names in the code",
              "a report each"),
        Cache("riskapp.web.presenters.fields:kept_only", "names of fields", SHIPPED, ONE),
        Cache("riskapp.web.presenters.fields:kind_of", "the kind of control",
              "a field’s name; others are refused", "a field each"),
        Cache("riskapp.web.presenters.fields:_types", "types of fields", "the code", ONE),
        Cache("riskapp.api.documents:description", "the description of the JSON doors", "the code",
              ONE),
        Cache("riskapp.api.documents:_as_yaml", "the same as YAML", "the code", ONE),
        Cache("riskapp.api.examples:examples", "examples of calls", SHIPPED, ONE),
        Cache("riskapp.api.fhir.examples:examples", "examples of FHIR", SHIPPED, ONE),
        Cache("riskapp.api.security_description:_names", "names of doors", "the code", ONE),
    ),
    "Of models": (
        Cache("riskapp.modelstore.engines:_evidence", "an engine", "evidence set"),
        Cache("riskapp.modelstore.engines:_learned", "an engine", "engine and id of the model"),
        Cache("riskapp.actions.serving:_engine", "an engine of a site’s own",
              "id, digest, and stamps of its files"),
        Cache("riskapp.actions.serving:_columns", "columns that it reads",
              "id, digest, and stamps of its files"),
        Cache("riskapp.actions.serving:trained_day", "the day it was trained", "id of the model"),
        Cache("riskapp.modelstore.self_test:golden_of", "golden estimates that ship",
              "evidence set or id of the model"),
        Cache("riskapp.modelstore.self_test:_found", "what the self-test found",
              "id of the model, and version of its files and golden estimates",
              "256 of sites’ own that passed; what ships; what fails"),
        Cache("riskapp.risk.boosting:_hazard.read", "trees", "the model", WHILE_IT_IS_THERE),
        Cache("riskapp.risk.boosting:_hazard.forest", "its trees laid out", "the model",
              WHILE_IT_IS_THERE),
        Cache("riskapp.risk.boosting:_hazard.laid", "its ways laid out", "the model",
              WHILE_IT_IS_THERE),
        Cache("riskapp.risk.tree_walking:_compiled", "a compiled loop", "the code", ONE),
        Cache("riskapp.risk.posterior:Posterior.root", "root of a matrix", "the model",
              WHILE_IT_IS_THERE),
        Cache("imaging.segmentation.weights:shipped", "a network", "its target"),
        Cache("riskapp.training.storing:_fresh_people", "simulated people", "how they were made"),
    ),
    "Of one piece of work": (
        Cache("riskapp.actions.gathering:Record.estimate", "an estimate", "the record",
              WHILE_IT_IS_THERE),
        Cache("riskapp.actions.fhir.rows:all_observations.told",
              "an assessment, as its Observations are written from it", "the assessment",
              WHILE_IT_IS_THERE),
        Cache("riskapp.actions.gathering:Record.density_days", "days", "the record",
              WHILE_IT_IS_THERE),
        Cache("riskapp.actions.trail.appending:_queue", "rows that wait for the disk",
              "none: each is taken out once", "a thread each"),
        Cache("riskapp.evaluation.course:Course.order", "an order", "the course",
              WHILE_IT_IS_THERE),
        Cache("riskapp.evaluation.course:Course.moments", "times", "the course", WHILE_IT_IS_THERE),
        Cache("riskapp.evaluation.course:Course.table", "how many leave", "the course",
              WHILE_IT_IS_THERE),
        Cache("riskapp.evaluation.course:Course.last", "a time", "the course", WHILE_IT_IS_THERE),
        Cache("riskapp.exchange.printing:_fitted.parsed", "a report, read", "its text",
              "one report’s"),
        Cache("riskapp.exchange.printing:_fitted.laid_out", "a report, laid out", "its size",
              "one report’s"),
        Cache("riskapp.management.score_on_workers:_answering", "engines of a worker",
              "how the table is asked about"),
    ),
    "Of keys, peers and settings": (
        Cache("riskapp.sqlite.base:_with_question_marks", "a query as SQLite reads it",
              "its text, which holds no values"),
        Cache("riskapp.key_ring:parsed", "a ring of keys", "its text"),
        Cache("riskapp.key_ring:_derived", "a derived key", "key, purpose and salt"),
        Cache("riskapp.keys:_read", "the ring of a file", "path, time, inode and mode"),
        Cache("riskapp.keys:_cipher", "a cipher", "the key"),
        Cache("riskapp.actions.own_keys:_read", "the site’s own key", "path"),
        Cache("riskapp.actions.connecting:_read", "connections", "path, time and size"),
        Cache("riskapp.actions.signing_in:_discovered", "what a sign-in service says of itself",
              "address, origins, and ten-minute period"),
        Cache("riskapp.exchange.published_keys:_held", "public keys of others",
              "address and algorithms", "256"),
        Cache("riskapp.actions.looking:_nothing", "when nothing was outdated last", "a constant",
              ONE),
        Cache("riskapp.actions.nightly:_last_asked", "when it was asked last", "a constant", ONE),
        Cache("riskapp.actions.trail.witness:_last", "when it was written last",
              "a place of the settings", "a place each"),
    ),
}
# fmt: on
# Filled at import, or set for another program: nothing is kept there.
NO_CACHES = (
    "riskapp.actions.delivering:HANDLERS",
    "riskapp.gunicorn_settings:secure_scheme_headers",
)  # fmt: skip


HEAD = """\
# Caches

Written by `TRABECULA_DESCRIBE=1 pytest tests/operation/test_caches.py` from the table in
`riskapp/caches.py`: everything that a process keeps beyond the request that made it. Nothing of it
is written to disk or shared between processes; Django’s own cache is not used. What numba compiled
is kept on disk, as long as the file of the code is the same (`NUMBA_CACHE_DIR`). Dictionaries
inside an object go with it: with a batch, a job or a model.

What patients answered is held by the first three alone, in memory, without a name or a number of a
record, and until the next ones take its place.
"""


def document() -> str:
    """docs/caches.md."""
    parts = [HEAD]
    for title, caches in CACHES.items():
        parts.append(
            f"\n## {title}\n\n| cache | holds | by | at most |\n| --- | --- | --- | --- |\n"
        )
        parts += [
            f"| `{one.where.removeprefix('riskapp.')}` | {one.holds} | {one.key} | {one.bound} |\n"
            for one in caches
        ]
    return "".join(parts)
