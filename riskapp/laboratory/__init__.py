"""The laboratory: cohort in; engines fitted, judged on people they never saw, and described."""
