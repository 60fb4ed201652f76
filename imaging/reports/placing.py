"""Which heading a number stands under: by where both are on the page, never by their order.

A column is where headings and numbers overlap from side to side. A number that stands under no
heading, or under two, is nobody's; a heading that is not known takes its numbers out all the same.
"""

from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar

WHOLE = 0.9  # of the narrower one: a heading claims what stands below it
OVERLAP = 0.5  # does as well, where every number of the table has its heading
TOUCH = 0.2  # of the narrower one: a second heading that reaches so far makes a doubt


class Placed(Protocol):
    """Whatever has a left and a right edge on the page."""

    @property
    def left(self) -> float: ...

    @property
    def right(self) -> float: ...


Cell = TypeVar("Cell", bound=Placed)
Claimant = TypeVar("Claimant", bound=Placed)


def shared(one: Placed, other: Placed) -> float:
    """Share of the narrower one that both cover from side to side."""
    common = min(one.right, other.right) - max(one.left, other.left)
    narrower = min(one.right - one.left, other.right - other.left)
    return common / narrower if common > 0 < narrower else 0.0


class Track:
    """Numbers that stand below each other."""

    def __init__(self, left: float, right: float) -> None:
        self.left = left
        self.right = right


def tracks_of(cells: Iterable[Placed]) -> list[Track]:
    """Put numbers that overlap from side to side into columns, whatever is written over them."""
    tracks: list[Track] = []
    for cell in sorted(cells, key=lambda cell: cell.left):
        if tracks and cell.left < tracks[-1].right:
            tracks[-1].right = max(tracks[-1].right, cell.right)
        else:
            tracks.append(Track(cell.left, cell.right))
    return tracks


def claimed(
    rows: Sequence[Sequence[Cell]], columns: Sequence[Claimant]
) -> list[list[tuple[Cell, Claimant]]]:
    """Give the cells of each row to the headings above them.

    Parameters
    ----------
    rows : sequence of rows of cells
        All rows of one table: together they show where its columns are.

    Returns
    -------
    list of list of (cell, column)
        For each row the cells that one heading claims, and no other cell of that row with it.
    """
    tracks = tracks_of(cell for row in rows for cell in row)
    found = {index: _owner(track, columns) for index, track in enumerate(tracks)}
    enough = OVERLAP if all(found.values()) else WHOLE
    owners = {
        index: owner
        for index, owner in found.items()
        if owner is not None and shared(tracks[index], owner) >= enough
    }
    # A heading over two columns of numbers is the heading of neither.
    alone = {
        index: owner
        for index, owner in owners.items()
        if sum(other is owner for other in owners.values()) == 1
    }
    return [_of_row(row, tracks, alone) for row in rows]


def _owner(track: Track, columns: Sequence[Claimant]) -> Claimant | None:
    over = [column for column in columns if shared(track, column) > TOUCH]
    return over[0] if len(over) == 1 else None


def _of_row(
    row: Sequence[Cell], tracks: Sequence[Track], owners: dict[int, Claimant]
) -> list[tuple[Cell, Claimant]]:
    placed: dict[int, list[Cell]] = {}
    for cell in row:
        middle = (cell.left + cell.right) / 2
        index = next(i for i, track in enumerate(tracks) if track.left <= middle <= track.right)
        placed.setdefault(index, []).append(cell)
    return [
        (cells[0], owners[index])
        for index, cells in placed.items()
        if len(cells) == 1 and index in owners
    ]
