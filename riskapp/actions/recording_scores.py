"""What the trail holds of estimates that are not kept: who, when, how many, by what."""

from collections.abc import Iterable

from django.contrib.auth.models import User

from riskapp.actions import auditing
from riskapp.actions.scoring import Scored
from riskapp.actions.versions import tables_hash
from riskapp.models import Organisation


def record_scores(
    *,
    by: User,
    door: str,
    answers: Iterable[object],
    organisation: Organisation | None = None,
    more: dict[str, object] | None = None,
) -> None:
    """Leave one row for a request; never what was asked or answered.

    Parameters
    ----------
    door : str
        Which one answered: ``scores``, ``assess``, a CDS service.
    answers : iterable of Scored or whatever else was said of a person
        Each person's answer or refusal.
    """
    told = list(answers)
    scored = [one for one in told if isinstance(one, Scored)]
    models = {one.engine: one.model_id for each in scored for one in each.estimates}
    detail = {"people": len(told), "answered": len(scored), "models": models}
    auditing.record(
        by=by,
        action="score.compute",
        target=door,
        organisation=organisation,
        detail=detail | {"tables": tables_hash()} | (more or {}),
    )
