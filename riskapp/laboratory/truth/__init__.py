"""The test bench: engines judged against the true probabilities of simulated people."""
