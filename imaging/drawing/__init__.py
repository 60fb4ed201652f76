"""Pixels as pictures for people."""
