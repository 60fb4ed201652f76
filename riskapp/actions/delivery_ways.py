"""Every module that sends something; importing this one registers their handlers."""

from riskapp.actions import writing_back

__all__ = ["writing_back"]
