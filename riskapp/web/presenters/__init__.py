"""Shapes for the page: where a mark lies, in percent, and how a number is written."""
