"""What can answer: every engine and stored model, and every population."""

from dataclasses import dataclass

from django.contrib.auth.models import User

from riskapp.actions.serving import columns_of
from riskapp.models import Membership, RegisteredModel
from riskapp.modelstore import SHIPPED, StoredModel, listed
from riskapp.risk import evidence_sets, published
from riskapp.risk.bases import in_words
from riskapp.risk.evidence import EvidenceEngine
from riskapp.risk.populations import population
from riskapp.risk.site_columns import SiteColumn

EVIDENCE_CARD = """# Published evidence

Hazards of hip fracture, other major osteoporotic fracture and death, each with named effects of
every risk factor. Effects start from published relative risks. They and the bases of {bases}
populations were calibrated together to FRAX's results:

{results}

Other populations rest on published fracture incidence. Death rates are published. The answers are
comparable with FRAX; agreement with it is by construction and is no validation.

Every number has its source, and a mark where it was not read in the publication, in the data files
beside the code. No patient data were used, but for death and T-score by risk factor and for how
common risk factors are: own regressions on public surveys (NHANES). What is borrowed between
populations is said with each population. The SHA-256 is that of the list of the data files with
their hashes.
"""


@dataclass(frozen=True, slots=True)
class DescribedModel:
    """One model as other programs see it; ``sha256`` changes whenever its numbers do.

    Attributes
    ----------
    status : str
        ``published``, ``shipped``, where a model of the organisation stands in its life, or
        ``not registered``: trained at a shell, and answering nobody here.
    approved_by : str or None
        Who stood by a model of the organisation.
    site_columns : tuple of SiteColumn
        What it asks of people beyond our fields.
    """

    model_id: str
    engine: str
    trained_on: str
    sha256: str
    card: str
    status: str
    approved_by: str | None = None
    site_columns: tuple[SiteColumn, ...] = ()


def models(*, by: User | None = None) -> list[DescribedModel]:
    """The evidence engine with each evidence set first, then the stored models.

    Models of other organisations are left out, and so is every folder that was changed; without
    a user, all but those that ship.
    """
    described = []
    numbers = published.sha256_of_all()
    for name in evidence_sets.listed():
        evidence = EvidenceEngine(name)  # described, whether it answers or not
        borrowed = "".join(f"\n{sentence}\n" for sentence in evidence_sets.remarks(name))
        described.append(
            DescribedModel(
                evidence.model_id,
                evidence.name,
                evidence.trained_on,
                numbers,
                _evidence_card() + borrowed,
                "published",
            )
        )
    stored = listed()
    shipped = [model for model in stored if model.model_id in SHIPPED.values()]
    described += [_stored(model, "shipped") for model in shipped]
    if by is not None:
        described += _of_site(by, [model for model in stored if model not in shipped])
    return described


def _of_site(by: User, stored: list[StoredModel]) -> list[DescribedModel]:
    """Models trained at this site, less those that are another organisation's."""
    described = []
    registered = {
        row.model_id: row for row in RegisteredModel.objects.select_related("approved_by")
    }
    here = Membership.objects.filter(user=by).values_list("organisation_id", flat=True).first()
    for model in stored:
        row = registered.get(model.model_id)
        if row is None:
            described.append(_stored(model, "not registered"))
        elif row.organisation_id == here and row.sha256 == model.sha256:
            approved_by = row.approved_by.get_username() if row.approved_by else None
            described.append(_stored(model, row.status, approved_by))
    return described


def _stored(model: StoredModel, status: str, approved_by: str | None = None) -> DescribedModel:
    return DescribedModel(
        model.model_id,
        model.engine,
        model.trained_on,
        model.sha256,
        model.card,
        status,
        approved_by,
        columns_of(model),
    )


def _evidence_card() -> str:
    """What every evidence set rests on, with the numbers of the calibration that all share."""
    stored = published.read("evidence/frax-2008")
    results = [f"- {one['cases']:,} results: {one['source']}" for one in stored["calibrated_to"]]
    return EVIDENCE_CARD.format(bases=len(stored["baselines"]), results="\n".join(results))


@dataclass(frozen=True, slots=True)
class DescribedPopulation:
    """One population that can be chosen.

    Attributes
    ----------
    sexes : tuple of str
        Whose fractures are published; nobody else is answered for.
    bases : dict of evidence set to str
        How each evidence set came by the population's fracture hazards, in words.
    """

    code: str
    name: str
    years: str
    sexes: tuple[str, ...]
    sources: tuple[str, ...]
    borrowed: tuple[str, ...]
    bases: dict[str, str]


def population_names() -> dict[str, str]:
    """Name by code of every population that some evidence set can answer for."""
    return {one.code: one.name for one in evidence_sets.choosable()}


def population_name(code: str) -> str:
    """The same of one; a code that names none is its own name."""
    is_known = code in published.names("populations") and evidence_sets.answering(code)
    return population(code).name if is_known else code


def populations() -> list[DescribedPopulation]:
    """Every population that some evidence set can answer for."""
    return [
        DescribedPopulation(
            code=one.code,
            name=one.name,
            years=one.years,
            sexes=one.sexes,
            sources=one.sources,
            borrowed=one.borrowed,
            bases={name: in_words(name, one.code) for name in evidence_sets.answering(one.code)},
        )
        for one in evidence_sets.choosable()
    ]
