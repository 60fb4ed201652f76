"""Tags of a file: what says whose it is, and the few that are kept."""
