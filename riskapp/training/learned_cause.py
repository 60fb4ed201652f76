"""What one fit of one cause gives back, whichever engine made it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from riskapp.risk.design_row import Floats
from riskapp.risk.learned_model import CauseHazard


@dataclass(frozen=True, kw_only=True)
class LearnedCause:
    """One cause as it was learned.

    Attributes
    ----------
    hazard : CauseHazard or None
        None where nothing was learned: f is 0.
    unseen : ndarray, shape (N,)
        f of every row by a fit that never saw its person, for the level.
    stored : mapping
        Its part of ``parameters.json``, from which ``modelstore`` builds the hazard again.
    texts, blobs : mapping of file name to content
        Further files of the model's folder.
    chosen : mapping
        What was chosen, for the card.
    """

    hazard: CauseHazard | None
    unseen: Floats
    stored: Mapping[str, Any] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    blobs: Mapping[str, bytes] = field(default_factory=dict)
    chosen: Mapping[str, Any] = field(default_factory=dict)
