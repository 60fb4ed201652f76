"""Long lists a page at a time: an index says which rows stand there, and only those are read."""

from collections.abc import Iterator
from itertools import chain
from typing import Any, Generic, TypeVar

from django.db.models import Model, QuerySet

Row = TypeVar("Row", bound=Model)


class Paged(Generic[Row]):
    """Lists one behind the other, to be cut as ``Paginator`` and REST framework cut a query.

    Parameters
    ----------
    parts : pairs of QuerySet and int
        Each in a complete order, so that no two pages show one row; and how many it has.
    read : QuerySet, optional
        How the rows of a page are read once it is known which: whole, with what belongs to them,
        and noticed. Its own conditions are best none, as a database may heed them instead of ids.
    """

    def __init__(
        self, *parts: tuple[QuerySet[Row], int], read: QuerySet[Row] | None = None
    ) -> None:
        self._parts, self._reading = parts, read

    def count(self) -> int:
        return sum(many for _, many in self._parts)

    def __len__(self) -> int:
        return self.count()

    def __iter__(self) -> Iterator[Row]:
        """All of them, as a file takes them: in one go, and not by their ids."""
        return chain.from_iterable(rows for rows, _ in self._parts)

    def __getitem__(self, wanted: slice) -> list[Row]:
        start, stop, _ = wanted.indices(self.count())
        found: list[Row] = []
        for rows, many in self._parts:
            if start < min(stop, many):
                found += self._read(rows, max(0, start), min(stop, many), many)
            start, stop = max(0, start - many), stop - many
        return found

    def _read(self, rows: QuerySet[Row], start: int, stop: int, many: int) -> list[Row]:
        ids = cut(rows.values_list("pk", flat=True), start, stop, many)
        those = rows if self._reading is None else self._reading
        known = {one.pk: one for one in those.filter(pk__in=ids).order_by()}
        return [known[id] for id in ids if id in known]


def cut(rows: QuerySet[Any, Any], start: int, stop: int, many: int) -> list[Any]:
    """Part of so many rows: to pass over some costs, so they are counted from the nearer end."""
    stop = min(stop, many)
    if start >= stop:
        return []
    if start > many - stop:
        return list(rows.reverse()[many - stop : many - start])[::-1]
    return list(rows[start:stop])
