"""Trained networks on disk: safetensors with a recipe, checked by hash, never a pickle."""

import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load as load_arrays
from safetensors.numpy import save as save_arrays

from imaging.errors import UnsuitableWeights
from imaging.segmentation.forward import PlainNetwork
from imaging.segmentation.recipe import Recipe, Target

SHIPPED: dict[Target, str] = {"ct": "ct-spine-2", "flat": "flat-bones-1"}
FOLDER = Path(__file__).parent / "weights"
WEIGHTS, RECIPE, CARD = "weights.safetensors", "recipe.json", "card.md"
MOST_BYTES = 2_000_000


@dataclass(frozen=True, slots=True)
class Trained:
    """A network with the recipe it came from and the hash of its weights."""

    network: PlainNetwork
    recipe: Recipe
    sha256: str


def write(network: PlainNetwork, recipe: Recipe, folder: Path) -> str:
    """Write weights and recipe into a folder; give the SHA-256 of the weights."""
    data = save_arrays(dict(network.arrays))
    if len(data) > MOST_BYTES:
        raise UnsuitableWeights(f"The weights take more than {MOST_BYTES} bytes.")
    sha256 = hashlib.sha256(data).hexdigest()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / WEIGHTS).write_bytes(data)
    told = {"weights_sha256": sha256, "torch": version("torch"), "recipe": recipe.to_json()}
    (folder / RECIPE).write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    return sha256


def read(folder: Path) -> Trained:
    """Read a network back.

    Raises
    ------
    UnsuitableWeights
        If files are missing, are not what the recipe says, or do not fit its design.
    """
    try:
        told: dict[str, Any] = json.loads((folder / RECIPE).read_text(encoding="utf-8"))
        recipe = Recipe.from_json(told["recipe"])
        if (folder / WEIGHTS).stat().st_size > MOST_BYTES:
            raise UnsuitableWeights("The network's weights are larger than any of ours.")
        data = (folder / WEIGHTS).read_bytes()
        if hashlib.sha256(data).hexdigest() != told["weights_sha256"]:
            raise UnsuitableWeights("The network's weights are not those its recipe names.")
        arrays = load_arrays(data)
    except (OSError, ValueError, KeyError, TypeError, SafetensorError) as error:
        raise UnsuitableWeights("The network's weights or recipe cannot be read.") from error
    if not all(np.isfinite(values).all() for values in arrays.values()):
        raise UnsuitableWeights("The network's weights hold values that are not numbers.")
    if {name: values.shape for name, values in arrays.items()} != recipe.design.shapes():
        raise UnsuitableWeights("The network's weights do not fit its design.")
    return Trained(PlainNetwork(recipe.design, arrays), recipe, str(told["weights_sha256"]))


@lru_cache(maxsize=2)
def shipped(target: Target) -> Trained:
    """Give the network that comes with the product."""
    return read(FOLDER / SHIPPED[target])
