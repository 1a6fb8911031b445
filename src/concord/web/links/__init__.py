"""Reviewers of uncertain links: two records beside each other, one pair at a time."""
