"""How many requests one caller may send: one table, and what a site sets instead of it.

A rate of ``count`` in ``per_s`` seconds lets a caller who was quiet send ``count`` at once, and
then one each ``per_s / count`` (the generic cell rate algorithm, ITU-T I.371). They keep one
caller from slowing the site for all others and secrets from being guessed; what a hospital does in
a day stays far below.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from riskapp.site_settings import BadSetting

VARIABLE = "TRABECULA_RATES"
ONE = re.compile(r"([a-z_]+)=(?:(off)|(\d{1,7})/(\d{1,5}))")


@dataclass(frozen=True, slots=True)
class Rate:
    """``of`` says who is counted: a person or program by account, or an address."""

    name: str
    count: int
    per_s: int
    of: str
    means: str


CALLER, ADDRESS = "account, or address where nobody signed in", "address"
RATES = (
    # A whole hospital may come from one address when a shift begins; who guesses waits by name.
    Rate("sign_in", 150, 300, ADDRESS, "passwords, codes and one-time links that are tried"),
    Rate(
        "second_factor",
        60,
        300,
        CALLER,
        "second factors and passkeys that are tried",
    ),
    Rate("refused_keys", 60, 300, ADDRESS, "keys and tokens of programs that were not valid"),
    Rate("tokens", 600, 60, ADDRESS, "calls of /oauth/ by programs"),
    Rate("scores", 6_000, 60, CALLER, "scores, $assess and hooks"),
    Rate("uploads", 3_000, 60, CALLER, "files sent: a CT comes as one object a request"),
    Rate("exports", 300, 60, CALLER, "reports, lists and files that leave"),
    Rate("searches", 1_200, 60, CALLER, "searches for patients and resources"),
    Rate("requests", 6_000, 60, CALLER, "everything else"),
)
USUAL: Mapping[str, Rate] = {one.name: one for one in RATES}
# Never counted: whoever watches the site must be answered whatever else is going on.
UNCOUNTED = frozenset({"health_live", "health_ready", "metrics"})
_NAMED = {
    "sign_in": {"sign_in", "password", "one_time_link", "sign_in_passkey"},
    "second_factor": {"sign_in_second", "confirm", "app", "passkey_begin", "passkey_new"},
    "tokens": {"oauth_token", "oauth_revoke", "oauth_introspect", "signed_out_with"},
    "scores": {"api_scores", "fhir_assess", "cds_service"},
    "uploads": {"scan_upload", "api_scans", "stow", "stow_study", "cohort_upload",
                "outcomes_upload", "api_outcomes"},
    "exports": {"report", "api_assessment_report", "fhir_binary", "fhir_assess_all",
                "fhir_answers_file", "run_report_file", "recall_download", "scan_file",
                "api_scan_file", "patient_export"},
    "searches": {"worklist", "api_patients"},
}  # fmt: skip
_OF_VIEW = {view: rate for rate, views in _NAMED.items() for view in views}
# Looking at a form sends nothing; only what is sent is a try or an upload.
_ONLY_SENT = {"sign_in", "second_factor", "uploads"}


def rate_of(view: str, method: str) -> str:
    """The rate by which a request counts, blank if by none."""
    if view in UNCOUNTED:
        return ""
    name = "searches" if view.startswith("fhir_search") else _OF_VIEW.get(view, "requests")
    return "requests" if name in _ONLY_SENT and method in ("GET", "HEAD", "OPTIONS") else name


def rates(environ: Mapping[str, str]) -> dict[str, Rate]:
    """The table with what the site sets: ``scores=1000/60,exports=off``.

    Raises
    ------
    BadSetting
    """
    found = dict(USUAL)
    for part in filter(None, environ.get(VARIABLE, "").split(",")):
        read = ONE.fullmatch(part.strip())
        if not read or read[1] not in USUAL or "0" in (read[3], read[4]):
            raise BadSetting(
                f"{VARIABLE} holds {part!r}; it looks like scores=1000/60,exports=off, and the "
                f"names are {', '.join(USUAL)}."
            )
        if read[2]:
            del found[read[1]]
        else:
            found[read[1]] = replace(USUAL[read[1]], count=int(read[3]), per_s=int(read[4]))
    return found
