"""Checklists of reporting and of risk of bias, answered from a run as far as a run can."""
