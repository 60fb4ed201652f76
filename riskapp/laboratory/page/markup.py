"""Elements of a page. Whatever is not markup already is escaped: no name in a file can be code."""

from collections.abc import Iterable, Sequence
from html import escape

from riskapp.risk.limits import in_print


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


Part = str | None | Iterable["Part"]

# Elements that hold nothing.
VOID = frozenset({"meta", "line", "circle", "rect", "path", "polyline", "polygon", "br", "col"})


def tag(name: str, /, *parts: Part, **attributes: str | float | None) -> Markup:
    """One element; ``class_`` is class, and an underscore stands for a hyphen."""
    told = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(str(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in VOID:
        return Markup(
            f"<{name}{told}/>" if name not in ("meta", "br", "col") else f"<{name}{told}>"
        )
    return Markup(f"<{name}{told}>{joined(parts)}</{name}>")


def joined(parts: Part) -> Markup:
    """Parts one after another; None is nothing."""
    if parts is None:
        return Markup("")
    if isinstance(parts, str):
        return parts if isinstance(parts, Markup) else Markup(escape(in_print(parts)))
    return Markup("".join(joined(part) for part in parts))


def table(
    caption: str,
    header: Sequence[str],
    rows: Iterable[Sequence[str | Markup]],
    *,
    stacked: bool = False,
) -> Markup:
    """A table whose first column names each row; what begins as a number stands at the end edge.

    Where it is ``stacked``, as with a column for each engine, intervals stand below their figures.

    It scrolls by itself where the screen is narrow, and the keyboard reaches it there.
    """
    body = [list(row) for row in rows]
    if not body:
        return Markup("")
    numeric = [
        index > 0 and all(_is_number(row[index]) for row in body) for index in range(len(header))
    ]
    head = tag(
        "tr",
        (
            tag("th", name, scope="col", class_="number" if right else None)
            for name, right in zip(header, numeric, strict=True)
        ),
    )
    lines = (
        tag(
            "tr",
            tag("th", row[0], scope="row"),
            (
                tag("td", cell, class_="number" if right else None)
                for cell, right in zip(row[1:], numeric[1:], strict=True)
            ),
        )
        for row in body
    )
    whole = tag(
        "table",
        tag("caption", caption),
        tag("thead", head),
        tag("tbody", lines),
        class_="table is-stacked" if stacked else "table",
    )
    return tag("div", whole, class_="table-scroll", role="region", tabindex="0", aria_label=caption)


def _is_number(cell: str) -> bool:
    return cell.lstrip("<+\u2212 ")[:1].isdigit() or cell in ("", "\u2013")
