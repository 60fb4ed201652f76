"""What each kind of refusal means: the addresses that problem details name as ``type``."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from riskapp.api.problem_types import BY_CODE, PROBLEM_TYPES

HEAD = """# How programs are refused

Written by `make describe-api` from the table in `riskapp/api/problem_types.py`. Each `type`
is an address of your own site that says the same.

| type | status | means | what to do |
| --- | --- | --- | --- |
"""


@require_safe
def every_type(request: HttpRequest) -> HttpResponse:
    return render(request, "api/problems.html", {"kinds": PROBLEM_TYPES})


@require_safe
def one_type(request: HttpRequest, code: str) -> HttpResponse:
    if code not in BY_CODE:
        raise Http404
    return render(request, "api/problems.html", {"kinds": [BY_CODE[code]]})


def document() -> str:
    """The same for docs/problems.md."""
    rows = [
        f"| `{kind.address}` | {kind.status} | {kind.means} | {kind.do} |\n"
        for kind in PROBLEM_TYPES
    ]
    return HEAD + "".join(rows)
