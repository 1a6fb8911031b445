"""The release queue: what waits to leave the evidence side, and the second person's decision."""
