"""Why somebody could not sign in with a provider."""


class NotSignedIn(ValueError):
    """A sentence for who tried; it quotes nothing that came from elsewhere."""


class ProviderSilent(NotSignedIn):
    """The provider is not there, or answered something that cannot be used."""
