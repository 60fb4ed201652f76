"""What failed for good, in any queue: shown, tried again, let go with a reason."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET, require_POST

from riskapp.actions.dead_letters import BECAUSE_LETTERS, dead_letters, drop, retry
from riskapp.actions.errors import NotFound, Refused

PER_PAGE = 50
RETRY, DROP = "retry", "drop"
NOTHING_CHOSEN = "Choose at least one."
GONE = "One of them was settled meanwhile."


@require_GET
@login_required
def show(request: HttpRequest) -> HttpResponse:
    """Everything that is open, the latest first."""
    page = Paginator(dead_letters(by=request.user), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "section": "connections",
        "page": page,
        "earlier": f"?page={page.number - 1}",
        "later": f"?page={page.number + 1}",
        "because_letters": BECAUSE_LETTERS,
    }
    return TemplateResponse(request, "connections/dead_letters.html", context)


@require_POST
@login_required
def settle(request: HttpRequest) -> HttpResponse:
    """Try again, or let go, what was chosen; each by itself."""
    chosen = request.POST.getlist("letter")[:PER_PAGE]
    done, problems = 0, [] if chosen else [NOTHING_CHOSEN]
    for id in chosen:
        try:
            if request.POST.get("do") == DROP:
                drop(by=request.user, id=id, because=request.POST.get("because", ""))
            else:
                retry(by=request.user, id=id)
            done += 1
        except NotFound:
            problems.append(GONE)
        except Refused as refused:
            problems.append(str(refused))
    for problem in dict.fromkeys(problems):
        messages.warning(request, problem)
    if done:
        what = "let go" if request.POST.get("do") == DROP else "tried again"
        messages.success(request, f"{done} {'is' if done == 1 else 'are'} {what}.")
    return redirect("dead_letters")
