"""Passwords that are made here, shown once and stored only as hashes."""

import secrets


def new_password() -> str:
    """80 random bits in five groups that can be read aloud and typed."""
    return "-".join(secrets.token_hex(2) for _ in range(5))
