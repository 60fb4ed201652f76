"""The kept tags of one file, read by name and type."""

from dataclasses import dataclass

from imaging.identity.deidentify import Value


@dataclass(frozen=True, slots=True)
class Tagged:
    """Plain tags without identity.

    Attributes
    ----------
    tags : dict
        By the names of ``imaging.identity.tags``; what is absent or malformed is not there.
    """

    tags: dict[str, Value]

    def text(self, name: str) -> str:
        return str(self.tags.get(name, ""))

    def number(self, name: str) -> float | None:
        value = self.tags.get(name)
        return value if isinstance(value, float) else None

    def numbers(self, name: str, length: int) -> tuple[float, ...] | None:
        value = self.tags.get(name)
        return value if isinstance(value, tuple) and len(value) == length else None
