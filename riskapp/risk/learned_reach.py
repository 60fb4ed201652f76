"""What a learned engine says of somebody who is not like the people it was trained on."""

from collections.abc import Mapping
from types import MappingProxyType

from riskapp.risk.design_row import COLUMNS, Floats, known_values
from riskapp.risk.estimate import Outcome
from riskapp.risk.learned_model import LearnedModel
from riskapp.risk.learned_person import Person
from riskapp.risk.reach import Beyond, Flag


def swing(learned: Mapping[Outcome, Floats], evidence: Mapping[Outcome, Floats]) -> float:
    """Spread of what the engine adds over the completions, as a share of the probability.

    Parameters
    ----------
    learned, evidence : mapping of outcome to ndarray, shape (n, years)
        Probabilities of the completions; the last year counts, and the outcome that swings most.
    """
    return max(
        float((learned[outcome][:, -1] - each[:, -1]).std() / learned[outcome][:, -1].mean())
        for outcome, each in evidence.items()
    )


def beyond(
    engine: LearnedModel,
    person: Person,
    swing: float = 0.0,
    f: Mapping[str, Floats] = MappingProxyType({}),
    *,
    unusual: bool | None = None,
) -> tuple[Beyond, ...]:
    """Every reason why the number deserves less trust, each with a sentence.

    Parameters
    ----------
    swing : float
        By ``swing``, of this person; 0 where all is known.
    f : mapping of cause to ndarray, shape (n,)
        Of the completions, where there are several.
    unusual : bool, optional
        Whether the known numbers together are, where that is known.
    """
    profile = person.profile
    known = known_values(profile)
    found = [*_other_population(engine, profile.population), *_never_seen(engine, known)]
    if engine.reach is None:
        return tuple(found)
    unknown = tuple(name for name in engine.read if name not in known)
    maker = profile.dxa_manufacturer.value if profile.dxa_manufacturer else None
    if unusual is None:
        found += engine.reach.unusual(known, engine.name)
    elif unusual:
        found += engine.reach.unlike(engine.name)
    found += engine.reach.other_scanner(maker, engine.name)
    found += engine.reach.rests_on_unknown(f, swing, unknown, engine.name)
    return tuple(found)


def _other_population(engine: LearnedModel, code: str) -> list[Beyond]:
    if code in engine.populations:
        return []
    sentence = (
        f"The engine {engine.name} learned from people of population "
        f"{', '.join(engine.populations)}; for {code} it starts from that population’s own "
        "evidence, and what was learned may not hold there."
    )
    return [Beyond(Flag.OTHER_POPULATION, sentence)]


def _never_seen(engine: LearnedModel, known: dict[str, float]) -> list[Beyond]:
    return [
        Beyond(
            Flag.OUTSIDE_SEEN_RANGE,
            f"{COLUMNS[name].field if name in COLUMNS else name} is {known[name]:g}; in nearly "
            f"all people that {engine.name} was trained on it is from {lower:.3g} to {upper:.3g}.",
        )
        for name, (lower, upper) in engine.seen.items()
        if name in known and not lower <= known[name] <= upper
    ]
