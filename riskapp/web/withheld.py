"""A page that cannot be made without an engine that failed its self-test says so."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from riskapp.risk.errors import EngineWithheld


class SayWhatIsWithheld:
    """Answers 503 with the sentence; nothing else answers in the engine's place."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, EngineWithheld):
            return None
        return render(request, "503.html", {"sentence": str(error)}, status=503)
