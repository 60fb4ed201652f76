"""The report as one page of HTML that asks nothing of a network."""
