"""Feeds: what was due, what came, what was refused and why, and which version is in use."""
