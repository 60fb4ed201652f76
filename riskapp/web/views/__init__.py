"""The pages, by noun. Views translate between HTTP and actions, and decide nothing."""
