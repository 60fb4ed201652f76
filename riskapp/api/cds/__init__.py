"""CDS Hooks 2.0: a hospital's record asks at moments of its work, and is answered in cards."""
