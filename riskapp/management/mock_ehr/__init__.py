"""A made-up hospital record that speaks SMART App Launch and CDS Hooks, for integrators to look at.

Another program: it shares no database, account or session with Trabecula, and calls it only over
HTTP, as a real record would. Started by ``serve --demo`` and in tests, and never elsewhere.
"""
