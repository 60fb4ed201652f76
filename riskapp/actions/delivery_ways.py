"""Every module that sends something; importing this one registers their handlers."""
