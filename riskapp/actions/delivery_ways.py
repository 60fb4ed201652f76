"""Every module that sends something; importing this one registers their handlers."""

from riskapp.actions import committing, returning, sending_results, sending_webhooks, writing_back

__all__ = ["committing", "returning", "sending_results", "sending_webhooks", "writing_back"]
