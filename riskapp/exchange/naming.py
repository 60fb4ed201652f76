"""Sentences that name fields as other programs know them, told with the fields' labels."""

import re

from riskapp.exchange.fields import FIELDS
from riskapp.exchange.sentences import small
from riskapp.risk.limits import in_print

# Names of one word ("sex") are words already.
_FIELD_NAME = re.compile("|".join(rf"\b{name}\b" for name in FIELDS if "_" in name))


def in_words(sentence: str) -> str:
    """A sentence that names fields as other programs know them, with their labels instead."""
    named = _FIELD_NAME.sub(lambda found: small(FIELDS[found.group()].label), sentence)
    return in_print(named)  # stored ones were typed otherwise
