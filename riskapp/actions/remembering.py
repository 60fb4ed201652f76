"""What a reader chose for themselves, kept from one sign-in to the next."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace

from django.contrib.auth.models import User
from django.db import transaction

from riskapp.actions import auditing
from riskapp.models import ReaderPreference
from riskapp.models.composed import Composed


@dataclass(frozen=True, slots=True)
class Preferences:
    """A reader's choices; blank where they never chose.

    Attributes
    ----------
    guideline : str
        Code of the one that is read first; blank is the usual one of the population.
    evidence_set, population : str
    units : mapping of quantity to UCUM code
    """

    guideline: str = ""
    evidence_set: str = ""
    population: str = ""
    units: Mapping[str, str] = field(default_factory=dict)


STORED = Composed(ReaderPreference.objects.all, "user")
NAMES = tuple(one.name for one in fields(Preferences))


def preferences(*, by: User) -> Preferences:
    """What this reader chose before."""
    for stored in STORED.by(by.pk):
        return Preferences(**{name: getattr(stored, name) for name in NAMES})
    return Preferences()


def remember(
    *,
    by: User,
    guideline: str | None = None,
    evidence_set: str | None = None,
    population: str | None = None,
    units: Mapping[str, str] | None = None,
    before: Preferences | None = None,
) -> Preferences:
    """Keep what was chosen; None leaves a choice as it was. Units add to those chosen before.

    ``before`` is what they were a moment ago, where that was read.
    """
    named = {"guideline": guideline, "evidence_set": evidence_set, "population": population}
    chosen = {name: code for name, code in named.items() if code is not None}

    def with_chosen(before: Preferences) -> Preferences:
        return replace(before, **chosen, units={**before.units, **(units or {})})

    before = before or preferences(by=by)
    # Asked with every answer on a page, and hardly ever news: nobody waits for a lock then.
    if with_chosen(before) == before:
        return before
    with transaction.atomic():
        after = with_chosen(preferences(by=by))
        ReaderPreference.objects.update_or_create(user=by, defaults=asdict(after))
        auditing.record(by=by, action="preference.change", target=by.pk)
    return after
