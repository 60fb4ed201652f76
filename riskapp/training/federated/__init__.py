"""Training together: sites send masked sums, never rows; docs/federated.md says what goes where."""
