"""The sentence that refuses a scan: what it is, and what would be measured."""

from imaging.intake.accepted import MEASURED
from imaging.kinds.recognising import PLAIN_NAME, Recognised

MODALITIES = {"dxa": "a DXA image", "radiograph": "a radiograph", "mri": "an MRI image"}
VIEWS = {"ap": " from the front", "lateral": " from the side"}


def why_not(seen: Recognised, plain_size: tuple[int, int] | None = None) -> str:
    """Put what was recognised into one sentence.

    Parameters
    ----------
    plain_size : tuple of int, optional
        (columns, rows) of a picture file without tags.
    """
    kind = seen.kind
    part = PLAIN_NAME.get(kind.body_part, kind.body_part.replace("_", " "))
    if plain_size is not None:
        looks = f" that looks like a {part}" if kind.body_part != "unknown" else ""
        return (
            f"This is a plain picture of {plain_size[0]} × {plain_size[1]} pixels{looks}, with "
            f"neither spacing nor scanner, so bone is not measured on it; {MEASURED}."
        )
    if seen.other is not None:
        return f"This is {seen.other}, which is not measured; {MEASURED}."
    name = MODALITIES.get(kind.modality)
    if name is None:
        return f"This is not an image in which bone is measured; {MEASURED}."
    if kind.body_part == "unknown":
        return f"This is {name} of a body part that is not told or recognised; {MEASURED}."
    side = "" if kind.laterality == "unknown" else f"{kind.laterality} "
    where = f"{side}{part}{VIEWS.get(kind.view, '')}"
    return f"This is {name} of the {where}, which is not measured yet; {MEASURED}."
