"""Why somebody could not sign in with a provider."""


class NotSignedIn(ValueError):
    """A sentence for who tried; it quotes nothing that came from elsewhere."""


class ProviderSilent(NotSignedIn):
    """The provider is not there, or answered something that cannot be used."""


class TooWeak(NotSignedIn):
    """The provider did not ask for as much as is needed here; asked again, it may."""
