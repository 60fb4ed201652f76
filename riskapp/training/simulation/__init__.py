"""People who never lived, whose true probabilities are known."""
