"""What public surveys tell of people: risk factors, densities and how they go together."""
