"""SMART App Launch 2.2 as the app: what a record is told, and what is believed of it."""
