"""Why a record could not be asked or its answer is not used: one sentence for whoever launched."""


class LaunchProblem(Exception):
    """The launch ends here; opening it again from the record may help."""


class NoAnswer(LaunchProblem):
    """The record could not be reached, was too slow, or said too much: later it may."""


class NotAllowedThere(LaunchProblem):
    """The record refuses: the token is not valid, no longer or not for this."""


class TokenEnded(NotAllowedThere):
    """The record does not know the token any more (401); a new one may be let in."""
