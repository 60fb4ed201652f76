"""What every page carries."""

from django.http import HttpRequest

from riskapp.exchange.wording import SAFETY


def safety_words(request: HttpRequest) -> dict[str, str]:
    return {"safety_words": SAFETY}
