"""What is wrong with a scan, found before any number of it is used."""
