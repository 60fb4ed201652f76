"""Which hazards a cohort can teach, and from which of its outcomes."""

from collections.abc import Mapping
from dataclasses import dataclass

from riskapp.cohorts.follow_up import FollowUp, UnusableCohort
from riskapp.risk.anchor import CAUSES

HIP, OTHER, DEATH = CAUSES


@dataclass(frozen=True, kw_only=True)
class Taught:
    """What can be learned.

    Attributes
    ----------
    follow_up : mapping of cause to FollowUp
        Causes with at least one event; the others stay the evidence's.
    level_learned : frozenset of cause
        Whose level the cohort tells, beside who is at more and who at less risk.
    notes : tuple of str
        What stays the evidence's and why, for the card.
    """

    follow_up: Mapping[str, FollowUp]
    level_learned: frozenset[str]
    notes: tuple[str, ...]


def taught(recorded: Mapping[str, FollowUp], *, anchored: bool) -> Taught:
    """Turn recorded outcomes into causes.

    Parameters
    ----------
    recorded : mapping of "hip", "major_osteoporotic", "any", "death" to FollowUp
        Whichever the cohort has.

    Raises
    ------
    UnusableCohort
        If there is no fracture to learn from, or, without evidence to start from, not all of
        hip fracture, major fracture and death.
    """
    follow_up, level_learned, notes = _causes(recorded)
    for cause in CAUSES:
        if cause in follow_up and not follow_up[cause].event.any():
            del follow_up[cause]
            notes.append(
                f"Nobody had an event of the kind {_said(cause)}: it stays the evidence's."
            )
    if not anchored:
        _refuse_unless_whole(follow_up, level_learned)
    if HIP not in follow_up and OTHER not in follow_up:
        if "any" in recorded and recorded["any"].event.any():
            raise UnusableCohort(
                f"The cohort holds {int(recorded['any'].event.sum())} fractures after baseline, "
                "but none of the hip and no other major ones, which are what engines learn about: "
                "nothing to learn."
            )
        raise UnusableCohort("The cohort holds no fracture after baseline: nothing to learn.")
    return Taught(
        follow_up=follow_up,
        level_learned=frozenset(level_learned) & frozenset(follow_up),
        notes=tuple(notes),
    )


def _causes(
    recorded: Mapping[str, FollowUp],
) -> tuple[dict[str, FollowUp], set[str], list[str]]:
    found: dict[str, FollowUp] = {}
    level: set[str] = set()
    notes: list[str] = []
    if "hip" in recorded:
        found[HIP] = recorded["hip"]
        level.add(HIP)
    else:
        notes.append("Hip fractures were not recorded apart: hip fracture stays the evidence's.")
    if "major_osteoporotic" in recorded:
        found[OTHER] = _beside_hip(recorded["major_osteoporotic"], recorded.get("hip"))
        if "hip" in recorded:
            level.add(OTHER)
        else:
            notes.append(
                "Other major fracture was learned from all major fractures, hip included; its "
                "level stays the evidence's."
            )
    elif "any" in recorded:
        found[OTHER] = _beside_hip(recorded["any"], recorded.get("hip"))
        notes.append(
            "Major fractures were not recorded: who is at more risk of another major fracture "
            "was learned from any fracture that is not of the hip, and how many there are "
            + ("moves with hip fractures." if "hip" in recorded else "stays the evidence's.")
        )
    else:
        notes.append("Only hip fractures were recorded: other major fracture stays the evidence's.")
    if "death" in recorded:
        found[DEATH] = recorded["death"]
        level.add(DEATH)
    else:
        notes.append("Deaths were not recorded: death stays the evidence's.")
    return found, level, notes


def _beside_hip(fracture: FollowUp, hip: FollowUp | None) -> FollowUp:
    """The first fracture, unless it is the hip's, which it is if the hip broke by that time."""
    if hip is None:
        return fracture
    was_hip = hip.event & (hip.years <= fracture.years)
    return FollowUp(event=fracture.event & ~was_hip, years=fracture.years)


def _refuse_unless_whole(follow_up: Mapping[str, FollowUp], level: set[str]) -> None:
    absent = [cause for cause in CAUSES if cause not in follow_up or cause not in level]
    if absent:
        raise UnusableCohort(
            "Without evidence to start from, a cohort has to hold events of every kind; this one "
            f"lacks {', '.join(_said(cause) for cause in absent)}."
        )


def _said(cause: str) -> str:
    return {HIP: "hip fracture", OTHER: "other major fracture", DEATH: "death"}[cause]
