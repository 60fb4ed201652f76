"""What is kept of an upload: the scan without a name, and apart from it whose it is."""
