"""The learned way that checks the geometric one; torch is imported only when it is used."""
