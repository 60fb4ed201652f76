"""The authorization server: oauthlib's grants over django-oauth-toolkit's tables, by our rules."""
