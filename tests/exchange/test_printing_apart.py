"""Printing in a process of its own: the same bytes, and what becomes of one that is cut off."""

import sys
import threading
import time
from collections.abc import Iterator
from functools import partial

import pytest

from riskapp.exchange import printing_apart
from riskapp.exchange.printing import CannotPrint, Part, printed
from riskapp.exchange.printing_apart import ENDED, LEVELS, Printer

CSS = "p { margin: 0; font-variant-numeric: tabular-nums }"


def page(words: str, level: int) -> str:
    """As long as fits its sheet at the third level, and not before."""
    kept = f"<p>{words}</p>" * (200 if level < 3 else 20)
    return (
        f'<html lang="en"><head><title>Words</title></head><body><main>{kept}</main></body></html>'
    )


def part(words: str) -> Part:
    return Part(partial(page, words), CSS, "en")


@pytest.fixture
def printer() -> Iterator[Printer]:
    made = Printer()
    yield made
    made.end()


def test_what_it_prints_is_what_would_be_printed_here(printer: Printer) -> None:
    sheets = [part("Zoë’s “bones” \u0394 \n= 3 %"), part("more")]
    assert LEVELS == 6
    assert printer.printed(sheets) == printed(sheets)


def test_some_prints_and_another_process_takes_over(
    printer: Printer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(printing_apart, "PRINTS", 2)
    ids = []
    for _ in range(3):
        assert printer.printed([part("a")]).startswith(b"%PDF")
        ids.append(printer._process and printer._process.pid)
    assert ids[0] is not None
    assert ids[1] is None  # it was ended after the second
    assert ids[2] not in (None, ids[0])


def test_what_no_font_holds_is_refused_as_here(printer: Printer) -> None:
    strange = [part("\U000f1234")]
    with pytest.raises(CannotPrint) as here:
        printed(strange)
    with pytest.raises(CannotPrint) as there:
        printer.printed(strange)
    assert str(there.value) == str(here.value)
    assert printer.printed([part("a")]).startswith(b"%PDF")


def test_a_fault_of_ours_is_no_fault_of_the_page_and_says_nothing_of_it(printer: Printer) -> None:
    with pytest.raises(
        RuntimeError, match=r"KeyError|ValueError|AssertionError|IndexError"
    ) as told:
        printer.printed([Part(lambda level: "", CSS, "secret")])
    assert "secret" not in str(told.value)


def test_one_that_was_killed_is_replaced(printer: Printer) -> None:
    printer.printed([part("a")])
    assert printer._process is not None
    printer._process.kill()
    printer._process.wait()
    assert printer.printed([part("a")]).startswith(b"%PDF")


def test_one_that_is_killed_while_it_prints_is_told_and_the_next_one_prints(
    printer: Printer,
) -> None:
    printer.printed([part("a")])
    process = printer._process
    assert process is not None

    def kill_soon() -> None:
        time.sleep(0.2)
        process.kill()

    threading.Thread(target=kill_soon).start()
    with pytest.raises(CannotPrint, match=ENDED):
        printer.printed([part("many words " * 400)] * 6)
    assert printer.printed([part("a")]).startswith(b"%PDF")


def test_what_takes_too_long_is_ended(printer: Printer, monkeypatch: pytest.MonkeyPatch) -> None:
    printer.printed([part("a")])
    monkeypatch.setattr(printing_apart, "LONGEST_S", 0.05)
    with pytest.raises(CannotPrint, match=ENDED):
        printer.printed([part("many words " * 400)] * 6)


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_it_is_given_no_secret(printer: Printer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRABECULA_KEYS", "secret")
    printer.printed([part("a")])
    assert printer._process is not None
    with open(f"/proc/{printer._process.pid}/environ", "rb") as told:
        assert b"TRABECULA" not in told.read()
