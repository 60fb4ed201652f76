"""From a recipe to a folder: training, trying out, weights and card."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from imaging.errors import UnsuitableScan
from imaging.intake.gathering import gather
from imaging.intake.other_formats import read_nifti
from imaging.segmentation.card import card
from imaging.segmentation.evaluating import RailDice, rail_dice
from imaging.segmentation.label_maps import label_volume, read_label_map, sha256_of
from imaging.segmentation.network import UNet, parameters_of
from imaging.segmentation.pretraining import pretrain
from imaging.segmentation.recipe import Target, recipe_for
from imaging.segmentation.sources import drawing
from imaging.segmentation.training import Report, held_out_dice, train
from imaging.segmentation.unlabelled import read_unlabelled
from imaging.segmentation.weights import CARD, write

HELD_OUT_PICTURES = 60
PRETRAINING_SHARE = 0.3  # of the steps of training


@dataclass(frozen=True, slots=True)
class Sources:
    """What a user adds to drawn anatomy; what ships used nothing of it but the labelled CTs."""

    label_maps: Sequence[Path] = ()
    unlabelled: Sequence[Path] = ()
    labelled_cts: Sequence[tuple[Path, Path]] = ()


def make(
    target: Target,
    folder: Path,
    minutes: float,
    seed: int,
    sources: Sources,
    report: Report | None = None,
) -> str:
    """Train a network and write its folder; give its card.

    Raises
    ------
    UnreadableScan, UnsuitableScan
        If a file that was given cannot be used.
    OSError
        If a file cannot be read, or the folder not be written.
    """
    maps = [read_label_map(path, target) for path in sources.label_maps]
    pictures = [read_unlabelled(path, target) for path in sources.unlabelled]
    recipe = replace(
        recipe_for(target, minutes, seed),
        label_maps=tuple(sha256_of(path) for path in sources.label_maps),
        pretrained_on=tuple(_scan_sha256(path) for path in sources.unlabelled),
    )
    start = None
    if pictures:
        steps = max(1, round(recipe.steps * PRETRAINING_SHARE))
        start = pretrain(recipe, pictures, steps, report)
    draw = drawing(recipe, maps)
    network = train(recipe, draw, start, report)
    sha256 = write(network.plain(), recipe, folder)
    told = card(
        recipe,
        sha256,
        parameters_of(network),
        held_out_dice(network, recipe, drawing(replace(recipe, label_maps=())), HELD_OUT_PICTURES),
        [tried_on(network, image, bodies) for image, bodies in sources.labelled_cts]
        if target == "ct"
        else (),
    )
    (folder / CARD).write_text(told, encoding="utf-8")
    return told


def tried_on(network: UNet, image: Path, bodies: Path) -> RailDice:
    """Try a network on a labelled CT: grey values, and a volume with a number for each body."""
    volume = read_nifti(gather([image])[0].data)
    marked = np.rint(label_volume(bodies).voxels).astype(np.int_)
    if marked.shape != volume.voxels.shape:
        raise UnsuitableScan(f"{bodies.name} is not of the same size as {image.name}.")
    return rail_dice(volume, marked, network.plain())


def _scan_sha256(path: Path) -> str:
    """Give the hash of a file, or of the hashes of all files in a folder."""
    if path.is_file():
        return sha256_of(path)
    files = sorted(sha256_of(file) for file in path.rglob("*") if file.is_file())
    return hashlib.sha256("".join(files).encode()).hexdigest()
