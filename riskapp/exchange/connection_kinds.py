"""Every kind of peer; importing this one lets all of them be read, whichever process reads."""

from riskapp.exchange import connection_sender

__all__ = ["connection_sender"]
