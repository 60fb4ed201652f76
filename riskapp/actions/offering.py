"""In which languages this site gives out the patient's page."""

from django.conf import settings

from riskapp.actions.errors import Refused
from riskapp.exchange.languages import SOURCE, Language, offered

NO_LANGUAGE = "The patient’s page is not offered in that language here; use one of: {codes}."


def language_named(code: str) -> Language:
    """The language that a caller asks for; English for blank.

    Raises
    ------
    Refused
        If there is no such language, or it is a draft that this site has not asked for.
    """
    by_code = {one.code: one for one in offered(settings.DRAFT_LANGUAGES)}
    found = by_code.get(code or SOURCE)
    if found is None:
        raise Refused({"language": NO_LANGUAGE.format(codes=", ".join(by_code))})
    return found
