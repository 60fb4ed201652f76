"""Estimates as JSON that is written already: what is said to many is written once.

The verdicts of all guidelines are most of an answer, and but for some numbers the same for
everybody of a kind.
"""

import json
from functools import lru_cache
from typing import Any

from riskapp.exchange.assessment_json import verdict_json, without_verdicts
from riskapp.risk.estimate import RiskEstimate
from riskapp.risk.verdict import Form, Verdict
from riskapp.risk.verdict_forms import FORMS_KEPT


def written(value: Any) -> bytes:
    """JSON in UTF-8 as the REST framework's renderer writes it.

    Raises
    ------
    ValueError
        If a number is not finite.
    """
    told = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    # Ends of lines to JavaScript, which JSON would let stand.
    return told.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029").encode()


def estimate_text(estimate: RiskEstimate) -> bytes:
    """``estimate_json``, written."""
    verdicts = b",".join(map(_verdict_text, estimate.guidelines))
    return b'%b,"guidelines":[%b]}' % (written(without_verdicts(estimate))[:-1], verdicts)


def _verdict_text(verdict: Verdict) -> bytes:
    if verdict.filled is None:
        return written(verdict_json(verdict))
    form, numbers = verdict.filled
    text = _form_text(form)
    for name, number in numbers.items():
        text = text.replace(b"{%b}" % name.encode(), number.encode())
    return text


@lru_cache(maxsize=FORMS_KEPT)
def _form_text(form: Form) -> bytes:
    return written(verdict_json(form.verdict))
