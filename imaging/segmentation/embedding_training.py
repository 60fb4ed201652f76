"""Self-supervised training of texture encoders: two looks at one patch belong together.

Contrastive learning after Chen et al. 2020 (SimCLR, ICML, arXiv 2002.05709). Patches are drawn,
or cut from scans that the user names; no label and no outcome is used.
"""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.numpy import load as load_arrays
from safetensors.numpy import save as save_arrays
from torch.nn import functional

from imaging.errors import UnsuitableWeights
from imaging.segmentation.embedding import CELLS, KINDS, NUMBERS, Embedder, Encoder, Kind, standard
from imaging.segmentation.synthesis import Array, Random, clouds, grain
from imaging.segmentation.training import Report
from imaging.segmentation.weights import CARD, MOST_BYTES, RECIPE, WEIGHTS

BATCH = 24
LEARNING_RATE = 2e-3
TEMPERATURE = 0.2
DEFAULT_STEPS = 300
MARGIN = 16  # cells beyond a patch within which both looks lie


def train_encoder(
    kind: Kind,
    seed: int,
    steps: int = DEFAULT_STEPS,
    wholes: Sequence[Array] = (),
    report: Report | None = None,
) -> Encoder:
    """Train an encoder; the same arguments give the same weights.

    Parameters
    ----------
    wholes : sequence of ndarray
        Pictures on a grid of CELL_MM, larger than a patch with its margin, to cut patches from;
        textures are drawn where there are none.
    """
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    encoder = Encoder(kind)
    optimiser = torch.optim.AdamW(encoder.parameters(), lr=LEARNING_RATE)
    for step in range(steps):
        rng = np.random.default_rng([seed, step])
        fields = [_field(rng, wholes) for _ in range(BATCH)]
        looks = [
            torch.from_numpy(np.stack([look(rng, field) for field in fields]))[:, None]
            for _ in range(2)
        ]
        optimiser.zero_grad(set_to_none=True)
        loss = apart(encoder(looks[0]), encoder(looks[1]))
        torch.autograd.backward(loss)
        optimiser.step()
        if report is not None:
            report(step + 1, float(loss.detach()))
    encoder.eval()
    return encoder


def apart(one: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    """Ask that each patch be nearest to its own second look."""
    likeness = one @ other.T / TEMPERATURE
    own = torch.arange(len(one))
    return (functional.cross_entropy(likeness, own) + functional.cross_entropy(likeness.T, own)) / 2


def draw_texture(rng: Random) -> Array:
    """Draw a field of struts and gaps: noise of several sizes, stretched in one direction."""
    side = CELLS + MARGIN
    field = np.zeros((side, side), np.float32)
    for size in rng.uniform(1.0, 9.0, 3):
        stretch = rng.uniform(1.0, 2.5)
        rows = clouds(rng, (side, round(side * stretch)), size)
        field += rng.uniform(0, 1) * rows[:, :side]
    return np.asarray(field + rng.uniform(0, 0.5) * grain(rng, field.shape, 0), dtype=np.float32)


def look(rng: Random, field: Array) -> Array:
    """Look at a patch once more: shifted, mirrored, on another grey scale, with other noise."""
    top, left = rng.integers(0, MARGIN + 1, 2)
    patch = field[top : top + CELLS, left : left + CELLS]
    if rng.random() < 0.5:
        patch = patch[:, ::-1]
    patch = standard(patch)
    bent = np.sign(patch) * np.abs(patch) ** rng.uniform(0.8, 1.25)
    return standard(np.asarray(bent + rng.uniform(0, 0.15) * grain(rng, bent.shape, 0)))


def _field(rng: Random, wholes: Sequence[Array]) -> Array:
    if not wholes:
        return draw_texture(rng)
    whole = wholes[int(rng.integers(len(wholes)))]
    side = CELLS + MARGIN
    top, left = (int(rng.integers(n - side + 1)) for n in whole.shape)
    return np.ascontiguousarray(whole[top : top + side, left : left + side])


def write_encoder(encoder: Encoder, folder: Path, seed: int, steps: int, scans: int) -> str:
    """Write weights, recipe and card; give the SHA-256 of the weights."""
    arrays = {
        name: np.ascontiguousarray(values.numpy()) for name, values in encoder.state_dict().items()
    }
    data = save_arrays(arrays)
    sha256 = hashlib.sha256(data).hexdigest()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / WEIGHTS).write_bytes(data)
    recipe = {"kind": encoder.kind, "seed": seed, "steps": steps, "scans": scans}
    told = {"weights_sha256": sha256, "torch": torch.__version__, "recipe": recipe}
    (folder / RECIPE).write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    source = f"patches of {scans} scans without labels" if scans else "drawn textures only"
    (folder / CARD).write_text(
        f"# Texture encoder ({encoder.kind})\n\n"
        f"{NUMBERS} numbers of a patch of bone. Weights SHA-256 `{sha256}`.\n\n"
        f"Trained for {steps} steps, seed {seed}, on {source}, to know a patch again when it is "
        "shifted, mirrored, noisier or on another grey scale. No label and no outcome was used.\n\n"
        "**It carries no clinical evidence.** Nothing is known of how these numbers go with "
        "fractures; they are offered for research and enter no estimate.\n",
        encoding="utf-8",
    )
    return sha256


def read_encoder(folder: Path) -> Embedder:
    """Read an encoder back.

    Raises
    ------
    UnsuitableWeights
        If files are missing, are not what the recipe says, or do not fit.
    """
    try:
        told = json.loads((folder / RECIPE).read_text(encoding="utf-8"))
        kind = told["recipe"]["kind"]
        if kind not in KINDS or (folder / WEIGHTS).stat().st_size > MOST_BYTES:
            raise UnsuitableWeights("The encoder is of no known kind or too large.")
        data = (folder / WEIGHTS).read_bytes()
        if hashlib.sha256(data).hexdigest() != told["weights_sha256"]:
            raise UnsuitableWeights("The encoder's weights are not those its recipe names.")
        encoder = Encoder(kind)
        arrays = load_arrays(data)
        encoder.load_state_dict({name: torch.from_numpy(a) for name, a in arrays.items()})
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as error:
        raise UnsuitableWeights("The encoder's weights or recipe cannot be read.") from error
    encoder.eval()
    return Embedder(encoder, told["weights_sha256"])
