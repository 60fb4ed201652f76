"""Django's backend for SQLite, which reads each query's text once: the database's ``ENGINE``."""
