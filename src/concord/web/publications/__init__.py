"""What was published, as it was published, and the story of every figure in it."""
