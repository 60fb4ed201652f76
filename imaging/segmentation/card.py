"""The card of a network, generated from its recipe and from what it was tried on."""

from collections.abc import Mapping, Sequence

from imaging.segmentation.evaluating import RailDice
from imaging.segmentation.labels import Ct, Flat
from imaging.segmentation.recipe import STEPS_PER_MINUTE, Recipe

WHAT = {
    "ct": "vertebral bodies and discs on CT, in the space unrolled along the spinal canal "
    "(cells of 2 mm)",
    "flat": "vertebral bodies and discs from the front and from the side, and the parts of a hip "
    "from the front, on flat pictures (cells of 1 mm)",
}
# Seen when the networks were tried beside geometry on real and on drawn scans.
WEAK = {
    "ct": (
        "Telling the sacrum: it was drawn roughly, and its levels are no concern of the network.",
    ),
    "flat": (
        "Hips: on the one real hip it was tried on it took much of the neck for pelvis and the "
        "socket for the head, and nothing in the product asks it about hips.",
        "Finding an error of half a vertebra on a frontal spine: it sees dark windows between "
        "laminae as discs too. Errors to the side it does find, and from the side both.",
    ),
}
USES = """## What it is for
It looks at regions that geometry placed. Where the two ways differ, the region's confidence falls \
and a person is asked. It places no region by itself, names no level and gives no number.

## What it must not be used for
- Marking bone without the geometric way: away from the canal it calls hips and ribs bodies.
- Finding fractures, tumours or any other disease; it was drawn none but crushed bodies.
- Density, texture or risk: its chances are not measurements of bone.
{more}- Children, and anatomy with fewer or more vertebrae than drawn: not tried.
"""


def card(
    recipe: Recipe,
    sha256: str,
    parameters: int,
    held_out: Mapping[int, float],
    real: Sequence[RailDice] = (),
) -> str:
    """Write the card as Markdown.

    Parameters
    ----------
    held_out : mapping of int to float
        Dice of each class on drawn pictures that training never saw.
    real : sequence of RailDice
        What came out on labelled CTs; empty where none was given.
    """
    classes = Ct if recipe.target == "ct" else Flat
    lines = [
        f"# Network for {WHAT[recipe.target]}",
        "",
        f"A U-Net of {parameters:,} parameters; weights SHA-256 `{sha256}`.",
        "",
        USES.format(more="".join(f"- {line}\n" for line in WEAK[recipe.target])),
        "## How it was made",
        f"- {_shapes(recipe)}",
        "- Contrast, blur, noise, resolution, slice thickness, uneven scale, vessels, metal and "
        "anatomy are drawn anew for every picture (the idea of Billot et al. 2023, SynthSeg, "
        "doi 10.1016/j.media.2023.102789).",
        f"- {recipe.steps} steps of {recipe.batch} pictures of "
        f"{' x '.join(str(n) for n in recipe.shape)} cells, seed {recipe.seed}, highest learning "
        f"rate {recipe.learning_rate}, one thread; about "
        f"{recipe.steps / STEPS_PER_MINUTE[recipe.target]:.0f} minutes of a laptop.",
        f"- Self-supervised pre-training: {_pretraining(recipe)}",
        "",
        "## How well it does (Dice)",
        "On drawn pictures that training never saw:",
        "",
        "| class | Dice |",
        "| --- | --- |",
        *[
            f"| {classes(k).name.lower().replace('_', ' ')} | {v:.3f} |"
            for k, v in held_out.items()
        ],
        "",
        *_real(recipe, real),
    ]
    return "\n".join(lines)


def _shapes(recipe: Recipe) -> str:
    if not recipe.label_maps:
        return "Every shape is parametric: no scan of any person was used in training."
    names = ", ".join(f"`{sha256[:12]}`" for sha256 in recipe.label_maps)
    return f"Shapes are parametric, and half are from {len(recipe.label_maps)} label maps: {names}."


def _pretraining(recipe: Recipe) -> str:
    if not recipe.pretrained_on:
        return "none."
    return f"on {len(recipe.pretrained_on)} scans without labels."


def _real(recipe: Recipe, real: Sequence[RailDice]) -> list[str]:
    if recipe.target != "ct":
        return ["No labelled flat picture was there to try it on.", ""]
    if not real:
        return ["No labelled CT was given to try it on.", ""]
    lines = [
        "On labelled CTs of people, vertebral bodies inside the rail, the network alone:",
        "",
        "| CT | each body, in the order of its number | mean | all together |",
        "| --- | --- | --- | --- |",
    ]
    for number, tried in enumerate(real, start=1):
        each = list(tried.each.values())
        lines.append(
            f"| {number} | {', '.join(f'{value:.3f}' for value in each)} "
            f"| {sum(each) / len(each):.3f} | {tried.together:.3f} |"
        )
    return [
        *lines,
        "",
        "No shape or grey value of these CTs was trained on. The drawing was looked at beside the "
        "first of them while it was written, so that these figures are kinder than a stranger's "
        "scan may be.",
        "",
    ]
