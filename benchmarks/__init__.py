"""One script per claim of speed: ours, a peer in the same run, and their ratio."""
