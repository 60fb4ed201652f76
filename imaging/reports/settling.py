"""Numbers that were read in doubt, settled by the identities that the page must keep."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from imaging.densitometry.sites import without_side
from imaging.reports.checks import Key, Verdict, check
from imaging.reports.printed import POSSIBLE, Facts, Printed, Row

# Figures that readers of small print take for each other.
ALIKE = {
    "0": "689",
    "1": "47",
    "2": "7",
    "3": "589",
    "4": "19",
    "5": "36",
    "6": "058",
    "7": "12",
    "8": "0369",
    "9": "0348",
}
MOST_ROUNDS = 12


def settled(rows: Sequence[Row], facts: Facts) -> tuple[list[Row], set[Key]]:
    """Replace misread numbers where exactly one look-alike makes the page consistent.

    Returns
    -------
    rows : list of Row
    changed : set of (region, quantity)
        What is not as it was read.
    """
    rows = list(rows)
    changed: set[Key] = set()
    for _ in range(MOST_ROUNDS):
        found = _one_better(rows, facts, check(rows, facts), changed)
        if found is None:
            break
        (region, quantity), number = found
        changed.add((region, quantity))
        rows = _with(rows, (region, quantity), number)
    return rows, changed


def _one_better(
    rows: Sequence[Row], facts: Facts, before: Verdict, done: set[Key]
) -> tuple[Key, Printed] | None:
    """Find a number that another reading, or else a look-alike, confirms.

    Only where nothing else of its bone could be meant.
    """
    open_bones: set[str] = set()  # of which more than one thing could be meant
    for alternatives in (_read, _exchanged):
        by_bone: dict[str, list[tuple[Key, Printed]]] = {}
        for key, number in _doubtful(rows, before):
            if key in done or without_side(key[0])[0] in open_bones:
                continue
            for value in dict.fromkeys(alternatives(number)):
                low, high = POSSIBLE[key[1]]
                if not low <= value <= high:
                    continue
                other = replace(number, value=value)
                after = check(_with(rows, key, other), facts)
                if key in after.confirmed and len(after.wrong) <= len(before.wrong):
                    by_bone.setdefault(without_side(key[0])[0], []).append((key, other))
        alone = [found[0] for found in by_bone.values() if len(found) == 1]
        if alone:
            return alone[0]
        open_bones |= set(by_bone)
    return None


def _doubtful(rows: Sequence[Row], verdict: Verdict) -> Iterator[tuple[Key, Printed]]:
    for row in rows:
        for quantity, number in row.numbers.items():
            key = (row.region, quantity)
            if key not in verdict.confirmed and (not number.sure or key in verdict.wrong):
                yield key, number


def _read(number: Printed) -> Iterator[float]:
    """What other readings of the same print were."""
    yield from number.others


def _exchanged(number: Printed) -> Iterator[float]:
    """The number with one figure exchanged for one that looks like it."""
    text = f"{number.value:.{number.decimals}f}"
    for at, figure in enumerate(text):
        for other in ALIKE.get(figure, ""):
            yield float(text[:at] + other + text[at + 1 :])


def _with(rows: Sequence[Row], key: Key, number: Printed) -> list[Row]:
    region, quantity = key
    return [
        Row(row.region, {**row.numbers, quantity: number}) if row.region == region else row
        for row in rows
    ]
