"""FHIR Bulk Data Access 2.0 as the client: a record's patients, fetched as NDJSON."""
