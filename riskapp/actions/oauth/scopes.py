"""What may be asked for: each client by its own list."""

from typing import Any

from oauth2_provider.scopes import BaseScopes


class ClientScopes(BaseScopes):  # type: ignore[misc]
    """For the toolkit; what is granted is decided by ``validator.Validator.validate_scopes``."""

    def get_all_scopes(self) -> dict[str, str]:
        return {}

    def get_available_scopes(
        self, application: Any = None, request: Any = None, *args: Any, **kwargs: Any
    ) -> list[str]:
        return list(application.api_client.scopes) if application else []

    def get_default_scopes(self, *args: Any, **kwargs: Any) -> list[str]:
        return []
