"""Anything that sits: the forum's home, its agenda, one case at a time in the meeting."""
