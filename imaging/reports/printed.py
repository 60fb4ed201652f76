"""One printed number, one region's numbers, and everything that one report says."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Quantity(StrEnum):
    """What is printed for a region; the value is the name of the measurement."""

    BMD = "areal_bmd"
    BMC = "bmc"
    AREA = "area"
    T = "t_score"
    Z = "z_score"


UNITS = {  # UCUM
    Quantity.BMD: "g/cm2",
    Quantity.BMC: "g",
    Quantity.AREA: "cm2",
    Quantity.T: "1",
    Quantity.Z: "1",
}
# What a densitometer can print: beyond this a number was misread. The widest are those of
# infants' forearms and of whole bodies.
POSSIBLE: dict[Quantity, tuple[float, float]] = {
    Quantity.BMD: (0.05, 3.0),
    Quantity.BMC: (0.1, 6000.0),
    Quantity.AREA: (0.3, 4000.0),
    Quantity.T: (-9.9, 9.9),
    Quantity.Z: (-9.9, 9.9),
}


@dataclass(frozen=True, slots=True)
class Printed:
    """A number as it stands on the page.

    Attributes
    ----------
    decimals : int
        Behind the point: half of the last place is what rounding may have taken.
    sure : bool
        False where it was read from a picture and the readings did not agree: such a number is
        used only if another one confirms it.
    others : tuple of float
        What other readings made of it.
    """

    value: float
    decimals: int
    sure: bool = True
    others: tuple[float, ...] = ()

    @property
    def half_place(self) -> float:
        return 0.5 * 10.0**-self.decimals


@dataclass(frozen=True, slots=True)
class Row:
    """One region, by the names of ``imaging.reports.regions``, and its numbers."""

    region: str
    numbers: dict[Quantity, Printed]


@dataclass(frozen=True, slots=True)
class Facts:
    """What a report says beside its numbers. Nothing of it is a person.

    Attributes
    ----------
    manufacturer : str or None
        ``hologic``, ``ge_lunar``, ``norland`` or another of ``imaging.reports.facts``.
    reference : str or None
        The young adults that T-scores were taken from, where named: ``nhanes_female``.
    """

    manufacturer: str | None = None
    model: str | None = None
    measured_on: date | None = None
    reference: str | None = None
    side: str | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that was read, and where: ``method`` becomes that of each measurement.

    Attributes
    ----------
    about_bone : bool
        True where the words are about bone density, whether or not a number could be read.
    unread : tuple of (region, quantity)
        What is given, and cannot be or is given in two ways.
    """

    rows: tuple[Row, ...]
    facts: Facts
    method: str
    from_picture: bool = False
    about_bone: bool = False
    unread: tuple[tuple[str, Quantity], ...] = ()
