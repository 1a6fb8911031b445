"""Indicators with what has been released about them. A number is shown only if a release holds it."""
