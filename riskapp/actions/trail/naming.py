"""Names for the ids of the trail: looked up when it is shown, and never kept in it."""

from collections.abc import Collection
from uuid import UUID

from django.contrib.auth.models import User

from riskapp.actions.auditing import Actor

WORDS = {
    Actor.HOLDER: "whoever held the link",
    Actor.NOBODY: "somebody not signed in",
    Actor.MONITORING: "the monitoring of models",
    Actor.UPDATE: "an update of the software",
    Actor.SITE: "the site itself",
}
GONE = "an account that is gone"


ELSEWHERE = "somebody of another organisation"


def names_of(actors: Collection[str], *, within: UUID | None = None) -> dict[str, str]:
    """The user name and the program, or a word, for each ``by`` of the trail.

    ``within`` an organisation, those who work elsewhere are not named.
    """
    ids = {one.partition(">")[0] for one in actors}
    accounts = User.objects.filter(pk__in=[int(one) for one in ids if one.isdigit()])
    told = accounts.values_list("pk", "username", "membership__organisation_id")
    known = {str(pk): name if within in (None, home) else ELSEWHERE for pk, name, home in told}
    found = {}
    for one in actors:
        id, mark, program = one.partition(">")
        found[one] = WORDS.get(id) or f"{known.get(id, GONE)}{mark}{program}"
    return found
