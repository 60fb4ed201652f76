"""The one Django app."""

from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.core.signals import request_finished

from riskapp import keys, metrics, modelstore, request_id, tracing


class RiskAppConfig(AppConfig):
    name = "riskapp"
    verbose_name = "Trabecula"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from riskapp import gate  # noqa: F401 (registers its check; needs the models)

        if settings.TRACES:
            tracing.start(settings.TRACES)
        # What a site trains itself lies with its other data, not in the installed package.
        modelstore.look_also_in(settings.MODEL_DIR)
        # Whoever signs in anywhere gets a session that can be seen and ended.
        from riskapp.web import sessions  # models cannot be imported earlier

        user_logged_in.connect(sessions.note_sign_in, dispatch_uid="note_sign_in")
        user_logged_out.connect(sessions.note_sign_out, dispatch_uid="note_sign_out")
        try:
            keys.check()
        except keys.UnusableKeys as unusable:
            raise SystemExit(str(unusable)) from unusable
        user_login_failed.connect(_count_failed_sign_in, dispatch_uid="metrics")
        request_finished.connect(request_id.end, dispatch_uid="request_id")


def _count_failed_sign_in(**_: Any) -> None:
    metrics.FAILED_SIGN_INS.inc()
