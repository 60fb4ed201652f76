"""What a template shows hundreds of times on one page."""

from typing import Any


class Shown:
    """Gives its fields by name in brackets as well.

    A template looks ``bar.label`` up as ``bar["label"]`` before it asks for the attribute, and
    the exception in between takes longer than all else about a value.
    """

    __slots__ = ()

    def __getitem__(self, name: str) -> Any:
        try:
            return getattr(self, name)
        except AttributeError:
            raise KeyError(name) from None
