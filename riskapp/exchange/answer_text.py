"""Estimates as JSON that is written already: what is said to many is written once.

The verdicts of all guidelines are most of an answer, and but for some numbers the same for
everybody of a kind.
"""

import json
from functools import lru_cache
from typing import Any

from riskapp.exchange.assessment_json import verdict_json, without_verdicts
from riskapp.risk.estimate import RiskEstimate
from riskapp.risk.verdict import Form, Verdict, with_numbers
from riskapp.risk.verdict_forms import FORMS_KEPT


def written(value: Any) -> str:
    """JSON as the REST framework's renderer writes it.

    Raises
    ------
    ValueError
        If a number is not finite.
    """
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def estimate_text(estimate: RiskEstimate) -> str:
    """``estimate_json``, written."""
    verdicts = ",".join(map(_verdict_text, estimate.guidelines))
    return f'{written(without_verdicts(estimate))[:-1]},"guidelines":[{verdicts}]}}'


def _verdict_text(verdict: Verdict) -> str:
    if verdict.filled is None:
        return written(verdict_json(verdict))
    form, numbers = verdict.filled
    return with_numbers(_form_text(form), numbers)


@lru_cache(maxsize=FORMS_KEPT)
def _form_text(form: Form) -> str:
    return written(verdict_json(form.verdict))
