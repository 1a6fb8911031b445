"""Retention of the desk's records, and requests of the people they are about."""
