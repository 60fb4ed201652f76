"""Cohorts: tables of people and what became of them, checked before anybody learns from them."""
