"""Links to the patient's page as a list, and one of them as a code for a phone's camera."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import segno

from riskapp.models import SharedLink

QUIET_ZONE = 4  # modules of white around the code, ISO/IEC 18004:2015, 5.3.8 (recalled)


@dataclass(frozen=True, slots=True)
class LinkLine:
    """One link of the list."""

    id: UUID
    made_at: datetime
    made_by: str
    ends_at: datetime
    state: str  # open, expired or revoked
    openings: int
    last_opened_at: datetime | None

    @property
    def is_open(self) -> bool:
        return self.state == SharedLink.State.OPEN


@dataclass(frozen=True, slots=True)
class QuickResponse:
    """A code as one path of square modules; ``side`` counts them, white border included."""

    side: int
    path: str


def link_lines(links: Iterable[SharedLink], now: datetime) -> tuple[LinkLine, ...]:
    return tuple(
        LinkLine(
            id=link.pk,
            made_at=link.created_at,
            made_by=link.created_by.get_username(),
            ends_at=link.expires_at,
            state=link.state_at(now),
            openings=link.openings,
            last_opened_at=link.last_opened_at,
        )
        for link in links
    )


def quick_response(address: str) -> QuickResponse:
    """Draw an address, so that a phone can read it from a screen or from paper."""
    code = segno.make_qr(address, error="m", boost_error=True)
    rows = list(code.matrix_iter(border=QUIET_ZONE))
    squares = (
        f"M{column} {row}h1v1h-1z"
        for row, cells in enumerate(rows)
        for column, cell in enumerate(cells)
        if cell
    )
    return QuickResponse(side=len(rows), path="".join(squares))
