"""How each kind of scan is measured: one module for each, chosen by ``imaging.measure``."""
