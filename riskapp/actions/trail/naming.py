"""Names for the ids of the trail: looked up when it is shown, and never kept in it."""

from collections.abc import Collection

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


def names_of(actors: Collection[str]) -> dict[str, str]:
    """The user name and the program, or a word, for each ``by`` of the trail."""
    ids = {one.partition(">")[0] for one in actors}
    accounts = User.objects.filter(pk__in=[int(one) for one in ids if one.isdigit()])
    known = {str(pk): name for pk, name in accounts.values_list("pk", "username")}
    found = {}
    for one in actors:
        id, mark, program = one.partition(">")
        found[one] = WORDS.get(id) or f"{known.get(id, GONE)}{mark}{program}"
    return found
