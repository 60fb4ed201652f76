"""Training on cohorts larger than one machine's memory, with Dask; docs/scale.md measures it."""
