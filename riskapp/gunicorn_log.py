"""What the web server itself writes, as discreet as the rest; named to it when it is started."""

from typing import Any

from gunicorn.glogging import Logger

from riskapp.discreet_log import DiscreetFormatter


class DiscreetLogger(Logger):
    """Gunicorn's own log: it quotes addresses of requests that it could not answer."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(DiscreetFormatter())
        for handler in self.access_log.handlers:  # off unless a site asks for it
            handler.setFormatter(DiscreetFormatter("%(message)s"))
