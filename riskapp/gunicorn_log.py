"""What the web server itself writes, as discreet as the rest; named to it when it is started."""

import os
from typing import Any

from gunicorn.glogging import Logger

from riskapp.discreet_log import DiscreetFormatter, JsonFormatter

# When, how it ended and how long it took; of the address nothing, as anything may be typed there.
# The id finds the line of our own log with the view's name.
ACCESS_FORMAT = "%(t)s %(m)s %(s)s %(B)s %(M)s ms %({x-request-id}o)s"


class DiscreetLogger(Logger):
    """Gunicorn's own log: it quotes addresses of requests that it could not answer."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        as_json = os.environ.get("TRABECULA_LOG") == "json"
        for handler in self.error_log.handlers:
            handler.setFormatter(JsonFormatter() if as_json else DiscreetFormatter())
        for handler in self.access_log.handlers:  # off unless a site asks for it
            handler.setFormatter(JsonFormatter() if as_json else DiscreetFormatter("%(message)s"))
