"""Worlds that differ from the evidence by known amounts, and the people in them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from riskapp.training.simulation.options import Options, SiteEffect
from riskapp.training.storing import followed_to_the_end

# Of CT the evidence reads what it tells of another texture, which does not act in these worlds.
NO_CT: Mapping[str, Any] = {"imaging_effects": False, "not_recorded": ("l1_attenuation_hu",)}
STRENGTH = SiteEffect(name="muscle_strength", hip=0.75, other=0.8, per_decade=-0.4)


@dataclass(frozen=True, slots=True)
class World:
    """What is true in it.

    Attributes
    ----------
    told : str
        In words, for the page.
    options : mapping
        Of the simulator, beside people and seed.
    """

    told: str
    options: Mapping[str, Any]


WORLDS = {
    "evidence-right": World(
        "the evidence is right in everything; there is nothing to learn", NO_CT
    ),
    "level-wrong": World(
        "fractures are 1.5 times as frequent as the evidence says",
        {**NO_CT, "true_incidence": 1.5},
    ),
    "effect-and-column": World(
        "smoking multiplies fracture hazards by a further 1.6, and a site column (muscle "
        "strength: 0.75 per SD for hip, 0.8 for other major) says what the evidence does not know",
        {
            **NO_CT,
            "changed_effects": {"current_smoker": 1.6},
            "site_effects": (STRENGTH,),
        },
    ),
    "imaging": World("texture, CT attenuation and hip axis say more than the evidence knows", {}),
}


def options_of(world: World, people: int, seed: int, population: str) -> Options:
    """For the simulator; all are followed for ten years or to death."""
    return followed_to_the_end(
        Options(people=people, seed=seed, population=population, **world.options)
    )
