"""Every module that sends something; importing this one registers their handlers."""

from riskapp.actions import returning, writing_back

__all__ = ["returning", "writing_back"]
