"""Exports that the made-up hospital has made, until they are dismissed."""

import threading
import uuid
from dataclasses import dataclass, field
from datetime import datetime

from riskapp.management.mock_ehr.hospital import NotThere, Resource

MOST_EXPORTS = 20  # of which the oldest is forgotten


@dataclass(slots=True)
class Export:
    """What the hospital held when it was asked: resources by type.

    Attributes
    ----------
    client : str
        Who asked; nobody else is given it.
    looks : int
        How often it was asked whether it is ready; the first time it is not.
    """

    client: str
    asked: str
    at: datetime
    kinds: dict[str, list[Resource]]
    looks: int = 0


@dataclass(slots=True)
class Exports:
    """Those that were not dismissed yet."""

    _held: dict[str, Export] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def keep(self, export: Export) -> str:
        id = uuid.uuid4().hex
        with self._lock:
            self._held[id] = export
            for oldest in list(self._held)[:-MOST_EXPORTS]:
                del self._held[oldest]
        return id

    def of(self, id: str, client: str) -> Export:
        """
        Raises
        ------
        NotThere
            If there is none of this client's.
        """
        export = self._held.get(id)
        if export is None or export.client != client:
            raise NotThere(id)
        return export

    def dismiss(self, id: str) -> None:
        with self._lock:
            self._held.pop(id, None)
