"""How dense the bone is, in the units the scan allows."""
