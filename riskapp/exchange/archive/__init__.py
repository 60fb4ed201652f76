"""Talking with an archive of images: asking, fetching, bringing back. No Django in here."""
