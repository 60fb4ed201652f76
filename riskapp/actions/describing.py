"""What can answer: every engine and stored model, and every population."""

from dataclasses import dataclass

from riskapp.modelstore import engine_named, listed
from riskapp.risk import populations as risk_populations
from riskapp.risk.populations import Population

EVIDENCE_CARD = """# Published evidence

Hazards of hip fracture, other major osteoporotic fracture and death built from published
incidence, mortality and relative risks, each with its source in the data file beside it. It was
fitted to no patient data. What is borrowed between populations is said with each population.
"""


@dataclass(frozen=True, slots=True)
class DescribedModel:
    """One model as other programs see it; ``sha256`` is None where the code is the model."""

    model_id: str
    engine: str
    trained_on: str
    sha256: str | None
    card: str


def models() -> list[DescribedModel]:
    """The evidence engine first, then the stored models."""
    evidence = engine_named("evidence")
    described = [
        DescribedModel(evidence.model_id, evidence.name, evidence.trained_on, None, EVIDENCE_CARD)
    ]
    described += [
        DescribedModel(model.model_id, model.engine, model.trained_on, model.sha256, model.card)
        for model in listed()
    ]
    return described


def populations() -> tuple[Population, ...]:
    return risk_populations.listed()
