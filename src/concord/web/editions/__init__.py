"""Editions of publications: written, talked over, gone through, settled, approved, given out."""
