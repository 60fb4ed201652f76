"""What surrounds the product where it runs."""
