"""Examinations that were ordered: ORM^O01 and OMI^O23."""

from dataclasses import dataclass
from datetime import date

from riskapp.exchange.hl7v2.errors import DATA_TYPE, MISSING, MessageRefused
from riskapp.exchange.hl7v2.message import Message, day_of

# ORC-1, HL7 table 0119 (recalled, to be confirmed): cancelled, discontinued, replaced, by either.
CANCELS = ("CA", "OC", "CR", "DC", "OD", "DR")


@dataclass(frozen=True, slots=True)
class Ordered:
    """An order as the message has it."""

    accession_number: str
    planned_on: date
    procedure: str
    modality: str
    is_cancelled: bool


def read_orders(message: Message, today: date) -> list[Ordered]:
    """Read every order of a message.

    Raises
    ------
    MessageRefused
        If there is none, or one of them cannot be read.
    """
    message.one("ORC")
    return [_order(group, today) for group in message.groups("ORC")]


def _order(message: Message, today: date) -> Ordered:
    """Read one ORC, and OBR and IPC after it.

    The accession number stands in IPC-1 (OMI), in OBR-18 as IHE's scheduled workflow has it, or is
    the filler's order number (OBR-3, ORC-3); recalled, to be confirmed.

    Raises
    ------
    MessageRefused
        If there is no such number, or a day that is none.
    """
    order, ordered = message.one("ORC"), message.one("OBR")
    protocol = next(message.all("IPC"), None)
    number = (
        (protocol.text(1) if protocol else "")
        or ordered.text(18)
        or ordered.text(3)
        or order.text(3)
    )
    if not number:
        raise MessageRefused("The order has no accession number.", MISSING, "OBR-18")
    # OBR-27 (2.3) and TQ1-7 (2.5) hold when it is planned for.
    timing = next(message.all("TQ1"), None)
    planned = (timing.text(7) if timing else "") or ordered.text(27, 4) or ordered.text(36)
    return Ordered(
        accession_number=number,
        planned_on=_day(planned) if planned else today,
        procedure=ordered.text(4, 2) or ordered.text(4, 1),
        modality=(protocol.text(5) if protocol else "") or ordered.text(24),
        is_cancelled=order.text(1).upper() in CANCELS,
    )


def _day(text: str) -> date:
    try:
        return day_of(text)
    except ValueError:
        raise MessageRefused("The planned day is no day (YYYYMMDD).", DATA_TYPE, "OBR") from None
