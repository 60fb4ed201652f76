"""What every peer of a site has: a name, an organisation, and perhaps a secret."""

import os
from dataclasses import dataclass
from pathlib import Path


class UnusableConnection(ValueError):
    """What is wrong with the file of connections, as a sentence for who wrote it."""


@dataclass(frozen=True, slots=True)
class Secret:
    """Where a secret lies; it is never written among the connections themselves."""

    env: str = ""
    file: str = ""

    def __post_init__(self) -> None:
        if bool(self.env) == bool(self.file):
            raise UnusableConnection("a secret names either env or file")

    def read(self) -> str:
        """The secret itself.

        Raises
        ------
        UnusableConnection
            If the variable is not set or the file cannot be read.
        """
        if self.env:
            told = os.environ.get(self.env, "")
            missing = f"Its secret is missing: the environment variable {self.env} is not set."
        else:
            try:
                told = Path(self.file).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError):
                told = ""
            missing = f"Its secret is missing: the file {self.file} is empty or cannot be read."
        if not told:
            raise UnusableConnection(missing)
        return told


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """One peer of one organisation; its name is unique among those of its kind."""

    name: str
    organisation: str
