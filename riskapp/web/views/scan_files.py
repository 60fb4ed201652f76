"""A file about a scan, taken from its page."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET

from riskapp.actions.errors import Refused
from riskapp.actions.taking_files import take_file


@require_GET
@login_required
def scan_file(request: HttpRequest, scan_id: UUID, number: int, name: str) -> HttpResponse:
    try:
        taken = take_file(by=request.user, scan_id=scan_id, name=name, number=number)
    except Refused as refused:
        messages.warning(request, str(refused))
        return redirect("scan", scan_id)
    attached = {"Content-Disposition": f'attachment; filename="{taken.name}"'}
    return HttpResponse(taken.content, content_type=taken.media_type, headers=attached)
