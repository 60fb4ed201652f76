"""What can go wrong in the risk domain. Every message is one sentence, safe to show a clinician."""

from collections.abc import Mapping


class RiskError(Exception):
    """Base class, so that a door can catch the whole domain in one clause."""


class InvalidProfile(RiskError):
    """One or more answers cannot be used.

    Attributes
    ----------
    by_field : dict of str to str
        One sentence for each field that must be mended, under the field's contract name.
    """

    def __init__(self, by_field: Mapping[str, str]) -> None:
        super().__init__(" ".join(by_field.values()))
        self.by_field = dict(by_field)


class OutsideModelRange(RiskError):
    """The person is real, but this engine has no ground to speak about them."""


class UnknownModel(RiskError):
    """No stored model has this name, or its folder does not match its hash."""


class EngineWithheld(UnknownModel):
    """An engine that is held failed its self-test, so it does not answer until it is mended."""


class UnknownGuideline(RiskError):
    """No guideline of this code is held."""
