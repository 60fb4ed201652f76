"""What a search parameter may be, by its type in FHIR, as OpenAPI shapes."""

from collections.abc import Mapping
from typing import Any

from riskapp.actions.fhir.query import PREFIXES
from riskapp.api.narrower import DAY, MONTH, YEAR

# Something in each of the values that commas part; a comma after a backslash parts none. Python
# strips four separators and U+0085, which are no space elsewhere.
_BLANK = r"\s\u001c-\u001f\u0085"
_ONE = rf"[{_BLANK}]*([^,\\{_BLANK}]|\\,?)([^,\\]|\\,?)*"
SOMETHING = f"^{_ONE}(,{_ONE})*$"
_CLOCK = r"([01][0-9]|2[0-3]):[0-5][0-9]"
_TIME = rf"T{_CLOCK}(:[0-5][0-9](\.[0-9]{{1,9}})?)?(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])?"
_DATE = rf"({'|'.join(PREFIXES)})?({YEAR}|{MONTH}|{DAY}({_TIME})?)"
DATES = f"^{_DATE}(,{_DATE})*$"
WORDS: Mapping[str, str] = {
    "date": "A date to the year, month, day or minute, with a prefix such as ge before it or none.",
    "token": "A code, or system|code.",
    "reference": "A patient’s id, or Patient/id.",
}


def shape(kind: str) -> dict[str, Any]:
    """One parameter; several values are parted by commas, and one of them suffices."""
    return {"type": "string", "pattern": DATES if kind == "date" else SOMETHING}


def words(kind: str) -> str:
    return WORDS.get(kind, f"A FHIR {kind}.")
