"""A form that is sent twice, as by a double click, writes one entry."""

from collections.abc import Mapping
from typing import TypeVar
from uuid import UUID, uuid4

from riskapp.models import Discussion, Fracture, Treatment

Entry = TypeVar("Entry", Fracture, Treatment, Discussion)


def written_once(kind: type[Entry], id: UUID | None, told: Mapping[str, object]) -> Entry | None:
    """Write an entry; None where the form of this ``id`` wrote the same before, and it stands.

    Whoever goes back and tells of another means another. Call it inside the transaction of the
    deed itself.
    """
    rows = kind.objects.filter(id=id)
    if id and rows.filter(struck_out_at=None, **told).exists():
        return None
    return kind.objects.create(id=uuid4() if id is None or rows.exists() else id, **told)
