"""Why a scan gives no measurement: one sentence that a radiographer can act on."""


class ScanError(Exception):
    """Base class, so that a door can catch everything a file can do wrong in one clause."""


class UnreadableScan(ScanError):
    """The bytes are not an image that can be opened safely."""


class MeasuringBroke(ScanError):
    """Our own code failed on a file; nothing is said about the file."""


class UnsuitableScan(ScanError):
    """The image opens, but bone cannot be measured on it.

    Attributes
    ----------
    modality : str or None
        What it is all the same, where that was seen before the trouble.
    code : str or None
        Of the finding that stops measuring, such as ``metal_or_implant``.
    """

    def __init__(self, sentence: str, modality: str | None = None, code: str | None = None) -> None:
        super().__init__(sentence)
        self.modality = modality
        self.code = code


class UnsuitableWeights(Exception):
    """A network on disk cannot be used; nothing is said about any scan."""
