"""The one Django app."""

from django.apps import AppConfig
from django.conf import settings

from riskapp import keys, modelstore


class RiskAppConfig(AppConfig):
    name = "riskapp"
    verbose_name = "Trabecula"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from riskapp import gate  # noqa: F401 (registers its check; needs the models)

        # What a site trains itself lies with its other data, not in the installed package.
        modelstore.look_also_in(settings.MODEL_DIR)
        try:
            keys.ring()
        except keys.UnusableKeys as unusable:
            raise SystemExit(str(unusable)) from unusable
