"""What is looked up is noticed: whose data a request has read, by whom, for the trail.

Every lookup of ``finding`` and its like passes through ``noticed``; so a new door cannot forget to
say that it reads. A door opens the gathering, and what was gathered is written at its end: a row
for each patient whose data were read singly, and one for all others, who were read as a list.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet
from django.db.models.query import ModelIterable

Row = TypeVar("Row", bound=Model)


@dataclass(slots=True)
class Gathering:
    """Patients whose data one request has read or changed.

    Attributes
    ----------
    is_open : bool
        Whether anybody will write down what is gathered.
    singly, listed : dict of patient id to who read it
        By whether a lookup found one patient or several.
    written : set of patient ids
        Those of whom a row was left already.
    strangers : set of ids
        Those among them that are ids of no patient: of what names a person who is not known yet.
    """

    is_open: bool = False
    singly: dict[UUID, Any] = field(default_factory=dict)
    listed: dict[UUID, Any] = field(default_factory=dict)
    written: set[UUID] = field(default_factory=set)
    strangers: set[UUID] = field(default_factory=set)

    def see(self, by: Any, patients: Iterable[UUID], strangers: Iterable[UUID] = ()) -> None:
        found = {*patients, *strangers}
        if self.is_open:
            self.strangers |= {*strangers}
            (self.singly if len(found) == 1 else self.listed).update(dict.fromkeys(found, by))

    def about(self) -> list[str]:
        """Ids of the patients whom it is about, but for those in lists."""
        return sorted(str(one) for one in (self.singly.keys() | self.written) - self.strangers)

    def wrote_about(self, patient: UUID) -> None:
        if self.is_open:
            self.written.add(patient)


NOBODY_LOOKS = Gathering()
_CURRENT: ContextVar[Gathering] = ContextVar("gathering", default=NOBODY_LOOKS)


def gathering() -> Gathering:
    """That of the present request; one that keeps nothing where none is under way."""
    return _CURRENT.get()


@contextmanager
def gathered() -> Iterator[Gathering]:
    """Gather until the end of the block."""
    made = Gathering(is_open=True)
    token = _CURRENT.set(made)
    try:
        yield made
    finally:
        _CURRENT.reset(token)


def noticed(by: Any, among: QuerySet[Row], patient: str) -> QuerySet[Row]:
    """The same rows, each noticed when it is fetched whole.

    ``patient`` is the path from a row to its patient, as a filter has it; a row that has none,
    such as a study that nobody has filed yet, is noticed by its own id. Numbers and texts that
    are fetched apart (``values_list``), to sort or to search, are not noticed: nothing of them is
    shown without fetching rows.
    """

    class Noticing(ModelIterable):
        def __iter__(self) -> Iterator[Any]:
            found, strangers = set(), set()
            try:
                for row in super().__iter__():
                    whose = _patient_of(row, patient)
                    (found if whose else strangers).add(whose or row.pk)
                    yield row
            finally:
                gathering().see(by, found, strangers)

    same = among.all()
    same._iterable_class = Noticing
    return same


def _patient_of(row: Any, path: str) -> UUID | None:
    *steps, last = path.split("__")
    for step in steps:
        row = getattr(row, step)
    if last == "pk":
        return row.pk
    return getattr(row, f"{last}_id")
