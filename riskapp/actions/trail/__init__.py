"""The trail: how it is chained, noticed, witnessed, checked and shown."""
